"""What two texts share, and how much of one that is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.evidence.matching import matching, share
from memos_admin.backend.provenance.quotes import CJK, words

TEXT = "Quarterly report deadline moved towards Tuesday morning."


def test_how_much_of_a_text_is_shared() -> None:
    spans = matching(TEXT, TEXT)[0]
    assert len(spans) == 7
    assert share(TEXT, spans) == 1
    assert 0 < share(TEXT, spans[:3]) < 0.5
    assert share("of the", ()) == 0
    assert share("我喜欢狗", matching("我喜欢狗", "他喜欢狗")[0]) > 0.5


def test_a_name_that_only_one_text_has_is_not_shared_for_its_stem() -> None:
    one, other = "The landlord is called Falke here.", "My landlord, Mr Falk, likes cats."
    mine, theirs = matching(one, other)
    assert [one[start:end] for start, end in mine] == ["landlord"]
    assert [other[start:end] for start, end in theirs] == ["landlord"]
    mine, theirs = matching("We met Falk there.", "They know Falk's house.")
    assert [len(mine), len(theirs)] == [1, 1]


def marks(one: str, other: str) -> tuple[list[str], list[str]]:
    """Return what is marked of two texts."""
    mine, theirs = matching(one, other)
    return [one[start:end] for start, end in mine], [other[start:end] for start, end in theirs]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("2,100 crates stand underneath.", "The bakery sells 2,300 loaves.", []),
        ("体检套餐B要 1,820 元", "推荐套餐B，1,280 元", ["套餐B"]),
        ("paid 20,500 kronor", "20,000 kronor paid", ["kronor", "paid"]),
        ("$1,280.50", "$1,280.75", []),
        ("the 3.1 metre boat", "the 3.5 metre boat", ["metre", "boat"]),
        ("3,1 kg of a 5kg bag", "3,5 kg of a 7kg bag", ["bag", "kg"]),
        ("at 9:45", "at 9:15", []),
        ("9：45见", "9：15见", ["见"]),
        ("9:45 am", "9:45 pm", []),
        ("code QX-4471", "code QX-4417", ["code"]),
        ("code AB-QX-4471", "code AB-QY-4471", ["code"]),
        ("twenty-five guests", "twenty-eight guests", ["guests"]),
        ("二十五个客人", "二十八个客人", ["客人"]),
        ("两千一百箱", "两千三百箱", []),
        ("晚上八点半", "晚上八点一刻", []),
        ("二〇二五年七月十四日", "二〇二五年七月二十四日", []),
        ("7月14日出发", "7月24日出发", ["出发"]),
        ("on 14 July we sail", "on 24 July we sail", ["sail"]),
        ("room 14", "the 14 July", []),
    ],
)
def test_of_a_number_that_only_one_text_has_no_part_is_marked(
    one: str, other: str, shared: list[str]
) -> None:
    assert [sorted(some) for some in marks(one, other)] == [sorted(shared)] * 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,280", "1280"),
        ("1,280.50", "1280.5"),
        ("20,000", "2万"),
        ("1,280 元", "1280元"),
        ("二十五个", "25个"),
        ("twenty-five", "25"),
        ("8:30 pm", "晚上八点半"),
        ("20:30", "8:30 pm"),
        ("14 July 2025", "2025-07-14"),
        ("14 July", "2025年7月14日"),
        ("QX-4471", "QX-4471"),
        ("3,5", "3,5"),
        ("in 2020", "2020"),
    ],
)
def test_a_number_of_both_texts_is_marked_whole_in_whatever_spelling(one: str, other: str) -> None:
    assert marks(one, other) == ([one.removeprefix("in ")], [other])


def test_what_is_counted_is_marked_where_both_count_it() -> None:
    assert marks("住3天", "3元") == (["3"], ["3"])
    text = "两个月亮，1,280元的套餐"
    assert "".join(marks(text, text)[0]) == text.replace("，", "")


FIGURES = st.lists(
    st.sampled_from(
        ["1", "280", "QX", ",", ".", ":", "-", "/", "_", "’", " ", "am", "二十", "元", "七月", "日"]
    ),
    max_size=12,
).map("".join)


@given(FIGURES, FIGURES)
def test_no_mark_cuts_a_word(one: str, other: str) -> None:
    for text, spans in zip((one, other), matching(one, other), strict=True):
        inside = {at for _, start, end in words(text) for at in range(start + 1, end)}
        assert all(CJK.match(text, at) or at not in inside for span in spans for at in span)
