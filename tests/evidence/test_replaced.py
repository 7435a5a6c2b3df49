"""What a message sets aside for something else, and what of it a memory may say."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known


def kinds(source: str, memory: str) -> set[str]:
    found = check(memory, [Said(source, "user", 1)], known([(source, None)]))
    return {one.kind for one in found or ()}


@pytest.mark.parametrize(
    ("source", "memory"),
    [
        ("I'd like tea instead of coffee with breakfast.", "The user wants coffee with breakfast."),
        ("We took the train rather than the plane.", "The user took the plane."),
        ("I'd rather take the train than the plane.", "The user prefers the plane."),
        ("I live in Leeds. Not in London but in Leeds.", "The user lives in London."),
        ("Our vet is Dr. Okafor, not Dr. Okoro.", "The user's vet is Dr. Okoro."),
        ("We moved from Denver to Austin.", "The user lives in Denver."),
        ("They changed my shift from Tuesday to Thursday.", "The user's shift is on Tuesday."),
        ("I resigned from the bank last week.", "The user works at the bank."),
        ("我住上海，不是北京。", "用户住在北京。"),
        ("不是咖啡，是茶。", "用户喝咖啡。"),
        ("我早饭喝豆浆，而不是牛奶。", "用户早饭喝牛奶。"),
        ("与其坐飞机，不如坐高铁。", "用户要坐飞机。"),
        ("房租从3500涨到了3800。", "用户的房租是3500元。"),
        ("我从银行辞职了。", "用户在银行上班。"),
    ],
)
def test_what_is_set_aside_is_denied(source: str, memory: str) -> None:
    assert kinds(source, memory) == {"negation"}


@pytest.mark.parametrize(
    ("source", "memory"),
    [
        ("We took the train rather than the plane.", "The user is afraid of planes."),
        ("We took the train rather than the plane.", "The user did not take the plane."),
        ("I'd like tea instead of coffee.", "The user prefers tea over coffee."),
        ("Could I have tea instead of coffee?", "The user wants coffee."),
        (
            "At home I drink tea rather than coffee, at work I drink coffee.",
            "The user drinks coffee.",
        ),
        ("We're going to move from Denver to Austin.", "The user lives in Denver."),
        ("We moved from Denver to Austin.", "The user was born in Denver."),
        ("We moved from Denver to Austin.", "The user used to live in Denver."),
        ("We moved from Denver to Austin.", "The user moved away from Denver."),
        ("The price went from 20 to 30 euros.", "The user paid 20 euros."),
        ("I retired from the bank.", "The user worked at the bank."),
        ("我们打算从老家搬到重庆。", "用户住在老家。"),
        ("我想从银行辞职。", "用户在银行上班。"),
        ("我从银行辞职了。", "用户以前在银行上班。"),
        ("我很累，不是很想去。", "用户很累。"),
        ("不是我不想去，是没时间。", "用户没时间去。"),
        ("房租从3500涨到了3800。", "用户原来的房租是3500元。"),
    ],
)
def test_what_may_be_so_beside_is_not(source: str, memory: str) -> None:
    assert kinds(source, memory) == set()


def test_the_sentence_that_sets_it_aside_is_quoted() -> None:
    source = "Hello. I want the blue one instead of the red one, please."
    found = check("The user wants the red one.", [Said(source, "user", 4)], known([(source, None)]))
    assert found is not None
    assert [(one.source, one.seqs) for one in found] == [
        (("I want the blue one instead of the red one",), (4,))
    ]
