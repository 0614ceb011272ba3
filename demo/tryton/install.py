"""Install Tryton beside the demo: its own virtual environment, and one database that fresh runs are copied from.

Tryton is GPL-3.0-or-later, so it stays a program of its own: nothing of it is imported here, it is run and talked to.
Every step is stamped with what it was made from; a half-made one has no stamp and is made again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from demo.errors import DemoError
from demo.secrets import SecretFiles, password

DATABASE = "warehouse"
ADMIN, FLOOR, INTEGRATION = "admin", "floor", "integration"
_MODULES = ("ir", "res", "sale", "stock_package_shipping")
_HERE = Path(__file__).parent
_LOCK_FILE = _HERE / "requirements.lock"
_LAST_LINES = 15


class Home:
    """Where one installation keeps its warehouse; `state` is the checkout's state folder."""

    def __init__(self, state: Path) -> None:
        self.root = state / "tryton"
        self.venv = self.root / "venv"
        self.template = self.root / "template"
        self.data = self.root / "db"
        self.root.mkdir(parents=True, exist_ok=True)
        self._secrets = SecretFiles(state / "secrets")

    def password_of(self, login: str) -> str:
        """The password of one of the warehouse's logins, made on first use."""
        return self._secrets.get(f"tryton_{login}_password", password)

    @property
    def api_key(self) -> str:
        """The integration's key for Tryton's REST door, made on first use."""
        return self._secrets.get("tryton_api_key")

    def password_file(self, login: str) -> Path:
        """The file that holds the password, for programs that read one."""
        self.password_of(login)
        return self._secrets.path(f"tryton_{login}_password")

    def program(self, name: str) -> str:
        """One of Tryton's own programs."""
        return str(self.venv / "bin" / name)

    def database_file(self, folder: Path) -> Path:
        """The database in a folder of databases."""
        return folder / f"{DATABASE}.sqlite"


def install(home: Home, say: Callable[[str], None] = print) -> None:
    """Make the virtual environment, unless it stands already. Takes seconds; needs the package index once.

    Raises:
        DemoError: a package could not be installed.
    """
    stamp, wanted = home.venv / "installed.sha256", _digest(_LOCK_FILE.read_bytes(), sys.version.encode())
    with only_one(home.root / "install.lock"):
        if _read(stamp) == wanted:
            return
        say("Installing Tryton 8.0, the warehouse")
        shutil.rmtree(home.venv, ignore_errors=True)
        uv = str(Path(sys.executable).with_name("uv"))
        run([uv, "venv", "--quiet", "--python", sys.executable, str(home.venv)], "make the warehouse's environment")
        python = home.program("python")
        arguments = [
            "--quiet",
            "--system-certs",
            "--python",
            python,
            "--require-hashes",
            "--requirement",
            str(_LOCK_FILE),
        ]
        run([uv, "pip", "install", *arguments], "install Tryton")
        stamp.write_text(wanted, encoding="utf-8")


def make_template(home: Home, set_up: Callable[[Path], None], version: str, say: Callable[[str], None] = print) -> None:
    """Make the database that fresh runs are copied from: modules activated, then `set_up(folder)`. About 30 s, once.

    `version` names what `set_up` makes; another version makes the template anew.
    """
    secrets = "".join(home.password_of(login) for login in (ADMIN, FLOOR)) + home.api_key
    wanted = _digest(_LOCK_FILE.read_bytes(), version.encode(), secrets.encode())
    with only_one(home.root / "template.lock"):
        if _read(home.template / "made.sha256") == wanted:
            return
        say("Creating the warehouse's database (half a minute, once)")
        part = home.root / "template.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        home.database_file(part).touch()
        _activate(home, part)
        set_up(part)
        settle(home.database_file(part))
        (part / "made.sha256").write_text(wanted, encoding="utf-8")
        shutil.rmtree(home.template, ignore_errors=True)
        part.rename(home.template)


def fresh_database(home: Home, folder: Path) -> None:
    """Put an empty warehouse into `folder`, in place of whatever was there; its server must not run."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = home.database_file(folder)
    for suffix in ("", "-wal", "-shm"):  # stale ones beside a new file corrupt it
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    part = target.with_suffix(".part")
    shutil.copyfile(home.database_file(home.template), part)
    part.replace(target)


def write_config(home: Home, folder: Path, port: int) -> Path:
    """The server's configuration for one database folder and port; answers its path."""
    text = f"""[database]
uri = sqlite://
path = {folder}
list = False
[web]
listen = 127.0.0.1:{port}
[session]
timeout = 86400
"""
    file = folder / "trytond.conf"
    file.write_text(text, encoding="utf-8")
    return file


def settle(database: Path) -> None:
    """Write the journal back, so that the file alone is the database."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


@contextlib.contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Let one process of this installation in at a time."""
    with lock_file.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(argv: list[str], what: str, **env: str) -> None:
    """Run one program to its end.

    Raises:
        DemoError: it failed; the message has its last lines.
    """
    done = subprocess.run(  # noqa: S603 - no shell; the commands are the demo's own
        argv, env=own_environment() | env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stderr + done.stdout).splitlines()[-_LAST_LINES:])
        raise DemoError(f"Could not {what} (exit code {done.returncode}). Its last lines:\n{last}")


def own_environment() -> dict[str, str]:
    """This process's environment without what would steer Python or Tryton from outside."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRYTON"))}


def _activate(home: Home, folder: Path) -> None:
    config = write_config(home, folder, 0)
    argv = [home.program("trytond-admin"), "-c", str(config), "-d", DATABASE, "--update", *_MODULES]
    options = ["--activate-dependencies", "--update-modules-list", "--email", "admin@warehouse.invalid"]
    passfile = str(home.password_file(ADMIN))
    run([*argv, *options], "create the warehouse's database", TRYTONPASSFILE=passfile)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
