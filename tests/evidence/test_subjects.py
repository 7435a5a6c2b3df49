"""Denials about one person beside what is said of another one."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from memos_admin.backend.evidence import denials
from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known


def kinds(memory: str, source: str) -> set[str]:
    """Return the kinds of what does not agree."""
    found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
    return {one.kind for one in found}


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        (
            "The user and the husband have no children.",
            "My husband and I don't have children, but my sister has twins.",
        ),
        ("The user does not have a car.", "I don't have a car, but my neighbour has a van."),
        ("The user has no garden.", "We have no garden, our parents have one."),
        ("The user does not eat meat.", "I don't eat meat, but my wife eats meat."),
        ("The user's wife eats meat.", "I don't eat meat, but my wife eats meat."),
        ("The user does not smoke.", "My husband smokes, I don't smoke."),
        ("The user's husband smokes.", "My husband smokes, I don't smoke."),
        (
            "The user's brother has a licence.",
            "I don't have a licence, but my brother has a licence.",
        ),
        ("The user's brother has a licence.", "I don't have a licence but my brother does."),
        ("The user's son does not drink milk.", "I drink milk, my son doesn't drink milk."),
        ("The user drinks milk.", "I drink milk, my son doesn't drink milk."),
        ("用户和先生没有孩子。", "我和先生没有孩子，但我姐姐有双胞胎。"),
        ("用户没有车。", "我没有车，我邻居有车。"),
        ("用户不吃肉。", "我不吃肉，我老婆吃肉。"),
        ("用户的老婆吃肉。", "我不吃肉，我老婆吃肉。"),
        ("用户不抽烟。", "我老公抽烟，我不抽烟。"),
    ],
)
def test_what_is_denied_of_one_person_says_nothing_of_another_one(memory: str, source: str) -> None:
    assert "negation" not in kinds(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        (
            "The user and the husband have children.",
            "My husband and I don't have children, but my sister has twins.",
        ),
        (
            "The user and the husband have children.",
            "My husband and I don't have children, but my sister has three children.",
        ),
        ("The user has a car.", "I don't have a car, but my neighbour has a car."),
        ("The user eats meat.", "I don't eat meat, but my wife eats meat."),
        ("The user smokes.", "My husband smokes, I don't smoke."),
        ("The user's wife does not eat meat.", "I don't eat meat, but my wife eats meat."),
        ("The user's son drinks milk.", "I drink milk, my son doesn't drink milk."),
        ("The user drinks no milk.", "I drink milk, my son doesn't drink milk."),
        (
            "The user's sister has no twins.",
            "My husband and I don't have children, but my sister has twins.",
        ),
        ("用户吃肉。", "我不吃肉，我老婆吃肉。"),
        ("用户抽烟。", "我老公抽烟，我不抽烟。"),
        ("用户的老婆不吃肉。", "我不吃肉，我老婆吃肉。"),
    ],
)
def test_what_is_denied_of_the_same_person_is_told(memory: str, source: str) -> None:
    assert "negation" in kinds(memory, source)


def test_each_thing_of_a_long_list_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = Counter[tuple[int, int]]()

    def thing(text: str, span: tuple[int, int]) -> re.Match[str] | None:
        looked[span] += 1
        return _thing(text, span)

    _thing = denials._thing
    monkeypatch.setattr(denials, "_thing", thing)
    denials.clauses("I sell plums, " + "pears, " * 300)
    assert max(looked.values()) == 1
