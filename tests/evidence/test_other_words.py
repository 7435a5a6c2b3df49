"""What a new user saw to be doubted though it is right: compounds, sizes, spans of time, sums, weak negations."""

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
        ("The user booked a 5-star hotel.", "I booked a five-star hotel."),
        ("The user booked a five-star hotel.", "I booked a 5-star hotel."),
        ("The user's 7-year-old likes chess.", "My son is turning seven and likes chess."),
        ("用户订了5星级酒店。", "我订了五星级酒店。"),
        ("The user's screen is 1920x1080.", "My screen is 1920 by 1080."),
        ("The user's screen is 1920 by 1080.", "My screen is 1920x1080."),
        ("用户的屏幕是1920x1080。", "我的屏幕是1920乘1080。"),
        ("The user can be called at 14:00.", "I can be called between 2 and 4 pm."),
        (
            "The user can be called from 14:00 to 16:00.",
            "Call me between two and four in the afternoon.",
        ),
        ("The user can be called between 2 and 4 pm.", "I can be called from 14:00 to 16:00."),
        ("The user works from 9:00 to 17:00.", "I work from 9 to 5 pm."),
        ("The user is at home from 8:00 to 10:00.", "I am at home from 8 to 10 am."),
        ("The user couldn't sleep.", "I could hardly sleep."),
        ("The user could not sleep.", "I barely could sleep."),
        ("The user does not use the app often.", "I rarely use the app."),
        ("The user has two children.", "We have one son and one daughter."),
        ("用户有两个孩子。", "我有一个儿子一个女儿。"),
        ("The table is for six people.", "A table for 4 adults + 2 kids."),
    ],
)
def test_what_is_told_in_other_words_is_not_doubted(memory: str, source: str) -> None:
    assert kinds(memory, source) == set()


@pytest.mark.parametrize(
    ("memory", "source", "kind"),
    [
        ("The user booked a 4-star hotel.", "I booked a five-star hotel.", "number"),
        ("用户订了四星级酒店。", "我订了五星级酒店。", "number"),
        ("The user's screen is 1920x1200.", "My screen is 1920 by 1080.", "number"),
        ("The user can be called at 15:00.", "I can be called between 2 and 4 pm.", "date"),
        ("The user works until 16:51.", "I work from 9 to 5 pm.", "date"),
        ("The user has three children.", "We have one son and one daughter.", "number"),
        ("用户有三个孩子。", "我有一个儿子一个女儿。", "number"),
        ("The table is for seven people.", "A table for 4 adults + 2 kids.", "number"),
    ],
)
def test_what_is_another_one_is_told(memory: str, source: str, kind: str) -> None:
    assert kind in kinds(memory, source)
