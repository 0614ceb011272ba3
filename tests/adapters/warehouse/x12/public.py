"""Public samples of X12 messages and grammars of release 4010, where they are at hand beside the checkout."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from demo.truth import grammar as truth
from demo.truth.schemas import SHARED

SAMPLES, GRAMMAR_FILES = SHARED / "data" / "edi", SHARED / "specs" / "x12"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample messages in {SAMPLES}")
needs_grammars = pytest.mark.skipif(not GRAMMAR_FILES.is_dir(), reason=f"no X12 grammars in {GRAMMAR_FILES}")


def grammar(code: str) -> ET.Element:
    """The grammar of one message."""
    return truth.grammar(GRAMMAR_FILES, code)
