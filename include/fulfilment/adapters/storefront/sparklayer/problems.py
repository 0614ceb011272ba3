"""What SparkLayer says when it refuses: problem details after RFC 7807, or nothing at all.

`title`, `status`, `detail` and an optional `errors[]` of `{code, message, property}`; some answers have no body
(https://docs.sparklayer.io/developers/errors).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from include.fulfilment.adapters.transport import RemoteRefusal
from include.fulfilment.mapping.text import storable
from include.fulfilment.ports import Rejected

_WORDS = 300


@dataclass(frozen=True, slots=True)
class ProblemError:
    """One entry of `errors[]`; `where` is the property it names."""

    code: str
    message: str
    where: str


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """One refusal in SparkLayer's words, bounded and safe to keep."""

    status: int
    title: str
    detail: str
    errors: tuple[ProblemError, ...]

    @property
    def words(self) -> str:
        """One sentence for a person."""
        said = [each for each in (self.title, self.detail, *map(_sentence, self.errors)) if each]
        return ("; ".join(dict.fromkeys(said)) or f"answer {self.status} without a reason")[:_WORDS]

    def says(self, words: Sequence[str]) -> bool:
        """Whether one of these words stands in it, whatever its case."""
        text = " ".join((self.title, self.detail, *(f"{each.code} {each.message}" for each in self.errors))).lower()
        return any(word.lower() in text for word in words)

    def rejected(self) -> Rejected:
        """The refusal as an answer: it is definite."""
        first = self.errors[0] if self.errors else ProblemError("", "", "")
        return Rejected(first.code or f"http_{self.status}", self.words, first.where)


def read_problem(refusal: RemoteRefusal) -> ProblemDetails:
    """What the remote said in a refusal, however little."""
    body = refusal.body if isinstance(refusal.body, dict) else {}
    listed = body.get("errors") if isinstance(body.get("errors"), list) else refusal.body
    errors = tuple(_error(each) for each in listed[:50] if isinstance(each, dict)) if isinstance(listed, list) else ()
    return ProblemDetails(refusal.status, _text(body.get("title")), _text(body.get("detail")), errors)


def _error(raw: dict[str, Any]) -> ProblemError:
    # Some older 400 answers are a bare list of {line, field, message} instead.
    where = raw.get("property") or raw.get("field")
    return ProblemError(_text(raw.get("code")), _text(raw.get("message")), _text(where))


def _sentence(error: ProblemError) -> str:
    return f"{error.where}: {error.message}" if error.where else error.message or error.code


def _text(value: Any) -> str:
    return storable(value[:_WORDS]) if isinstance(value, str) else ""
