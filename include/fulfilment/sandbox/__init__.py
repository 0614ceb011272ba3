"""Stand-in outside systems that speak the real wire formats, with limits and a fault plan: for the demo and the tests.

The room imports nothing of the rest of the package, so that a mistake there cannot hide behind the same mistake here.
"""
