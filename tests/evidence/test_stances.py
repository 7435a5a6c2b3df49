"""What is told by a word instead of by a negation, and what looks like a negation and is none."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known


def kinds(memory: str, source: str) -> set[str]:
    """Return the kinds of what does not agree."""
    found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
    return {one.kind for one in found}


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user loves running.", "I hate running."),
        ("The user hates running.", "I love running."),
        ("The user is fond of jazz.", "I really can't stand jazz."),
        ("The user likes running.", "I don't enjoy running."),
        ("The user eats gluten.", "I avoid gluten."),
        ("The user avoids gluten.", "I eat gluten."),
        ("The user smokes.", "I used to smoke, but I quit."),
        ("The user smokes a pack a day.", "I quit smoking last year."),
        ("The user is vegetarian.", "I am not vegetarian anymore."),
        ("The user is a vegan.", "I'm no longer a vegan."),
        ("The user lives in Lyon.", "I used to live in Lyon."),
        ("The hotel was too quiet for the user.", "The hotel was too loud for me."),
        ("The user recommends the hotel warmly.", "I can't recommend the hotel warmly."),
        ("The user waits in line.", "I can't wait in line."),
        ("用户喜欢下雨天。", "我讨厌下雨天。"),
        ("用户喜欢吃榴莲。", "我受不了榴莲。"),
        ("用户抽烟。", "我已经戒烟了。"),
        ("用户每天喝咖啡。", "我不再喝咖啡了。"),
        ("用户觉得酒店太安静。", "酒店太吵了。"),
        ("用户不能吃辣。", "我不是不能吃辣。"),
    ],
)
def test_the_opposite_is_told(memory: str, source: str) -> None:
    assert kinds(memory, source) == {"negation"}


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user wants to visit Japan.", "I can't wait to visit Japan."),
        ("The user passed the driving test.", "I can't believe I passed the driving test!"),
        ("The user recommends the hotel.", "I can't recommend the hotel enough."),
        ("The user buys shoes.", "I can't help buying shoes."),
        ("The user likes cats.", "It's not that I don't like cats, I am allergic."),
        ("The user likes running.", "I hate running in the rain."),
        ("The user likes hot dogs.", "I hate dogs."),
        ("The user drinks oat milk.", "I avoid milk."),
        ("The user's sister loves running.", "I hate running."),
        ("The user loves running.", "My sister hates running. I love running."),
        ("The user loves running.", "I hate running, but I love running with friends."),
        ("The user used to smoke.", "I used to smoke."),
        ("The user quit smoking.", "I quit smoking."),
        ("The user smoked for years.", "I quit smoking after ten years."),
        ("The user smokes again.", "I quit smoking, then I started to smoke again."),
        ("The user wants to avoid gluten.", "I avoid gluten."),
        ("The user eats gluten.", "Should I avoid gluten?"),
        ("The user eats gluten.", "I avoid gluten when I travel."),
        ("The user takes aspirin.", "Is aspirin dangerous?"),
        ("The user will move to Oslo.", "Maybe I will move to Oslo."),
        ("The hotel was too loud.", "The hotel was not too quiet."),
        ("The hotel was too loud.", "The room was too quiet."),
        ("用户喜欢猫。", "我不是不喜欢猫，只是过敏。"),
        ("用户吃辣。", "我没少吃辣。"),
        ("用户讨厌下雨天。", "我讨厌下雨天。"),
        ("用户戒烟了。", "我已经戒烟了。"),
        ("用户喜欢雨。", "我讨厌下雨天。"),
    ],
)
def test_no_opposite_is_told(memory: str, source: str) -> None:
    assert "negation" not in kinds(memory, source)


@pytest.mark.parametrize(
    ("memory", "source", "is_swapped"),
    [
        ("The user is diabetic.", "My brother is diabetic.", True),
        ("The user is a nurse.", "My sister is a nurse.", True),
        ("The user is diabetic.", "My brother is diabetic, and I am diabetic as well.", False),
        ("The user is diabetic.", "My brother is not diabetic. I'm diabetic.", False),
        ("The user is diabetic.", "I am diabetic.", False),
    ],
)
def test_one_word_that_is_said_of_somebody_near(
    memory: str, source: str, *, is_swapped: bool
) -> None:
    assert ("person" in kinds(memory, source)) is is_swapped
