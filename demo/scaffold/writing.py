"""What a new dialect consists of: its own files from the templates, and its entries in the provider and its page.

Everything is worked out before anything is written, so that a refusal leaves the checkout as it was.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from string import Template

from demo.errors import DemoError

TEMPLATES = Path(__file__).with_name("templates")
PROVIDER, HOOKS = "provider/fulfilment_provider/__init__.py", "provider/fulfilment_provider/hooks.py"
CONNECTIONS = "docs/connections.md"
_NAME = re.compile("[a-z][a-z0-9]{1,19}")
_STANDS_FOR_NAME, _SUFFIX = "NAME", ".txt"

_TYPE = Template("""def _$name() -> dict[str, Any]:
    fields = {
        "host": ("API address", "https://api.example.com"),
        "password": ("API key", "of a user of its own"),
    }
    return _type("$name", "Fulfilment: $Name", fields, {})


""")
_HOOK = Template('''

class ${Name}Hook(RemoteHook):
    """One $Name account."""

    conn_type = "fulfilment_$name"
    hook_name = "Fulfilment: $Name"
    dialect = "$name"
''')
_ROW = Template("| `fulfilment_$name` | `https://api.example.com` | – | API key | – | – |\n")


@dataclass(frozen=True, slots=True)
class Planned:
    """A file as it shall be; `path` below the checkout, `there` where it exists and gets an entry more."""

    path: str
    text: str
    there: bool


def planned(checkout: Path, name: str) -> list[Planned]:
    """The files of the dialect `name`. Raises DemoError where the name will not do, or there is something of it."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise DemoError(f"{name!r} is no name for a dialect: a small letter, then small letters or digits, 20 at most")
    words = {"name": name, "Name": name.capitalize()}
    made = [
        Planned(
            _target(file, name), _sorted_imports(Template(file.read_text(encoding="utf-8")).substitute(words)), False
        )
        for file in sorted(TEMPLATES.rglob(f"*{_SUFFIX}"))
    ]
    taken = sorted({folder for each in made if (folder := _taken(checkout, each.path, name))})
    if taken:
        raise DemoError(f"there is something called {name!r} already: {', '.join(taken)}; nothing was written")
    return [*made, *(_changed(checkout, path, change, words) for path, change in _CHANGES.items())]


def write(checkout: Path, files: Sequence[Planned]) -> None:
    """Write what was planned."""
    for each in files:
        (checkout / each.path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / each.path).write_text(each.text, encoding="utf-8")


def _target(file: Path, name: str) -> str:
    return file.relative_to(TEMPLATES).as_posix().removesuffix(_SUFFIX).replace(_STANDS_FOR_NAME, name)


def _taken(checkout: Path, path: str, name: str) -> str:
    """The first part of the path that is the dialect's own, where something is there already."""
    parts = Path(path).parts
    own = next(position for position, part in enumerate(parts, 1) if Path(part).stem == name)
    found = Path(*parts[:own])
    return found.as_posix() if (checkout / found).exists() else ""


def _sorted_imports(text: str) -> str:
    """Imports that follow each other by name: where the dialect's comes depends on what it is called."""
    runs = groupby(text.splitlines(keepends=True), key=lambda line: bool(re.match(r"from include\.[^(]+$", line)))
    return "".join(line for plain, lines in runs for line in (sorted(lines) if plain else lines))


def _changed(checkout: Path, path: str, change: Callable[[str, dict[str, str]], str], words: dict[str, str]) -> Planned:
    before = (checkout / path).read_text(encoding="utf-8")
    after = change(before, words)
    if after == before:
        raise DemoError(f"{path} has no place for another dialect as it stands; nothing was written")
    return Planned(path, after, True)


def _with_type(text: str, words: dict[str, str]) -> str:
    """One more call in the list of warehouses, and the function that it calls before the next thing."""
    calls = r"(def _warehouses\(\)[^\n]*\n    return \[(?:\n        _\w+\(\),)+)"
    listed = re.sub(calls, rf"\1\n        _{words['name']}(),", text, count=1)
    placed = listed.replace("_STANDARD = ", f"{_TYPE.substitute(words)}_STANDARD = ", 1)
    return text if listed == text or placed == listed else placed


def _with_hook(text: str, words: dict[str, str]) -> str:
    return text + _HOOK.substitute(words) if "class " in text else text


def _with_row(text: str, words: dict[str, str]) -> str:
    """One more row at the end of the first table of types."""
    return re.sub(
        r"(\| Type \| Host \|[^\n]*\n(?:\|[^\n]*\n)+)", lambda at: at[1] + _ROW.substitute(words), text, count=1
    )


_CHANGES = {PROVIDER: _with_type, HOOKS: _with_hook, CONNECTIONS: _with_row}
