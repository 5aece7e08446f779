# what man/ installs and distributes
