"""What texts state: numbers, dates, times of day, names, denials, in English and Chinese."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.dates import clocks, days, relative
from memos_admin.backend.evidence.denials import flips
from memos_admin.backend.evidence.facts import Known, facts, known
from memos_admin.backend.evidence.matching import matching
from memos_admin.backend.evidence.moments import Day
from memos_admin.backend.evidence.names import names
from memos_admin.backend.evidence.numerals import chinese_value, numbers
from tests.hostile import HOSTILE

_DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """Return a number below ten thousand in Chinese: an own writer to compare the reader with."""
    text, zero = "", False
    for unit, power in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, power)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + unit
            zero = False
        elif text:
            zero = True
    return text or "零"


@given(st.integers(1, 9_999), st.integers(0, 9_999))
def test_chinese_numerals_are_read_as_they_are_written(high: int, low: int) -> None:
    assert chinese_value(in_chinese(high)) == high
    if low >= 1000:
        assert chinese_value(f"{in_chinese(high)}万{in_chinese(low)}") == high * 10_000 + low


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twelve desks at 480 euros: 5,760 euros", "12 480 5760"),
        ("one hundred and twenty pages, thirty-five lines", "120 35"),
        ("One has a bad back", ""),
        ("预算两万，一共十天，一周三次，走八分钟", "20000 10 3 8"),
        ("车开了6万公里，2.5万元，半公斤", "60000 25000 0.5"),
        ("CA1305 座位 31A，W-88213，version 7.2.1", ""),
        ("50mg at 8km, my 3rd time", "50 8 3"),
        ("一点也不贵，十分满意，万一下雨，三亚", ""),
    ],
)
def test_numbers(text: str, values: str) -> None:
    found = {one.value for one in facts(text).numbers}
    assert found == {Decimal(value) for value in values.split()}


_BEHIND = ["", *".,;:?!)]}>%€\"'…”’»。，；：？！）】、·-–—/&", "...", "?!", '."', ".)", "\n", ".\n"]
_AHEAD = ["", " ", "(", '"', "“", "€", "$", "~", "≈", "Budget:", "…", "费用：", "约"]


@given(
    st.integers(10, 99_999_999),
    st.sampled_from(["", ".5", ".25"]),
    st.booleans(),
    st.sampled_from(_AHEAD),
    st.builds(
        str.__add__, st.sampled_from(_BEHIND), st.sampled_from(["", " It is fine.", "\nEnd"])
    ),
)
@example(85_000, "", True, "The budget is ", ".")
@example(1_280, "", True, "The budget is ", "!")
def test_a_number_before_a_mark_is_read_whole(
    number: int, part: str, grouped: bool, ahead: str, behind: str
) -> None:
    written = f"{number:,}{part}" if grouped else f"{number}{part}"
    found = list(numbers(f"{ahead}{written}{behind}"))
    assert [(one.value, one.start, one.end) for one in found] == [
        (Decimal(f"{number}{part}"), len(ahead), len(ahead) + len(written))
    ]


@pytest.mark.parametrize("mark", [".", "?", "!", ")", '"', "…", "\n", ""])
@pytest.mark.parametrize(
    ("said", "told", "wrong"),
    [
        ("85,000 euros", "85,000", ()),
        ("85,000", "85,999", ("85,999",)),
        ("1,280", "1,820", ("1,820",)),
    ],
)
def test_a_grouped_number_at_the_end_of_a_sentence_is_compared_whole(
    said: str, told: str, wrong: tuple[str, ...], mark: str
) -> None:
    source = f"The budget is {said}{mark}"
    found = check(
        f"The budget of the user is {told}{mark}",
        [Said(source, "user", 1)],
        known([(source, None)]),
    )
    assert [one.memory for one in found or ()] == ([wrong] if wrong else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 12 to 15 June 2026", {(2026, 6, 12), (2026, 6, 15)}),
        ("on 26 April next year", {(None, 4, 26)}),
        ("June 3rd, 2027 and in May 2028", {(2027, 6, 3), (2028, 5, None)}),
        ("2026-10-13 or 2026-10", {(2026, 10, 13), (2026, 10, None)}),
        ("I may march in the rain", set()),
        ("since 2023", {(2023, None, None)}),
        ("2月15号到21号", {(None, 2, 15), (None, None, 21)}),
        (
            "2026 年 10 月 13 日，明年一月，十月底",
            {(2026, 10, 13), (None, 1, None), (None, 10, None)},
        ),
        ("十月二号", {(None, 10, 2)}),
        ("下个月十五号，这个月二十八日", {(None, None, 15), (None, None, 28)}),
        ("下个月15号", {(None, None, 15)}),
        ("一百二十五号", set()),
        ("3个月，5号线", set()),
    ],
)
def test_dates(text: str, expected: set[tuple[int | None, int | None, int | None]]) -> None:
    assert {one[:3] for one in days(text)} == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at 19:30", "at 7:30 pm"),
        ("晚上七点半", "19:30"),
        ("下午3点", "15:00"),
        ("早上8点一刻", "8:15"),
        ("20:30", "8:30 p.m."),
    ],
)
def test_the_same_time_of_day(one: str, other: str) -> None:
    (mine,), (theirs,) = clocks(one), clocks(other)
    assert mine.minutes & theirs.minutes


def test_a_time_of_the_morning_is_none_of_the_evening() -> None:
    (mine,), (theirs,) = clocks("上午8点"), clocks("晚上8点")
    assert not mine.minutes & theirs.minutes


@pytest.mark.parametrize(
    ("text", "day", "is_meant"),
    [
        ("next Tuesday", date(2026, 3, 10), True),
        ("on Thursday", date(2026, 3, 5), True),
        ("on Thursday", date(2026, 3, 12), False),
        ("下周三", date(2026, 3, 11), True),
        ("两周后", date(2026, 3, 17), True),
        ("明天", date(2026, 3, 4), True),
        ("昨天", date(2026, 3, 10), False),
        ("Sent last Friday", date(2026, 2, 27), True),
        ("Sent last Friday", date(2026, 2, 20), True),
        ("Sent last Friday", date(2026, 2, 24), False),
        ("Sent last Friday", date(2026, 3, 3), True),
        ("Sent last Friday", date(2026, 3, 4), False),
        ("Sent last Fri", date(2026, 2, 27), True),
        ("next Friday", date(2026, 3, 13), True),
        ("next Friday", date(2026, 2, 27), False),
        ("last week", date(2026, 2, 24), True),
        ("上周五寄的", date(2026, 2, 27), True),
        ("上周五寄的", date(2026, 2, 26), False),
        ("上上周五寄的", date(2026, 2, 13), True),
        ("下礼拜天", date(2026, 3, 8), True),
        ("下周三", date(2026, 3, 4), False),
        ("上周三", date(2026, 3, 4), False),
        ("这周五", date(2026, 3, 6), True),
        ("这周五", date(2026, 2, 27), False),
        ("上周末", date(2026, 2, 28), True),
        ("上周末", date(2026, 2, 21), False),
        ("last weekend", date(2026, 3, 1), True),
        ("last weekend", date(2026, 2, 22), False),
        ("next weekend", date(2026, 3, 7), True),
        ("next weekend", date(2026, 3, 14), True),
        ("this weekend", date(2026, 3, 7), True),
        ("She came this Friday", date(2026, 2, 27), True),
        ("She came this Friday", date(2026, 3, 6), False),
        ("I moved it to this Friday", date(2026, 3, 6), True),
        ("She'll be here this Friday, he came late", date(2026, 3, 6), True),
        ("礼拜日", date(2026, 3, 8), True),
        ("一周五次", date(2026, 3, 4), True),
        ("last night", date(2026, 3, 2), True),
        ("the day after tomorrow", date(2026, 3, 5), True),
    ],
)
def test_days_that_are_told_from_the_day_of_the_message(
    text: str, day: date, is_meant: bool
) -> None:
    assert (day in relative(text, date(2026, 3, 3)).days) is is_meant


@pytest.mark.parametrize(
    ("text", "year", "is_meant"),
    [
        ("去年8月3号领的证", 2025, True),
        ("去年8月3号领的证", 2026, False),
        ("前年的8月3号", 2024, True),
        ("I moved on 3 August last year.", 2025, True),
        ("I moved on 3 August last year.", 2026, False),
        ("Last year, on 3 August, I moved.", 2025, True),
        ("Last year, on 3 August, I moved.", 2024, False),
        ("I moved on 3 August. Last year I was ill.", 2026, True),
        ("去年8月3号和8月3号", 2026, True),
    ],
)
def test_a_year_is_told_beside_its_date(text: str, year: int, is_meant: bool) -> None:
    found = known([(text, 1_772_539_200_000)])  # 2026-03-03
    assert found.has_day(Day(year, 8, 3, 0, 0)) is is_meant


@pytest.mark.parametrize(
    ("text", "day"),
    [("下个月十五去", 15), ("下月二十八", 28), ("下个月十五天", None), ("两个月十五", None)],
)
def test_a_day_of_a_month_that_is_told_needs_no_sign(text: str, day: int | None) -> None:
    assert [one.day for one in days(text)] == ([] if day is None else [day])


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The user's daughter came home on 22 November 2026.", []),
        ("The user's daughter came home on 15 November 2026.", ["nothing shared", "date"]),
        ("The user's daughter came home.", ["nothing shared"]),
    ],
)
def test_a_day_that_is_told_from_when_it_is_said_is_shared(text: str, kinds: list[str]) -> None:
    said = Said("Picked her up in Ulm on Sunday.", "user", 1, 1_795_514_400_000)  # 2026-11-24
    found = check(text, [said], known([(said.text, said.at)])) or []
    assert [one.kind for one in found] == kinds


def test_the_figures_of_a_size_are_no_year() -> None:
    assert days("a resolution of 1920 by 1080, of 2048x1080") == []


@pytest.mark.parametrize("text", ["a 4x5 camera", "shows 1280x720", "2x500mg", "80x200x20"])
def test_a_size_is_no_code_but_numbers(text: str) -> None:
    assert not facts(text).names
    assert len(facts(text).numbers) >= 2


def test_a_month_is_told_from_the_month_of_the_message() -> None:
    found = known([("我上个月做了手术", 1_767_225_600_000)])  # 2026-01-01
    assert found.has_day(Day(2025, 12, None, 0, 0))
    assert not found.has_day(Day(2025, 8, None, 0, 0))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("The user met Paul's wife in Rotterdam.", {"paul", "rotterdam"}),
        ("Order W-88213 with CA1305", {"w88213", "ca1305"}),
        ("用户住“云栖酒店”，坐 G519，用 PPT", {"云栖酒店", "g519", "ppt"}),
        ("Tomatoes are red. Shoes are not.", set()),
        ("It is due on Monday in May", set()),
    ],
)
def test_names_and_codes(text: str, keys: set[str]) -> None:
    assert {one.key for one in names(text)} == keys


@pytest.mark.parametrize(
    ("memory", "source", "is_flipped"),
    [
        ("The user can swim.", "I can't swim, sorry.", True),
        ("The user cannot swim.", "I can't swim, sorry.", False),
        ("Paul drinks alcohol.", "Paul doesn't drink alcohol.", True),
        ("The user wants clay pots, no plastic ones.", "No plastic pots, only clay.", False),
        ("She has no peanut allergy.", "It's not me. My sister has the allergy.", False),
        ("The user avoids buses.", "I take no buses.", False),
        ("Is there a lift?", "There is no lift.", False),
        ("用户喝蛋白粉。", "我不喝蛋白粉，喝了不舒服。", True),
        ("用户对青霉素不过敏。", "我对青霉素过敏。", True),
        ("用户要住家。", "不过住家也行，没关系。", False),
        ("用户想要停车位。", "能不能给一个停车位？", False),
        ("The user is married to Peter Falk.", "I’m not married to Peter Falk.", True),
        ("The user is allergic to cats.", "I am not allergic to cats.", True),
        ("The user owns a piano and a sofa.", "I don't own a piano or a sofa, only a bed.", True),
        ("The user owns a piano, a sofa.", "I don't own a piano or a sofa, only a bed.", True),
        ("The user owns a piano.", "I don't own a piano or a sofa, only a bed.", True),
        ("The user does own a sofa, a piano and a bed.", "I own no piano or a sofa.", True),
        ("The user owns a bed.", "I don't own a piano, a sofa, or a bed.", True),
        ("The user does not own a sofa.", "I don't own a piano, a sofa, or a bed.", False),
        ("The user owns a bed.", "I don't own a piano or a sofa, only a bed.", False),
        ("The user has a bike.", "I have no car and a bike.", False),
        ("The user speaks some Spanish.", "I speak no French or Italian, some Spanish.", False),
        ("用户有钢琴。", "我没有钢琴或沙发。", True),
        ("The user is a nurse and a painter.", "I'm not just a nurse, I'm a painter.", False),
        ("用户的女儿喜欢恐龙，喜欢粉色。", "我女儿喜欢恐龙，不喜欢粉色。", True),
        ("用户的女儿喜欢恐龙和紫色。", "我女儿喜欢恐龙，不喜欢粉色。", False),
        ("用户喜欢狗和猫。", "我喜欢狗，不喜欢猫。", True),
        ("用户喜欢狗。", "我喜欢狗，不喜欢猫。", False),
        ("用户希望收到短信。", "别给我发短信。", True),
        # Short words, verbs with their object, and verbs that a negation takes apart.
        ("用户买了一份保险。", "我没买保险。", True),
        ("用户没买保险。", "我没有买保险。", False),
        ("用户有车。", "我没有车。", True),
        ("用户有一辆车，也有房。", "我没车。", True),
        ("用户没有车。", "我没车。", False),
        ("用户有车位。", "我没有车。", False),
        ("用户的老公有车。", "我没有车，我老公有车。", False),
        ("用户养了一只狗。", "我没有养猫，养了一只狗。", False),
        ("用户收到了退款。", "我没有收到退款。", True),
        ("退款到账了。", "退款还没到账。", True),
        ("用户的工资到账了。", "退款没有到账。", False),
        ("用户的电脑可以开机。", "电脑开不了机。", True),
        ("用户的电脑开不了机。", "电脑开不了机。", False),
        ("用户收到了短信。", "我收不到短信。", True),
        ("用户对花生过敏。", "我对花生不过敏，是我妹妹过敏。", True),
        ("用户的妹妹对花生过敏。", "我对花生不过敏，是我妹妹过敏。", False),
        # One, and not another.
        ("The user lives in London.", "No, I live in Leeds, not London.", True),
        ("The user lives in London.", "I live in Leeds, not in London.", True),
        ("The user lives in Leeds.", "I live in Leeds, not in London.", False),
        ("The user travels to London.", "I live in Leeds, not in London.", False),
        ("The user is a nurse.", "I'm a teacher, not a nurse.", True),
        ("The user is a teacher.", "I'm a teacher, not a nurse.", False),
        ("The user met a nurse.", "I'm a teacher, not a nurse.", False),
        ("The user pays in cash.", "I pay by card, not cash.", True),
        ("The user pays by card.", "I pay by card, not cash.", False),
        ("The user wants delivery to the office.", "Please do not deliver to the office.", True),
        ("The user wants delivery to his home.", "Please do not deliver to the office.", False),
        (
            "The user wants parcels shipped to the office.",
            "Please don't ship to the office anymore.",
            True,
        ),
        ("The user used the app.", "I don't use the app anymore.", False),
        ("用户的电话是138。", "别给我打电话。", False),
        ("用户戴入耳式久了耳朵疼。", "不要入耳式，我戴久了耳朵疼。", False),
        # Lists of things without "a" before them: each is denied by itself, with what is done with it.
        ("The user takes sugar.", "I take neither milk nor sugar.", True),
        ("The user does not take sugar.", "I take neither milk nor sugar.", False),
        ("The user takes neither milk nor sugar.", "I take milk.", True),
        ("The user takes neither milk nor sugar.", "I do not take milk or sugar.", False),
        ("The user likes sugar.", "I don't like milk or sugar.", True),
        ("The user does not like sugar.", "I don't like milk or sugar.", False),
        ("The user does not like sugar.", "I like milk or sugar.", True),
        ("The user takes sugar.", "Not milk or sugar.", True),
        ("The user likes juice.", "I like tea, not coffee or juice.", True),
        ("The user likes tea.", "I like tea, not coffee or juice.", False),
        ("The user likes tea.", "Not only tea or coffee, I like juice too.", False),
        ("The user wants eggs.", "No nuts, eggs or milk please.", True),
        ("The user eats eggs.", "I eat neither nuts, eggs nor milk.", True),
        ("The user does not eat nuts.", "I eat no nuts, eggs or milk.", False),
        ("The user drinks oat milk.", "I eat no nuts, eggs or milk.", False),
        ("The user has no dog.", "I have no cat, dog or bird.", False),
        ("The user does not eat nuts, eggs or milk.", "I eat eggs every day.", True),
        ("The user does not like fish.", "I like meat, fish and eggs.", True),
        ("The user eats fish.", "I eat fish but no meat or eggs.", False),
        ("The user drinks.", "I don't smoke or drink.", True),
        ("The user is angry.", "Don't call me or I'll be angry.", False),
        ("The user likes tea.", "I don't mind, tea or coffee.", False),
        ("The user drinks tea.", "If I don't sleep, tea or coffee helps.", False),
        ("The user speaks German.", "I speak no French, Italian or Dutch, but German.", False),
        ("用户吃牛奶。", "我不吃牛奶和鸡蛋。", True),
        ("用户吃鸡蛋。", "我不吃牛奶和鸡蛋。", True),
        ("用户不吃鸡蛋。", "我不吃牛奶和鸡蛋。", False),
        ("用户买鸡蛋。", "我不吃牛奶和鸡蛋。", False),
        ("用户不吃牛奶、鸡蛋和坚果。", "我每天吃鸡蛋。", True),
        ("用户喜欢狗。", "我不喜欢猫和狗。", True),
        ("用户喝咖啡。", "我既不喝牛奶也不喝咖啡。", True),
        ("用户不喝咖啡。", "我既不喝牛奶也不喝咖啡。", False),
        ("用户有房子。", "我没有车和房子。", True),
        ("用户买衣服。", "我要不暖和的衣服。", False),
    ],
)
def test_flipped_negations(memory: str, source: str, is_flipped: bool) -> None:
    assert bool(flips(memory, source)) is is_flipped


@pytest.mark.parametrize(
    ("memory", "source", "is_swapped"),
    [
        ("The user is allergic to peanuts.", "My sister is allergic to peanuts.", True),
        ("The user's sister is allergic to peanuts.", "My sister is allergic to peanuts.", False),
        ("The user is allergic to peanuts.", "My sister is allergic to peanuts. Me too.", False),
        ("The user is allergic to peanuts.", "My sister and I are allergic to peanuts.", False),
        ("The user wants no peanuts in a cake.", "My sister is allergic to peanuts.", False),
        ("The user works as a nurse.", "My brother is in town. He works as a nurse.", True),
        ("用户是护士，在上海工作。", "我妹妹是护士，在上海工作。", True),
        ("用户对花生过敏。", "我和妹妹都对花生过敏。", False),
    ],
)
def test_what_is_told_of_the_user_and_was_said_of_somebody_else(
    memory: str, source: str, is_swapped: bool
) -> None:
    found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
    assert ("person" in [one.kind for one in found]) is is_swapped


def test_a_short_source_that_says_something_of_its_own_is_compared() -> None:
    def kinds(memory: str, source: str) -> list[str]:
        found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
        return [one.kind for one in found]

    memory = "The user works as a surgeon downtown."
    assert kinds(memory, "I am a nurse in a hospital.") == ["nothing shared"]
    assert kinds(memory, "Yes, please.") == []


def test_only_names_that_may_be_meant_are_told_beside_a_wrong_one() -> None:
    def names_beside(memory: str, source: str) -> list[tuple[str, ...]]:
        found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
        return [one.source for one in found if one.kind == "name"]

    said = "We stay in Casa Cais. The flight goes to Lisbon. I like soup."
    assert names_beside("The user likes soup from Thai places.", said) == [()]
    assert names_beside("The user takes a flight to Porto.", said) == [("Lisbon",)]


def test_a_chinese_numeral_is_shown_with_what_it_counts() -> None:
    said = "孩子一米二五，上二年级"
    found = check("孩子一米一八，上三年级", [Said(said, "user", 1)], known([(said, None)])) or []
    assert [(one.memory, one.source) for one in found] == [
        (("一米一八", "三年级"), ("一米二五", "二年级"))
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("我下个月十五号去上海", ("下个月十五号",)),
        ("这个月二十八号去上海", ("二十八号",)),
        ("周一二十三点出发", ("周一", "二十三点")),
        ("去年8月3号去的上海", ("去年8月3号",)),
        ("Sent last Friday.", ("last Friday",)),
        ("The day after tomorrow, or on Monday", ("The day after tomorrow", "Monday")),
    ],
)
def test_a_date_or_time_is_quoted_from_where_its_words_begin(
    said: str, told: tuple[str, ...]
) -> None:
    found = check("用户12月3日9:30去上海", [Said(said, "user", 1)], known([(said, None)])) or []
    assert [one.source for one in found if one.kind == "date"] == [told]


@pytest.mark.parametrize(
    ("memory", "said", "told"),
    [
        ("跑步比赛 2026 年 12 月 13 日", "比赛 7 点半", ((), ("2026 年 12 月 13 日",))),
        ("The race is on 13 December", "The race begins at 7:30", ((), ("13 December",))),
        ("The race begins at 8:30", "The race of 13 December: 7:30", (("7:30",), ("8:30",))),
    ],
)
def test_a_date_is_shown_beside_dates_and_a_time_beside_times(
    memory: str, said: str, told: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    found = check(memory, [Said(said, "user", 1)], known([(said, None)])) or []
    assert [(one.source, one.memory) for one in found if one.kind == "date"] == [told]


@pytest.mark.parametrize("before", ["Much was said. ", "说了很多。"])
@pytest.mark.parametrize("length", [0, 19_990, 19_995, 20_000, 39_900, 70_000])
def test_all_of_a_long_message_is_searched_before_something_is_said_to_be_missing(
    before: str, length: int
) -> None:
    said = (before * (length // len(before) + 1))[:length]
    source = f"{said} The code is QX-4471 and costs 1,280 euros on 14 July. 《云栖酒店》"
    memory = "The code is QX-4471 and costs 1,280 euros on 14 July. 《云栖酒店》"
    kinds = {
        one.kind for one in check(memory, [Said(source, "user", 1)], known([(source, None)])) or ()
    }
    assert kinds.isdisjoint({"number", "date", "name", "nothing shared"})
    others = check("It costs 1,820 euros.", [Said(source, "user", 1)], known([(source, None)]))
    assert [one.kind for one in others or ()] == ["number"]


def test_of_a_memory_of_which_only_a_part_is_compared_nothing_is_said_to_be_shared() -> None:
    source = "The kettle needs descaling with vinegar today."
    memory = "Parcels arrive late. " * 1_000 + "The kettle needs descaling."
    assert check(memory, [Said(source, "user", 1)], known([(source, None)])) == []


def test_words_of_two_languages_are_not_compared() -> None:
    said = [Said("三月五号要一间安静的房间", "user", 1)]
    assert check("[user perspective] The user wants a quiet room.", said, Known()) is None
    figures = check("The user wants a quiet room on 6 March.", said, known([(said[0].text, None)]))
    assert [one.kind for one in figures or ()] == ["date"]


def test_words_of_both_texts_are_marked() -> None:
    mine, theirs = matching("The user plans a family trip", "We plan trips with the family")
    assert [("The user plans a family trip")[a:b] for a, b in mine] == ["plans", "family", "trip"]
    assert [("We plan trips with the family")[a:b] for a, b in theirs] == [
        "plan",
        "trips",
        "family",
    ]


@given(
    st.text() | st.sampled_from([*HOSTILE.values()]),
    st.text() | st.sampled_from([*HOSTILE.values()]),
)
def test_no_text_breaks_it(memory: str, source: str) -> None:
    said = [Said(source, "user", 1, 0)]
    found = check(memory, said, known([(source, 0)]))
    for one in found or ():
        assert all(part in memory for part in one.memory)
        assert all(part in source for part in one.source)


@pytest.mark.parametrize(
    "part",
    [
        *"一1万 “不",
        "1.",
        "don't ",
        "two ",
        "A-1",
        "1 1",
        "half ",
        "98年",
        "12/",
        "too loud ",
        "i hate ",
    ],
)
def test_a_text_of_one_thing_without_end_is_read(part: str) -> None:
    text = part * (30_000 // len(part))
    assert check(text, [Said(text, "user", 1, 0)], known([(text, 0)])) in (None, [])


@given(st.text(max_size=200))
@example("\x08Aｦ")  # half a width, which is compared as a whole one
def test_a_text_agrees_with_itself(text: str) -> None:
    said = [Said(text, "user", 1, 0)]
    kinds = {one.kind for one in check(text, said, known([(text, 0)])) or ()}
    assert kinds <= {"speaker"}
    assert all(text[one.start : one.end] for one in numbers(text))
