"""What we write into the mailbox of an X12 warehouse, and what we do there with files (release 004010)."""

from __future__ import annotations

from include.fulfilment.adapters.operations import FileStep, Message, Operation, Operations

_SETS = "https://zenbridge.io/edi-dictionary/X12/4010"
_SFTP = "https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02"


def _step(words: str) -> Operation:
    return Operation(FileStep(words), _SFTP, published=False)


OPERATIONS: Operations = {
    "940": Operation(Message("940"), _SETS),
    "997": Operation(Message("997"), _SETS),
    "list": _step("lists the files of a folder"),
    "fetch": _step("reads a file"),
    "write": _step("writes a message under a hidden name, and renames it"),
    "move": _step("moves a file to the archive or into quarantine"),
}
