"""Secrets of one installation: made once, kept in files that only their owner can read."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path


class SecretFiles:
    """A folder (mode 0700) with one file (mode 0600) per secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def path(self, name: str) -> Path:
        """Where the secret of that name is kept."""
        return self.folder / name

    def write(self, name: str, text: str) -> Path:
        """Keep a secret, replacing an older one in one step, and answer its path."""
        part = self.folder / f".{name}.{os.getpid()}"
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        part.write_text(text, encoding="utf-8")
        return part.replace(self.path(name))

    def get(self, name: str, make: Callable[[], str] | None = None) -> str:
        """The secret of that name; made on the first call (64 URL-safe characters unless `make` says otherwise)."""
        try:
            text = self.path(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        if not text:
            text = make() if make else secrets.token_urlsafe(48)
            self.write(name, text)
        return text


def fernet_key() -> str:
    """A key in the form Airflow's Fernet encryption takes: 32 random bytes, URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def password() -> str:
    """A password that a person can copy from the terminal: 16 URL-safe characters."""
    return secrets.token_urlsafe(12)
