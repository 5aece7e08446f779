# what examples/ installs and distributes
