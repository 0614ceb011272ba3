"""Errors named by what the caller should do about them.

FulfilmentError
├── ConfigError      a person must change a setting, a site file or a connection; retrying is useless
├── RetryableError   the same call may succeed later (network, 5xx, throttling)
├── TerminalError    the remote refused for good; retrying is useless
└── DataError        one record is unusable; the rest of the batch goes on
    └── Overtaken    what a person decided on is no longer so; look again

A business matter that somebody must settle is no error: it is an `ExceptionTicket`.
"""

from __future__ import annotations

__all__ = ["ConfigError", "DataError", "FulfilmentError", "Overtaken", "RetryableError", "TerminalError"]


class FulfilmentError(Exception):
    """Root of every error this package raises on purpose."""


class ConfigError(FulfilmentError):
    """A setting, site file, connection or permission is wrong; the text names it and the next step."""


class RetryableError(FulfilmentError):
    """A passing fault; `retry_after` holds the seconds the remote asked for, where it said. `got_on`: part of the work
    was done before, so that however often this is raised, it comes to its end."""

    def __init__(self, message: str, retry_after: float | None = None, *, got_on: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.got_on = got_on


class TerminalError(FulfilmentError):
    """The remote understood and refused; sending the same again changes nothing."""


class DataError(FulfilmentError):
    """One record is unusable; `subject` names it so that a ticket can be opened."""

    def __init__(self, message: str, subject: str = "") -> None:
        super().__init__(message)
        self.subject = subject


class Overtaken(DataError):
    """What a person decided on has changed or ended meanwhile; nothing was stored, and they should look again."""
