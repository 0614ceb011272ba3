"""What a sandbox says when somebody at its control door asks for the impossible."""

from __future__ import annotations


class Refused(Exception):
    """What was asked for is not possible; the text is a whole sentence for the person at the door."""
