"""The unprivileged account that root runs PostgreSQL as."""

from __future__ import annotations

import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from demo.errors import DemoError


@dataclass(frozen=True)
class Account:
    """A user id and its primary group id."""

    user: int
    group: int


def unprivileged_account() -> Account:
    """The account `postgres` where there is one, else `nobody`; neither is made nor changed.

    Raises:
        DemoError: this machine has neither.
    """
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise DemoError(
        "PostgreSQL refuses to run as root, and this machine has neither an account `postgres` nor `nobody`. "
        "Run as an ordinary user, or set FULFILMENT_DB_URL and AIRFLOW_DB_URL to an existing server."
    )


def can_reach(account: Account, path: Path) -> bool:
    """Whether the account may enter every folder above the path and read it, asked by trying it as that account."""
    asked = subprocess.run(  # noqa: S603 - fixed command, path of our own
        ["/usr/bin/env", "test", "-r", str(path)],
        user=account.user,
        group=account.group,
        extra_groups=(),
        cwd="/",
        check=False,
    )
    return asked.returncode == 0
