"""`bin/bench release`: how much of a warehouse's call limit a release uses, and how fast it is without one."""
