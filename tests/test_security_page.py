"""SECURITY.md names places and tests: they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
FILES = set(re.findall(r"`((?:memos_admin|tests|docs)/[\w./-]+)`|\]\((docs/[\w-]+\.md)\)", PAGE))
TESTS = re.findall(r"`(test_\w+)` in `(tests/[\w/]+\.py)`", PAGE)


@pytest.mark.parametrize("name", sorted({"".join(found) for found in FILES}))
def test_a_file_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


@pytest.mark.parametrize(("test", "file"), TESTS)
def test_a_test_that_is_named_is_there(test: str, file: str) -> None:
    assert re.search(rf"^\s*(async )?def {test}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_every_named_test_is_looked_for() -> None:
    assert len(TESTS) == len(re.findall(r"`test_\w+`", PAGE)) > 0
