"""Keeps SparkLayer B2B and a warehouse in step; see README.md for the rooms and their order."""
