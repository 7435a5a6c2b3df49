"""What a yes or a no to a question says, what is only wished for, and whether somebody is married."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known


def negations(source: str, memory: str, asked: str = "") -> list[tuple[str, ...]]:
    said = [Said(source, "user", 2)]
    if asked:
        said.insert(0, Said(asked, "assistant", 1, asks=True))
    found = check(memory, said, known((one.text, None) for one in said))
    return [one.source for one in found or () if one.kind == "negation"]


@pytest.mark.parametrize(
    ("asked", "answer", "memory"),
    [
        ("Do you have any pets at home?", "No, none.", "The user has pets at home."),
        ("Thanks! Are you a vegetarian?", "Yes, since I was 20.", "The user is not a vegetarian."),
        ("Do you drink alcohol?", "Nope", "The user drinks alcohol."),
        ("您有没有孩子？", "没有", "用户有孩子。"),
        ("您好。请问您会开车吗？", "不会", "用户会开车。"),
        ("请问您会开车吗？", "会的，学过", "用户不会开车。"),
        ("您有驾照吗？", "有，去年刚考的。", "用户没有驾照。"),
    ],
)
def test_an_answer_says_what_was_asked(asked: str, answer: str, memory: str) -> None:
    assert negations(answer, memory, asked)
    assert not negations(answer, memory, "Here you are.")


@pytest.mark.parametrize(
    ("asked", "answer", "memory"),
    [
        ("Do you have any pets?", "No, none.", "The user wants pets."),
        ("Do you smoke?", "Yes, but not at home.", "The user does not smoke at home."),
        ("Do you want tea or coffee?", "No.", "The user wants coffee."),
        ("Do you eat meat?", "No problem!", "The user eats meat."),
        ("您有驾照吗？", "没有", "用户想考驾照。"),
        ("要靠窗的座位吗？", "不用，走道吧", "用户要靠走道的座位。"),
        ("您不吃肉吗？", "是的", "用户不吃肉。"),
    ],
)
def test_an_answer_says_no_more_than_that(asked: str, answer: str, memory: str) -> None:
    assert not negations(answer, memory, asked)


@pytest.mark.parametrize(
    ("source", "memory", "told"),
    [
        ("If I had a car I'd drive.", "The user has a car.", "If I had a car"),
        ("Hm. I wish I had a garden!", "The user has a garden.", "I wish I had a garden"),
        ("要是我有车就自己去了，现在打车。", "用户有车。", "要是我有车就自己去了"),
        ("I'm single, one ticket.", "The user is married.", "I'm single"),
        ("I am married, two kids.", "The user is divorced.", "I am married"),
        ("我还没结婚", "用户已婚。", "我还没结婚"),
        ("我结婚三年了", "用户未婚。", "我结婚"),
    ],
)
def test_what_is_wished_for_or_another_state_is_denied(source: str, memory: str, told: str) -> None:
    assert negations(source, memory) == [(told,)]


@pytest.mark.parametrize(
    ("source", "memory"),
    [
        ("If I had a car I'd drive.", "The user wants to buy a car."),
        ("If I have a day off I'll come.", "The user has a day off."),
        ("如果我有时间就去", "用户有时间。"),
        ("I was married, now I'm single.", "The user was married."),
        ("My sister is single, I'm married.", "The user's sister is single."),
        ("我姐姐未婚，我结婚了", "用户的姐姐未婚。"),
        ("I'm married.", "The user is single-minded."),
        ("I'm divorced.", "The user is single."),
        ("我已婚", "如果用户未婚，可以退票。"),
        ("I'm not in London itself.", "The user lives near London."),
        ("I don't live in London.", "The user lives near London."),
        ("I can't resist chocolate.", "The user loves chocolate."),
    ],
)
def test_what_may_be_so_is_not(source: str, memory: str) -> None:
    assert not negations(source, memory)


@pytest.mark.parametrize(
    ("source", "memory"),
    [
        ("I can't resist dark chocolate.", "The user does not like dark chocolate."),
        ("I can't wait to see the sea.", "The user does not want to see the sea."),
        ("I couldn't be happier with the bike.", "The user is not happy with the bike."),
        ("我抵挡不住甜食的诱惑", "用户讨厌甜食。"),
        ("I'm not in London itself.", "The user lives in London."),
    ],
)
def test_what_denies_nothing_affirms(source: str, memory: str) -> None:
    assert negations(source, memory)


@pytest.mark.parametrize(("length", "is_told"), [("120", False), ("130", True)])
def test_a_length_in_metres_and_more_is_one_number(length: str, is_told: bool) -> None:
    said = Said("桌子1米2长", "user", 1)
    found = check(f"用户的桌子长{length}厘米。", [said], known([(said.text, None)])) or []
    assert (["number"] if is_told else []) == [one.kind for one in found]
