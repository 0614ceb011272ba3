"""What only the demo and the tests need: the supervised runtime, the real warehouse beside it, orders to load.

Nothing under `include/`, `dags/` or `plugins/` imports this package, and nothing of it ships to production.
"""
