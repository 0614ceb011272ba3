"""What every HTTP client of a process would read anew: the certificates that this machine trusts."""

from __future__ import annotations

import functools
import ssl


def read_certificates_once() -> None:
    """Let all clients of this process share one context, where hundreds are made; each would take a twentieth of a
    second."""
    vars(ssl)["create_default_context"] = functools.cache(ssl.create_default_context)
