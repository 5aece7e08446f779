# what t/ installs and distributes
