# what share/ installs and distributes
