"""The demo's real warehouse: a Tryton 8.0 server of its own, its set-up, and the staff on its floor."""
