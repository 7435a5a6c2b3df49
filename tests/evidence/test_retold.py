"""Amounts that are told in two ways: a month and a half, four boxes of 12, 翻了一番."""

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
        ("装修用了45天。", "装修用了一个半月。"),
        ("装修用了一个半月。", "装修用了45天。"),
        ("装修用了6周。", "装修用了一个半月。"),
        ("The user waited 45 days.", "I waited a month and a half."),
        ("The user waited a month and a half.", "I waited 45 days."),
        ("The user waited six weeks.", "I waited a month and a half."),
        ("The user waited 10 days.", "I waited a week and a half."),
        ("The user waited 11 days.", "I waited a week and a half."),
        ("The user waited about ten days.", "I waited one and a half weeks."),
        ("The user waited a week and a half.", "I waited ten days."),
        ("The user waited 90 days.", "I waited three months."),
        ("The user waited 3 months.", "I waited 90 days."),
        ("The user waited 30 days.", "I waited one month."),
        ("The user waited 3 months.", "I waited 12 weeks."),
        ("The user waited 18 months.", "I waited a year and a half."),
        ("用户等了18个月。", "我等了一年半。"),
        ("用户等了两个半月。", "我等了75天。"),
        ("用户等了75天。", "我等了两个半月。"),
        ("用户等了半年。", "我等了6个月。"),
        ("用户等了6个月。", "我等了半年。"),
        ("用户等了90分钟。", "我等了一个半小时。"),
        ("The user ordered 48 jars.", "I ordered four boxes of 12 jars."),
        ("The user ordered 48 jars.", "I ordered 4 boxes of 12."),
        ("The user ordered 4 boxes of 12 jars each.", "I ordered 48 jars in four boxes."),
        ("The user bought 24 eggs.", "I bought 2 x 12 eggs."),
        ("The user bought 24 eggs.", "I bought two packs of twelve eggs."),
        ("The user takes 60 mg a day.", "I take 20 mg three times a day."),
        ("用户订了48瓶。", "我订了四箱，一箱12瓶。"),
        ("用户订了48瓶水。", "我订了4箱水，每箱12瓶。"),
        ("用户的房租翻了一番，是原来的2倍。", "我的房租翻了一番。"),
        ("用户的房租是原来的两倍。", "我的房租翻了一番。"),
        ("用户的房租涨了一倍。", "我的房租翻了一番。"),
        ("用户的房租涨了100%。", "我的房租翻了一番。"),
        ("用户的房租是原来的4倍。", "我的房租翻了两番。"),
        ("用户的房租是原来的3倍。", "我的房租翻了2倍。"),
        ("用户的房租是原来的3倍。", "我的房租涨了两倍。"),
        ("用户的房租翻了2倍。", "我的房租是原来的3倍。"),
        ("The rent is twice as high as before.", "My rent has doubled."),
        ("The rent went up by 100%.", "My rent has doubled."),
        ("The rent is 3 times as high.", "My rent tripled."),
        ("The rent is 2 times as high.", "My rent doubled."),
    ],
)
def test_the_same_in_another_way_is_not_doubted(memory: str, source: str) -> None:
    assert "number" not in kinds(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("装修用了35天。", "装修用了一个半月。"),
        ("装修用了60天。", "装修用了一个半月。"),
        ("The user waited 20 days.", "I waited a week and a half."),
        ("The user waited 20 days.", "I waited two months."),
        ("The user ordered 36 jars.", "I ordered four boxes of 12 jars."),
        ("用户的房租是原来的8倍。", "我的房租翻了一番。"),
        ("用户订了36瓶水。", "我订了4箱水，每箱12瓶。"),
        ("The user trains seven times a week.", "I train five times a week."),
        ("用户一个月交30元。", "一个月交20元。"),
    ],
)
def test_another_amount_is_told(memory: str, source: str) -> None:
    assert "number" in kinds(memory, source)
