"""What is told in one language and remembered in the other, and several things of one memory that do not agree."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.across import flips_across
from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known

BOTH = "I live in Paris since 2019. 我对花生过敏。"


def negations(memory: str, source: str, role: str = "user") -> list[tuple[str, str, bool]]:
    found = check(memory, [Said(source, role, 1)], known([(source, None)])) or []
    return [
        (one.memory[0], one.source[0], one.memory_denies) for one in found if one.kind == "negation"
    ]


def test_all_that_does_not_agree_is_told() -> None:
    assert sorted(negations("用户不住在 Paris，对花生不过敏。", BOTH)) == [
        ("对花生不过敏", "我对花生过敏", True),
        ("用户不住在 Paris", "I live in Paris", True),
    ]
    told = negations(
        "The user drinks coffee. The user eats meat.", "I don't drink coffee. I don't eat meat."
    )
    assert [mine for mine, _theirs, _denies in told] == [
        "The user drinks coffee",
        "The user eats meat",
    ]


def test_a_clause_goes_on_with_who_was_told_of_before() -> None:
    told = negations(
        "The user lives in Paris, doesn't like Nutella.", "我不住在 Paris，喜欢 Nutella。"
    )
    assert [denies for _mine, _theirs, denies in told] == [False, True]
    assert not negations("The user works at Bosch.", "我姐姐是老师，不在 Bosch 工作。")
    assert not negations("The user works at Bosch.", "我是老师。不在 Bosch 工作的是她。")


def test_only_what_the_user_says_of_himself_counts() -> None:
    assert negations("用户不住在 Paris。", "I live in Paris.")
    assert not negations("用户不住在 Paris。", "I live in Paris.", "assistant")


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("用户不住在 Paris。", "I do not live in Paris."),
        ("用户不住在 Paris。", "I work in Paris."),
        ("用户不住在 Paris。", "I live in Prague."),
        ("用户不住在 Paris。", "I live in Paris in winter, 夏天我不住在 Paris。"),
        ("用户不住在 Paris。", "Would I live in Paris?"),
        ("用户不在 Bosch 工作。", "My brother works at Bosch."),
        ("用户以前不喜欢 Tokyo。", "I like Tokyo."),
        ("The user does not live in Paris.", "I live in Paris."),  # one language: another rule
    ],
)
def test_what_is_no_flip_across_languages(memory: str, source: str) -> None:
    assert not [*flips_across(memory, source)]
