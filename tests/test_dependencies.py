"""What the project stands on: each with its reason, each locked. What is imported `make check` holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(SOURCE)
GROUPS = PROJECT["dependency-groups"]
DECLARED: dict[str, list[str]] = {
    "requirements.lock": [*PROJECT["project"]["dependencies"], *GROUPS["dev"]],
    "audit.lock": GROUPS["audit"],
}
ALL = [
    *(one for some in DECLARED.values() for one in some),
    *(one for some in PROJECT["project"]["optional-dependencies"].values() for one in some),
]


def named(requirement: str) -> str:
    """The name of a distribution, as lock files write it."""
    return re.split(r"[<>=;\[ ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("requirement", sorted(set(ALL)))
def test_every_dependency_has_its_reason_beside_it(requirement: str) -> None:
    lines = [line for line in SOURCE.splitlines() if f'"{requirement}"' in line]
    assert lines
    for line in lines:
        assert re.search(r'",\s*# \S+( \S+)+', line), line


@pytest.mark.parametrize("lock", DECLARED)
def test_the_lock_has_every_dependency_with_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = dict(re.findall(r"^([a-z0-9.-]+)==(.*(?:\n {4}.*)*)", text, re.MULTILINE))
    assert {named(one) for one in DECLARED[lock]} <= entries.keys()
    assert [name for name, rest in entries.items() if "--hash=sha256:" not in rest] == []
    assert len(entries) == len(re.findall(r"^[^# \n]", text, re.MULTILINE))
    others = [line for line in text.splitlines() if re.match(r"[^# ].*(://|@ |-e )", line)]
    assert others == []
