"""Numbers and dates that are told in words, or with other spaces and hyphens: what agrees is not doubted."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Check, Said, check
from memos_admin.backend.evidence.facts import known


def checks(memory: str, source: str) -> list[Check]:
    """Return what does not agree."""
    said = [Said(source, "user", 1, 1_772_359_200_000)]  # 2026-03-01
    return check(memory, said, known([(source, said[0].at)])) or []


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user celebrates the 21st birthday.", "It is my twenty-first birthday."),
        ("The user turns 21.", "It is my twenty-first birthday."),
        ("The user lives on the 32nd floor.", "I live on the thirty-second floor."),
        ("The user lives on floor 42.", "I live on the forty-second floor."),
        ("The user is in 23rd place.", "I came in twenty-third place."),
        ("The user pays on the 31st.", "I pay on the thirty-first."),
        ("The user pays on 31 March.", "I pay on the thirty-first."),
        ("The user pays on the 25th.", "I pay on the twenty-fifth."),
        ("The user came 25th.", "I came twenty-fifth."),
        ("This is the user's 100th parkrun.", "This is my hundredth parkrun."),
        ("The city has 1.2 million people.", "My city has one point two million people."),
        ("The city has 7.5 million people.", "My city has seven point five million people."),
        ("用户的手机号是13800138000。", "我的手机号是138 0013 8000"),
        ("用户的手机号是138 0013 8000。", "我的手机号是13800138000"),
        ("用户的手机号是13800138000。", "我的手机号是138-0013-8000"),
        ("用户的手机号是138-0013-8000。", "我的手机号是13800138000"),
        ("用户的卡号是6222020012345678。", "我的卡号是6222-0200-1234-5678。"),
        ("用户的卡号是6222-0200-1234-5678。", "我的卡号是6222020012345678。"),
        ("The user's IBAN is DE89370400440532013000.", "My IBAN is DE89 3704 0044 0532 0130 00."),
        ("The user's IBAN is DE89 3704 0044 0532 0130 00.", "My IBAN is DE89370400440532013000."),
        ("用户的账号是DE89370400440532013000。", "我的账号是DE89 3704 0044 0532 0130 00。"),
        ("The user's order number is 47110815.", "Order number is 4711-0815."),
        ("The user's order number is 4711-0815.", "Order number is 47110815."),
        ("用户发烧38.5度。", "我发烧三十八度五。"),
        ("用户发烧三十八度五。", "我发烧38.5度。"),
        ("用户体温37.8。", "我体温三十七度八。"),
        ("用户花了3.5元。", "花了三块五。"),
        ("用户花了49.9元。", "花了四十九块九。"),
        ("用户花了19.99元买水。", "十九块九毛九。"),
        ("用户花了19.99元买水果。", "花了十九块九毛九买水果。"),
        ("用户有2个孩子。", "我有俩孩子。"),
        ("用户两个月没吃肉了。", "我俩月没吃肉了"),
        ("用户有3个孩子。", "我有仨孩子。"),
        ("用户花了25元。", "花了廿五块。"),
        ("用户花了廿五块。", "花了25元。"),
        ("用户28号结婚。", "我廿八结婚。"),
        ("用户35岁。", "我今年三十有五。"),
        ("用户住103房间。", "我住幺零三房间。"),
        ("用户买了12个鸡蛋。", "我买了一打鸡蛋。"),
        ("用户打5折买了外套。", "外套打对折买的。"),
        ("The user has 2 dogs and 3 cats.", "I have a pair of dogs and three cats."),
        ("The user's 2 children like chess.", "Both children like chess."),
        ("The user has 24 eggs.", "I have a couple of dozen eggs."),
        ("The user paid 3000 for the bike.", "I paid three grand for the bike."),
        ("The user paid three grand for the bike.", "I paid 3000 for the bike."),
        ("The user has been married for 10 years.", "I have been married for a decade."),
        ("The user finished in 3:22.", "I finished in three hours and twenty-two minutes."),
        ("The user runs version 2.10.", "I run Version v2.10 here."),
        ("The code is AB12345.", "My code is AB 12 345."),
        ("The code is AB 12 345.", "My code is AB12345."),
        ("The contract ends on 31 March.", "My contract ends at the end of March."),
        ("The user's sister has 2 babies.", "My sister has twins."),
        ("The user's boss is 45.", "My boss is in her mid-forties."),
        ("The user has 17 cows.", "I have umpteen dozens of cows."),
        ("用户花了56元。", "花了伍拾陆元。"),
    ],
)
def test_what_may_be_the_same_is_not_doubted(memory: str, source: str) -> None:
    assert checks(memory, source) == []


@pytest.mark.parametrize(
    ("memory", "source", "told"),
    [
        ("The user lives on floor 42.", "I live on the thirty-second floor.", ("thirty-second",)),
        (
            "The city has 2.1 million.",
            "The city has one point two million.",
            ("one point two million",),
        ),
        ("The order is 47110816.", "The order is 4711-0815.", ("4711-0815",)),
        ("用户的手机号是13800138001。", "我的手机号是138 0013 8000", ("138 0013 8000",)),
        ("用户花了5.3元。", "花了三块五。", ("三块五",)),
        ("用户花了35元。", "花了廿五块。", ("廿五块",)),
        ("The user has 7 cows.", "I have cows.", ()),
        ("用户一晚花了786元。", "768元一晚。", ("768",)),
    ],
)
def test_a_number_is_quoted_whole(memory: str, source: str, told: tuple[str, ...]) -> None:
    (found,) = (one for one in checks(memory, source) if one.kind == "number")
    assert found.source == told


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The contract ends on 3 March.", "The contract ends at the end of March."),
        ("The contract ends on 30 April.", "The contract ends at the end of March."),
        ("The user pays on the 13th.", "I pay on the thirty-first."),
        ("The user finished in 3:32.", "I finished in three hours and twenty-two minutes."),
    ],
)
def test_what_is_another_date_or_time_is_told(memory: str, source: str) -> None:
    assert [one.kind for one in checks(memory, source)] == ["date"]


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The code is AB12346.", "My code is AB 12 345."),
        ("The code is AB 12 346.", "My code is AB12345."),
    ],
)
def test_another_code_is_told(memory: str, source: str) -> None:
    assert checks(memory, source)
