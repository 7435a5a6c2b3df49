"""Regular expressions of the program: what the Pythons that it runs on read alike."""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

import pytest

import memos_admin

LATER = {"POSSESSIVE_REPEAT", "ATOMIC_GROUP"}
"""What Python 3.11.0 to 3.11.4 match wrongly, or never come back from (CPython's issue 106052)."""


def patterns(value: object) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns that are a value, or stand in it."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from patterns(one)
    elif isinstance(value, dict):
        yield from patterns([*value.keys(), *value.values()])


def operations(parsed: object) -> Iterator[str]:
    """Yield the names of all operations of a parsed pattern."""
    if isinstance(parsed, (parser.SubPattern, tuple, list)):
        for one in parsed:
            yield from operations(one)
    elif isinstance(name := getattr(parsed, "name", None), str):
        yield name


def needs_a_later_python(pattern: re.Pattern[Any]) -> bool:
    return not LATER.isdisjoint(operations(parser.parse(pattern.pattern, pattern.flags)))


@pytest.mark.parametrize("pattern", ["(?:a++)b", "x|(?:[ab]*+)", "(?>ab)c"])
def test_what_needs_a_later_python_is_seen(pattern: str) -> None:
    assert needs_a_later_python(re.compile(pattern))


def test_every_supported_python_reads_the_patterns_alike() -> None:
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(memos_admin.__path__, "memos_admin."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in patterns(value):
                found[f"{module.name}.{name} {pattern.pattern!r:.60}"] = pattern
    assert len(found) > 100
    assert [where for where, pattern in found.items() if needs_a_later_python(pattern)] == []
