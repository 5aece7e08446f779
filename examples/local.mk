EXTRA_DIST += examples/growth
