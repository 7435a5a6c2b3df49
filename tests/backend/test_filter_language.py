"""The language of filters: what it says, that it says each Filter, and where it says what is wrong."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, timedelta, timezone
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.filter_language import (
    FIELDS,
    LONGEST,
    OF_VERDICTS,
    FilterError,
    completion,
    parse,
    parse_verdicts,
    printed,
    split,
)
from memos_admin.backend.filter_language.fields import ASCENDING, ORDERS, STATUSES, WORDS
from memos_admin.backend.model import Filter, MemoryOrder, SubjectRef
from memos_admin.backend.times import LATEST, now_ms, to_ms
from memos_admin.backend.verdicts.kinds import FLAGGED, VERDICTS
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import gettext, written_in
from tests.hostile import HOSTILE, unsafe

DAY = 86_400_000
NEW_YEAR = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet='ab"\\-:, \t茶\u202e.', max_size=8),
    st.text(alphabet="a-：，、“”＂－（茶 ", max_size=8),
    st.sampled_from([text for text in HOSTILE.values() if text and len(text) < 60]),
    st.sampled_from(
        [
            "view:fact",
            '"',
            "-x",
            "tag:",
            "标签：茶",
            "－view：fact",
            "时间：10点",
            "https://x.example/a:b",
            "10:30",
            "茶，饭",
            "-",
        ]
    ),
)
NAMED = TEXTS.filter(bool)
INSTANTS = st.none() | st.integers(0, LATEST)
FLAGS = st.none() | st.booleans()
WHO = st.builds(SubjectRef, st.sampled_from(["user", "agent"]), NAMED)
FILTERS = st.builds(
    Filter,
    subject=st.none() | WHO,
    conversation_id=st.none() | TEXTS,
    views=st.frozensets(st.sampled_from([*VIEWS, "a new one", "Fact"]), max_size=2),
    tags=st.frozensets(TEXTS, max_size=2),
    any_tags=st.frozensets(st.frozensets(TEXTS, min_size=2, max_size=3), max_size=2),
    statuses=st.frozensets(st.sampled_from([*STATUSES, "a new one"]), max_size=2),
    since=INSTANTS,
    until=INSTANTS,
    created_since=INSTANTS,
    created_until=INSTANTS,
    vanished=FLAGS,
    inferred=FLAGS,
    not_views=st.frozensets(st.sampled_from([*VIEWS]), max_size=2),
    not_tags=st.frozensets(TEXTS, max_size=2),
    not_statuses=st.frozensets(st.sampled_from([*STATUSES]), max_size=2),
    not_texts=st.frozensets(NAMED, max_size=2),
    text=TEXTS,
    order=st.sampled_from([*ORDERS]),
    descending=st.booleans(),
)


@given(wanted=FILTERS, zone=st.sampled_from([UTC, None, ZoneInfo("Asia/Shanghai")]))
def test_each_filter_has_a_text_that_says_it(wanted: Filter, zone: timezone | None) -> None:
    typed = printed(wanted)
    if len(typed) <= LONGEST:
        assert parse(typed, zone) == wanted
    assert not unsafe(typed)


NAMES = st.frozensets(TEXTS, max_size=3)
OF_WHOM = st.one_of(
    st.fixed_dictionaries({"operators": NAMES}),
    st.fixed_dictionaries({"both": NAMES.filter(lambda some: len(some) != 1)}),
)
SAID_OF_VERDICTS = st.fixed_dictionaries(
    {
        "verdicts": st.frozensets(st.sampled_from([*VERDICTS, "a new one"]), max_size=2),
        "given_since": INSTANTS,
        "given_until": INSTANTS,
        "changed": FLAGS,
    }
)


@given(memories=FILTERS, said=SAID_OF_VERDICTS, whom=OF_WHOM)
def test_each_filter_of_verdicts_has_a_text_that_says_it(
    memories: Filter, said: dict[str, Any], whom: dict[str, Any]
) -> None:
    wanted = VerdictFilter.on(memories, **said, **whom)
    typed = printed(wanted)
    if len(typed) <= LONGEST:
        assert parse_verdicts(typed) == wanted
    assert not unsafe(typed)
    assert wanted.memories == memories


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", VerdictFilter()),
        ("tea view:fact", VerdictFilter(views=frozenset({"detail_factual"}), text="tea")),
        ("verdict:wrong,outdated", VerdictFilter(verdicts=frozenset({"wrong", "outdated"}))),
        ("verdict:wrong verdict:outdated", VerdictFilter(verdicts=frozenset({"wrong", "outdated"}))),
        ("-verdict:correct,unsure", VerdictFilter(verdicts=frozenset(FLAGGED))),
        ("verdict:too-sensitive", VerdictFilter(verdicts=frozenset({"too_sensitive"}))),
        ('verdict:Sensitive,错误', VerdictFilter(verdicts=frozenset({"too_sensitive", "wrong"}))),
        ("operator:ann,bob", VerdictFilter(operators=frozenset({"ann", "bob"}))),
        ("operator:ann operator:bob", VerdictFilter(both=frozenset({"ann", "bob"}))),
        ("operator:ann operator:ann", VerdictFilter(operators=frozenset({"ann"}))),
        ("given:2026-01-01", VerdictFilter(given_since=NEW_YEAR, given_until=NEW_YEAR + DAY)),
        ("changed:yes", VerdictFilter(changed=True)),
        ("-changed:yes", VerdictFilter(changed=False)),
    ],
)  # fmt: skip
def test_what_is_said_of_verdicts(typed: str, expected: VerdictFilter) -> None:
    assert parse_verdicts(typed) == expected


@pytest.mark.parametrize(
    ("typed", "at", "said"),
    [
        ("verdict:wrnog", (8, 13), "There is no verdict wrnog. Did you mean wrong?"),
        ("tea verdikt:wrong", (4, 12), "Did you mean verdict?"),
        ("verdict:", (8, 9), "A value is missing behind verdict: correct, wrong"),
        ("verdict:wrong -verdict:unsure", (14, 29), "once only"),
        ("-verdict:unsure verdict:wrong", (16, 29), "once only"),
        ("-verdict:" + ",".join(VERDICTS), (0, 81), "This leaves no verdict"),
        ("-operator:ann", (0, 13), "hyphen"),
        ("operator:ann,bob operator:eve", (0, 16), "takes one name each"),
        ("given:soon", (6, 10), "no time"),
        ("changed:perhaps", (8, 15), "neither yes nor no"),
    ],
)
def test_an_error_points_at_the_place_of_verdicts_too(
    typed: str, at: tuple[int, int], said: str
) -> None:
    with pytest.raises(FilterError) as raised:
        parse_verdicts(typed)
    assert (raised.value.start, raised.value.end) == at
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("ver", ["verdict:"]),
        ("tea -verdict:wrong,o", ["tea -verdict:wrong,outdated"]),
        ("changed:", ["changed:yes", "changed:no"]),
        ("operator:", ["operator:Ann", 'operator:"x y"']),
        ("operator:a", ["operator:Ann"]),
        ("vi", ["view:"]),
    ],
)
def test_what_can_be_typed_next_of_verdicts(typed: str, lines: list[str]) -> None:
    found = completion(typed, OF_VERDICTS)
    assert ([] if found is None else list(found.lines(["Ann", "x y"]))) == lines
    of_memories = completion(typed)
    assert of_memories is None or typed == "vi" or not list(of_memories.lines())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("视图：", ["事实", "偏好", "工具", "技能", "事件", "画像"]),
        ("view:", ["事实", "偏好", "工具", "技能", "事件", "画像"]),
        ("view:f", ["fact"]),
        ("视图:事实，偏", ["偏好"]),
        ("视", ["视图:"]),
        ("vi", ["view:"]),
        ("状态:", ["生效", "处理中", "已归档", "已删除"]),
        ("changed:", ["是", "否"]),
        ("排序:标题，反", ["反序"]),
    ],
)
def test_in_chinese_the_words_of_screens_can_be_typed_next(typed: str, words: list[str]) -> None:
    with written_in("zh"):
        found = completion(typed, OF_VERDICTS)
        assert found is not None
        assert list(found.words()) == words
        if found.field:
            assert all(wrong_of_verdicts(line) is None for line in found.lines())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("视图：", "视图: 后面缺少值：事实、偏好"),
        ("状态:xx", "可用的有：生效、处理中、已归档、已删除"),
        ("view:preferenc", "是不是 preference"),
        ("判定:xx", "过于敏感"),
        ("用户:a 用户:b", "用户: 只能写一次"),
        ("消失:xx", "既不是“是”也不是“否”"),
    ],
)
def test_in_chinese_errors_name_what_may_be_typed_as_screens_do(typed: str, said: str) -> None:
    with written_in("zh"):
        assert said in str(wrong_of_verdicts(typed))


def wrong_of_verdicts(typed: str) -> FilterError | None:
    try:
        parse_verdicts(typed)
    except FilterError as error:
        return error
    return None


@given(wanted=FILTERS.map(lambda one: replace(one, text="", not_texts=frozenset())))
def test_the_order_of_conditions_does_not_matter(wanted: Filter) -> None:
    """What stands in quotes holds spaces, so that only filters without them are turned round."""
    typed = printed(wanted)
    if '"' not in typed and len(typed) <= LONGEST:
        assert parse(" ".join(reversed(typed.split(" ")))) == wanted


def test_no_part_of_a_filter_is_left_out() -> None:
    empty, said = Filter(), set[str]()
    some = Filter(
        SubjectRef("user", "a"), "c", frozenset({"event"}), frozenset({"t"}), frozenset({"archived"}),
        1, 2, True, 3, "x", "title", True, frozenset({frozenset({"a", "b"})}), 4, 5, True, None,
        frozenset({"skill"}), frozenset({"no"}), frozenset({"deleted"}), frozenset({"y"}),
    )  # fmt: skip
    for one in (some, Filter(sourced=True)):
        said |= {f.name for f in fields(Filter) if getattr(one, f.name) != getattr(empty, f.name)}
        assert parse(printed(one)) == one
    assert said | {"descending"} == {one.name for one in fields(Filter)}
    assert set(ORDERS) == set(get_args(MemoryOrder))
    assert set(ORDERS) > ASCENDING


@given(typed=st.one_of(TEXTS, st.text(alphabet='vtag:i,ew-"\\<>=. \n茶', max_size=30)))
@example("\x85")
@example('tag:"a""b"')
def test_whatever_is_typed_is_a_filter_or_an_error_with_a_place(typed: str) -> None:
    completion(typed)
    problem = wrong(typed)
    if problem is None:
        assert parse(printed(parse(typed))) == parse(typed)
    else:
        assert 0 <= problem.start < problem.end <= len(typed) + 1
        assert str(problem)


def wrong(typed: str) -> FilterError | None:
    try:
        parse(typed)
    except FilterError as error:
        return error
    return None


@given(words=st.lists(st.text(alphabet="abc茶%_.)", min_size=1), min_size=1).map("  ".join))
def test_plain_words_are_looked_for_as_they_stand(words: str) -> None:
    assert parse(words) == Filter(text=words)


SAID = (
    'green view:fact,preference tag:travel tag:"summer vacation" tag:a,"b,c" -tag:work '
    "status:activated updated:>2026-01-01 -oolong tea"
)
EVERYTHING = Filter(
    views=frozenset({"detail_factual", "preference"}),
    tags=frozenset({"travel", "summer vacation"}),
    any_tags=frozenset({frozenset({"a", "b,c"})}),
    not_tags=frozenset({"work"}),
    statuses=frozenset({"activated"}),
    since=NEW_YEAR + DAY,
    text="green tea",
    not_texts=frozenset({"oolong"}),
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Filter()),
        ("   ", Filter()),
        (
            SAID,
            EVERYTHING,
        ),
        ("view:detail_factual", Filter(views=frozenset({"detail_factual"}))),
        ("VIEW:Fact", Filter(views=frozenset({"detail_factual"}))),
        ("view:fact view:event", Filter(views=frozenset({"detail_factual", "event"}))),
        ("-view:fact", Filter(not_views=frozenset({"detail_factual"}))),
        ("-status:archived,deleted", Filter(not_statuses=frozenset({"archived", "deleted"}))),
        ('status:"odd one"', Filter(statuses=frozenset({"odd one"}))),
        ("tag:茶", Filter(tags=frozenset({"茶"}))),
        ("updated:2026-01-01", Filter(since=NEW_YEAR, until=NEW_YEAR + DAY)),
        ("updated:>=2026-01-01", Filter(since=NEW_YEAR)),
        ("updated:<2026-01-01", Filter(until=NEW_YEAR)),
        ("updated:<=2026-01-01", Filter(until=NEW_YEAR + DAY)),
        ("updated:2026-01-01..2026-01-02", Filter(since=NEW_YEAR, until=NEW_YEAR + 2 * DAY)),
        ("created:2026-01-01..", Filter(created_since=NEW_YEAR)),
        ("updated:>2026-01-01T00:00:00.000Z", Filter(since=NEW_YEAR + 1)),
        ("updated:>=2026-01-01T08:00+08:00", Filter(since=NEW_YEAR)),
        ("vanished:yes", Filter(vanished=True)),
        ("-vanished:yes", Filter(vanished=False)),
        ("inferred:no source:yes", Filter(inferred=False, sourced=True)),
        ('conversation:""', Filter(conversation_id="")),
        ("user:ann@example.com", Filter(subject=SubjectRef("user", "ann@example.com"))),
        ("agent:ann", Filter(subject=SubjectRef("agent", "ann"))),
        ("as_of:2026-01-01", Filter(as_of=NEW_YEAR)),
        ("sort:title", Filter(order="title", descending=False)),
        ("sort:created,reverse", Filter(order="created", descending=False)),
        ("at 10:30, see https://x.example:8/", Filter(text="at 10:30, see https://x.example:8/")),
        ('"view:fact"', Filter(text="view:fact")),
        ('5" of - snow', Filter(text='5" of - snow')),
        (r'"a\"b\\c\u{202e}d"', Filter(text='a"b\\c\u202ed')),
    ],
)
def test_what_is_said(typed: str, expected: Filter) -> None:
    assert parse(typed) == expected


def test_days_are_those_of_the_zone_also_where_one_has_23_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = parse("updated:2026-03-29", berlin)
    assert found.since is not None
    assert found.until is not None
    assert found.until - found.since == 23 * 3_600_000
    assert found.since == NEW_YEAR + to_ms_of_day(berlin)


def to_ms_of_day(zone: ZoneInfo) -> int:
    from datetime import datetime

    return to_ms(datetime(2026, 3, 29, tzinfo=zone)) - NEW_YEAR


def test_said_twice_views_are_one_of_them_and_tags_both() -> None:
    assert parse("view:fact view:event") == parse("view:fact,event")
    assert parse("status:archived status:deleted") == parse("status:archived,deleted")
    assert parse("tag:a tag:b").tags == {"a", "b"}
    assert parse("tag:a,b").any_tags == {frozenset({"a", "b"})}
    assert parse("cats or dogs (10:30) :(").text == "cats or dogs (10:30) :("
    assert parse('"cats OR dogs" R & D').text == "cats OR dogs R & D"
    assert parse("view:fact or").text == "or"
    assert parse("view:fact tea or milk").text == "tea or milk"
    assert printed(Filter(vanished=True, text="or milk")) == 'vanished:yes "or milk"'
    assert printed(Filter(vanished=True, text="OR")) == 'vanished:yes "OR"'


def test_a_time_ago_counts_from_now() -> None:
    before = now_ms()
    for typed in ("updated:7d", "updated:>=7d"):
        found = parse(typed)
        assert found.until is None
        assert found.since is not None
        assert before <= found.since + timedelta(days=7) // timedelta(milliseconds=1) <= now_ms()


@pytest.mark.parametrize(
    ("typed", "at", "said"),
    [
        ("tea viev:fact", (4, 9), "Did you mean view?"),
        ("tga:x", (0, 4), "There is no field tga. Did you mean tag?"),
        ("Note: tea", (0, 5), "put it in quotes"),
        ("view:preferenc", (5, 14), "Did you mean preference?"),
        ("view:fact,xyzzy", (10, 15), "There are: fact, preference"),
        ("茶 view:", (7, 8), "A value is missing behind view:"),
        ("view:fact,", (10, 11), "A value is missing"),
        ("status:", (7, 8), "A value is missing behind status: such as activated"),
        ("(view:fact OR view:event)", (0, 1), "commas say one of several: view:fact,event"),
        ("view:fact OR view:event", (10, 12), "commas say one of several"),
        ("tag:a && tag:b", (6, 8), "All conditions hold"),
        ("tea OR coffee", (4, 6), "OR means nothing here. All conditions hold"),
        ("tea OR view:fact", (4, 6), "To look for the text, put it in quotes"),
        ("NOT tea", (0, 3), "means nothing here"),
        ("tea & view:fact", (4, 5), "means nothing here"),
        ("view:fact or view:event", (10, 12), "or means nothing here"),
        ("tea and tag:a", (4, 7), "and means nothing here"),
        ("green (tea coffee)", (6, 7), "There are no brackets here"),
        ("(tea tag:a)", (0, 1), "There are no brackets here"),
        ("tea verdict:wrong", (4, 12), "verdict: narrows verdicts, not memories."),
        ("status:activate", (7, 15), "Did you mean activated?"),
        ("status:gone", (7, 11), "in quotes it is taken as it is"),
        ("updated:>soon", (8, 13), "no time"),
        ("updated:..", (8, 10), "no time"),
        ("updated:2026-01-02..2026-01-01", (8, 30), "ends before it begins"),
        ("updated:2026-01-01T10:00", (8, 24), "before or after"),
        ("as-of:9000-01-01", (6, 16), "future"),
        ("vanished:perhaps", (9, 16), "neither yes nor no"),
        ("user:a user:b", (7, 13), "once only"),
        ("user:a,b", (7, 8), "one value only"),
        ("-user:a", (0, 7), "hyphen"),
        ("user:" + "x" * 101, (5, 106), "1 to 100"),
        ('tag:"a', (4, 6), "not closed"),
        ('tag:"a"b', (7, 8), "A space has to follow"),
        ('tea ""', (4, 6), "no text in these quotes"),
        (r'"\u{110000}"', (1, 11), "no such character"),
        ("sort:tags", (5, 9), "There is no order"),
        ("sort:title,up", (11, 13), "reverse"),
        ("as-of:2026-01-01 source:no", (17, 26), "past instant"),
        ("x" * (LONGEST + 1), (LONGEST, LONGEST + 1), "at most 2000"),
    ],
)
def test_an_error_points_at_the_place(typed: str, at: tuple[int, int], said: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(typed)
    assert (raised.value.start, raised.value.end) == at
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("vi", ["view:"]),
        ("tea -st", ["tea -status:"]),
        ("view:", ["view:fact", "view:preference", "view:tool", "view:skill", "view:event", "view:profile"]),
        ("view:fact,pre", ["view:fact,preference"]),
        ("tea tag:su", ['tea tag:"summer, 2026"', "tea tag:sun"]),
        ('tag:"su', ['tag:"summer, 2026"', "tag:sun"]),
        ("vanished:", ["vanished:yes", "vanished:no"]),
        ("", []),
        ("view:fact ", []),
        ("nofield:x", []),
        ('"vi', []),
        ("user:", []),
        ("inferred:yes,", []),
    ],
)  # fmt: skip
def test_what_can_be_typed_next(typed: str, lines: list[str]) -> None:
    found = completion(typed)
    tags = ["summer, 2026", "sun", "moon"]
    assert ([] if found is None else list(found.lines(tags))) == lines


@given(field=st.sampled_from(sorted(FIELDS)), begin=st.text(alphabet='abcdefgh,"', max_size=3))
def test_a_completed_text_can_be_typed_on(field: str, begin: str) -> None:
    found = completion(f"tea {field}:{begin}")
    for line in found.lines(["茶", "two words", 'a"b']) if found is not None else ():
        problem = wrong(line)
        assert problem is None or field == "sort" or "There is no" in str(problem)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("视图:事实", "view:fact"),
        ("视图：事实，偏好", "view:fact,preference"),
        ("view：fact", "view:fact"),
        ("VIEW：fact", "view:fact"),
        ("tag:food，travel", "tag:food,travel"),
        ("标签:茶、咖啡", "tag:茶,咖啡"),
        ("tag:“summer vacation”", 'tag:"summer vacation"'),
        ("tag：“a，b”，＂c d＂", 'tag:"a，b","c d"'),
        ("－tag：work", "-tag:work"),
        ("状态:已归档 消失：是 来源:否", "status:archived vanished:yes source:no"),
        ("更新:7d..", "updated:7d.."),
        ("创建:2026-01-01", "created:2026-01-01"),
        ("推断:是 会话:0610 用户:a", "inferred:yes conversation:0610 user:a"),
        ("智能体:a 截至:2026-01-01 排序:title", "agent:a as-of:2026-01-01 sort:title"),
        ("排序：标题，反序", "sort:title,reverse"),
        ("排序:更新、反序", "sort:updated,reverse"),
        ("sort:创建", "sort:created"),
        ("排序:视图", "sort:view"),
        ("排序:状态", "sort:status"),
        ("排序:置信度,reverse", "sort:confidence,reverse"),
        ("时间：10点", '"时间：10点"'),
        ("Email：a@b.example", '"Email：a@b.example"'),
        ("“black tea” 中文，标点", '"“black tea” 中文，标点"'),
        ("－5 度", '"－5 度"'),
        ("10：30", '"10：30"'),
    ],
)
def test_what_a_chinese_input_method_writes(typed: str, same: str) -> None:
    if "7d" in typed:
        assert parse(typed).since is not None
    else:
        assert parse(typed) == parse(same)


@pytest.mark.parametrize(
    ("typed", "start", "end", "why"),
    [
        ("tea täg:food", 4, 8, "There is no field täg. Did you mean tag?"),
        ("ta\u0308g:food", 0, 5, "Did you mean tag?"),
        ("tea 时间:10点", 4, 7, "There is no field 时间. To look for the text, put it in quotes."),
        ("-метка:еда", 1, 7, "There is no field метка."),
        ("टैग:x", 0, 4, "There is no field टैग."),
        ("viev：fact", 0, 5, "There is no field viev. Did you mean view?"),
        ("判定:错误", 0, 3, "判定: narrows verdicts, not memories."),
        ("tag：", 4, 5, "A value is missing behind tag:"),
        ("tag:“summer", 4, 11, "This quote is not closed."),
        ("视图：空", 3, 4, "There is no view 空."),
        ("排序：空", 3, 4, "There is no order 空."),
        ("排序:标题,倒", 6, 7, "Behind the order only reverse may stand."),
        ("（view:fact）", 0, 1, "There are no brackets here."),
    ],
)
def test_slips_in_any_script_are_told_at_their_place(
    typed: str, start: int, end: int, why: str
) -> None:
    with pytest.raises(FilterError, match=re.escape(why)) as told:
        parse(typed)
    assert (told.value.start, told.value.end) == (start, end)


def test_the_fields_of_verdicts_have_names_in_other_languages_too() -> None:
    said = parse_verdicts("判定：错误 操作者：ann，bob 判定于:2026-01-01 更改:是")
    assert said == parse_verdicts("verdict:wrong operator:ann,bob given:2026-01-01 changed:yes")
    assert set(WORDS) == set(OF_VERDICTS)


@pytest.mark.parametrize("typed", ["tea sort:", "tea sort: x", "tea sort:title"])
def test_no_value_is_asked_for_of_what_does_not_apply(typed: str) -> None:
    for read in (parse, split):
        with pytest.raises(FilterError, match=r"no order here") as told:
            read(typed, UTC, {"sort": "There is no order here."})
        assert told.value.start == len("tea ")


def test_a_search_takes_the_same_names() -> None:
    words, found = split("茶 标签：food，travel 时间：10点 看:我")
    assert words == "茶 时间：10点 看:我"
    assert found == parse("tag:food,travel")


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("视图：pre", ["视图：preference"]),
        ("－view：fact，prof", ["－view：fact，profile"]),
        ("排序：ti", ["排序：title"]),
        ("排序：标题，re", ["排序：标题，reverse"]),
        ("时间：", None),
    ],
)
def test_what_can_be_typed_next_behind_such_a_name(typed: str, lines: list[str] | None) -> None:
    found = completion(typed)
    assert (None if found is None else [*found.lines()]) == lines


@pytest.mark.parametrize(
    ("prompt", "meant"),
    [
        ("filter, such as: view:fact -tag:work tea", "view:fact -tag:工作 茶"),
        (
            "filter, such as: verdict:wrong changed:no view:fact",
            "verdict:wrong changed:no view:fact",
        ),
    ],
)
def test_examples_in_chinese_have_the_words_of_its_screens(prompt: str, meant: str) -> None:
    with written_in("zh"):
        _said, _colon, shown = gettext(prompt).partition("：")
    assert not re.search("[a-z]", shown), shown
    assert parse_verdicts(shown) == parse_verdicts(meant)
