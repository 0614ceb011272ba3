"""A new warehouse dialect, written from templates."""
