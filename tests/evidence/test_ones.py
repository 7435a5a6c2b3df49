"""One thing that a memory has, and several that its source tells of."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Check, Said, check
from memos_admin.backend.evidence.facts import known


def numbers(memory: str, source: str, *others: str) -> list[Check]:
    """Return the numbers that do not agree, of a conversation with other messages too."""
    said = ((one, None) for one in (source, *others))
    found = check(memory, [Said(source, "user", 1)], known(said)) or []
    return [one for one in found if one.kind == "number"]


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user has 1 child.", "We have 2 children."),
        ("The user has one child.", "We have two children."),
        ("The user has one dog.", "We have two dogs at home."),
        ("The user has 1 dog.", "We have 3 dogs at home."),
        ("The user has a single dog.", "We have three dogs."),
        ("用户有一个孩子。", "我有两个孩子。"),
        ("用户有1个孩子。", "我有2个孩子。"),
        ("用户养了一只狗。", "我养了两只狗。"),
        ("The user bought one ticket.", "I bought four tickets for the play."),
        ("The user booked 1 night.", "Please book me 3 nights."),
        ("The user has two children.", "We have one child."),
        ("The user has two dogs.", "I have a dog."),
        ("用户买了一张票。", "我买了四张票。"),
        ("The user has one black dog.", "We have two black dogs."),
        ("The user's sister has one dog.", "My sister has two dogs."),
    ],
)
def test_one_of_several_is_told(memory: str, source: str) -> None:
    assert numbers(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user has one child.", "We have a child."),
        ("The user has one child.", "I have a daughter, she is 2."),
        ("The user has one dog and two cats.", "We have a dog and two cats."),
        ("One of the user's dogs is ill.", "We have two dogs, one is ill."),
        (
            "One of the user's two dogs is ill.",
            "My dogs are ill. Both of them. One more than the other.",
        ),
        ("One of the user's dogs is ill.", "We have two dogs, and Rex is ill."),
        (
            "One child of the user goes to school.",
            "We have two children, the older goes to school.",
        ),
        ("One dog of the user is ill.", "We have two dogs, and Rex is ill."),
        ("The user wants one more dog.", "We have two dogs and want another."),
        ("The user has one dog left.", "We had two dogs, Rex died last year."),
        ("The user has one brother.", "I have a brother and two sisters."),
        ("The user has one brother.", "My brother has two children."),
        ("The user's brother has one child.", "My brother has a child, I have two children."),
        ("The user bought one of the two tickets.", "I bought only the first of two tickets."),
        ("The user wants one room for two.", "We want a room for two people."),
        ("The user wants one bedroom.", "I want a flat with two bathrooms and a bedroom."),
        ("用户有一个孩子。", "我家孩子今年两岁。"),
        ("用户有一个孩子上小学。", "我有两个孩子，老大上小学。"),
        ("用户的一个孩子上小学。", "我有两个孩子，老大上小学。"),
        ("用户再买一张票。", "我买了两张票，还要再买。"),
        ("用户有一个姐姐。", "我姐姐有两个孩子。"),
        ("用户有一只狗。", "我有狗，还有两只猫。"),
        ("用户一个人去。", "我们两个人一起去过，这次我自己去。"),
        ("The user waited one day.", "I waited from Monday to Tuesday, two hours each."),
        ("The user went one day earlier.", "I went two days in a row, earlier than planned."),
        (
            "One day the user wants to live in Rome.",
            "In two days I fly to Rome, I want to live there.",
        ),
        ("The user has one dog.", "My sister has two dogs."),
        ("The user has one dog.", "We don't have two dogs."),
        ("The user has one cat.", "We have two cats. The cat is ill."),
        ("用户有一只猫。", "我妹妹有两只猫。"),
        ("用户又买了一张票。", "我买了两张票。"),
    ],
)
def test_one_that_may_be_meant_is_not_doubted(memory: str, source: str) -> None:
    assert not numbers(memory, source)


def test_both_are_quoted() -> None:
    (found,) = numbers("The user has one dog and a cat.", "Hello, we have two old dogs and a cat.")
    assert (found.memory, found.source) == (("one dog",), ("two old dogs",))
    (found,) = numbers("用户家里有一只猫，爱睡觉。", "我家有三只猫，都爱睡觉。")
    assert (found.memory, found.source) == (("一只猫",), ("三只猫",))


def test_what_another_message_has_one_of_is_not_doubted() -> None:
    assert not numbers("The user has one dog.", "We have two dogs.", "Now we have one dog left.")
    assert not numbers("用户有一只狗。", "我有两只狗。", "现在只剩一只狗了。")
