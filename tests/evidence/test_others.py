"""Whether only another person said what is told of the user."""

from __future__ import annotations

import pytest

from memos_admin.backend.authors import Writer, writer
from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.comparing import with_questions
from memos_admin.backend.evidence.facts import known

ME = "ada-1"
OWN = writer("user", ME, "Ada", ME)
BEA = writer("user", "bea-7", "Bea", ME)
MING = writer("user", "wxm", "王小明", ME)
SOMEBODY = writer("user", None, "Carol", ME)
ASSISTANT = Writer("assistant", "assistant")
TEA = "I like jasmine tea in the morning."


def kinds(memory: str, *said: tuple[str, Writer | None]) -> list[str]:
    texts = [Said(text, "user", seq, by=by) for seq, (text, by) in enumerate(said, 1)]
    found = check(memory, texts, known((one.text, None) for one in texts))
    return [one.kind for one in found or ()]


@pytest.mark.parametrize(
    ("memory", "by"),
    [
        ("[user perspective] The user likes jasmine tea in the morning.", BEA),
        ("The user likes jasmine tea.", BEA),
        ("[assistant's inference] The user likes tea.", BEA),
        ("The user likes jasmine tea in the morning.", writer("user", "user_42", None, ME)),
        ("用户早上喜欢 jasmine tea。", MING),
    ],
)
def test_only_another_person_said_it(memory: str, by: Writer) -> None:
    assert "another person" in kinds(memory, (TEA, by))
    assert "another person" in kinds(memory, ("Who likes tea?", ASSISTANT), (TEA, by))


@pytest.mark.parametrize("by", [OWN, SOMEBODY, None, ASSISTANT])
def test_nothing_is_told_where_the_user_said_it_or_it_is_not_known(by: Writer | None) -> None:
    assert "another person" not in kinds("The user likes jasmine tea.", (TEA, by))


@pytest.mark.parametrize("by", [OWN, SOMEBODY, None])
def test_nothing_is_told_where_the_user_may_have_said_it_too(by: Writer | None) -> None:
    assert kinds("The user likes jasmine tea.", (TEA, BEA), (TEA, by)) == []


@pytest.mark.parametrize(
    ("memory", "by"),
    [
        ("[user perspective] Bea likes jasmine tea.", BEA),
        ("The user makes jasmine tea for bea in the morning.", BEA),
        ("The user's flatmates like jasmine tea.", BEA),
        ("用户记得小明早上喝 jasmine tea。", MING),
        ("Jasmine tea is for the morning.", BEA),
    ],
)
def test_a_memory_of_somebody_else_may_come_from_somebody_else(memory: str, by: Writer) -> None:
    assert kinds(memory, (TEA, by)) == []


def test_what_somebody_else_says_of_himself_is_no_contradiction_of_the_user() -> None:
    hates = "I hate olives and can't stand them."
    assert kinds("The user likes olives.", (hates, OWN)) == ["negation"]
    assert kinds("The user likes olives.", (hates, BEA)) == ["another person"]
    sister = "My sister works as a nurse in Graz."
    assert kinds("The user works as a nurse in Graz.", (sister, OWN)) == ["person"]
    assert kinds("The user works as a nurse in Graz.", (sister, BEA)) == ["another person"]


def test_a_short_answer_is_read_with_the_question_of_another_person() -> None:
    asked = Said("Do you want the blue sofa from Bergen?", "user", 1, by=BEA)
    answer = Said("Yes, please", "user", 2, by=OWN)
    assert [one.asks for one in with_questions([answer], lambda _seq: asked)] == [True, False]
    own = asked._replace(by=OWN)
    assert with_questions([answer], lambda _seq: own) == [answer]
