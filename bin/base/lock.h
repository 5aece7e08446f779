/*
 * lock: an exclusive flock(2) that is waited for so long and no longer.
 *
 *	r = lock_wait(fd, seconds);    1 ours, 0 busy, -1 with errno
 *
 * It goes with the descriptor, and so with the process.
 */
#ifndef EV_BASE_LOCK_H
#define EV_BASE_LOCK_H

int lock_wait(int fd, unsigned seconds);

#endif
