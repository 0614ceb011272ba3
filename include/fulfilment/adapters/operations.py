"""What an adapter can send, as data: the module `operations` of each dialect's package holds its `OPERATIONS`, by the
name under which the call is counted (`on_call`).

The tables send nothing: `docs/operations.md` is made from them, and the tests hold them against what is really sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A call by method and path. `{name}` in a path stands for one part of it, a version included."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Document:
    """A GraphQL operation in each of the forms in which it is sent: the same question about one record or several."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is written into a mailbox, by the code of its transaction set."""

    code: str


@dataclass(frozen=True, slots=True)
class FileStep:
    """What is done with a file, in a mailbox or where the remote put it; there is no content of ours in it."""

    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation and where its vendor describes it (`page`: an address, or a file of the vendor's own source).

    `published` says that the vendor's schema which the tests know has it; one that has not is sent as `page` says.
    """

    sends: HttpCall | Document | Message | FileStep
    page: str
    published: bool = True


Operations = Mapping[str, Operation]
