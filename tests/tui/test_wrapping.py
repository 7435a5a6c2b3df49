"""Wrapping by cells against what it promises, for any text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from memos_admin.backend.display import printable
from memos_admin.backend.wrapping import wrap
from memos_admin.tui.layout.transcript import shown, shown_spans

TEXTS = st.text(
    alphabet=st.sampled_from("ab c1\n 长的，。）é👩🏽e\u0301-"), max_size=120
) | st.text(max_size=60).map(lambda text: printable(text, newlines=True).replace("\t", " "))


def lines(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


@given(TEXTS, st.integers(4, 40))
def test_no_line_is_wider_and_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    wrapped = lines(text, width)
    assert all(cell_len(line) <= width for line in wrapped)
    assert "".join("".join(wrapped).split()) == "".join(text.split())
    spans = list(wrap(text, width))
    assert spans == sorted(spans)


def test_words_stay_whole_and_cjk_breaks_between_characters() -> None:
    assert lines("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert lines("我想在暑假旅行，你能推荐吗？", 14) == ["我想在暑假旅", "行，你能推荐", "吗？"]
    assert lines("a\n\nb", 10) == ["a", "", "b"]
    assert lines("  indented", 20) == ["  indented"]
    assert lines("x" * 9, 4) == ["xxxx", "xxxx", "x"]
    assert lines("xxxxxxxxx y z", 4) == ["xxxx", "xxxx", "x y", "z"]
    assert lines("a xxxxxxxx   y", 4) == ["a", "xxxx", "xxxx", "y"]
    assert lines("", 10) == [""]
    assert lines("会话最近 50 条之前的（消息 1）。", 12) == [
        "会话最",
        "近 50 条之前",
        "的（消",
        "息 1）。",
    ]
    assert lines("MemOS 没有指出它的来源", 14) == ["MemOS 没有指出", "它的来源"]
    assert lines("17 Sep 2025, 14\u00a0months\u00a0ago", 16) == [
        "17 Sep 2025,",
        "14\u00a0months\u00a0ago",
    ]


@given(st.text(max_size=60), st.data())
def test_spans_of_content_become_spans_of_what_is_drawn(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    [(first, last)] = shown_spans(text, [(start, end)])
    assert 0 <= first <= last
    if shown(text) == text:
        assert (first, last) == (start, end)
