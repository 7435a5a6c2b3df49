"""The display gate lets nothing through that a terminal would obey or a reader could not see."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth

from memos_admin.backend.display import MAX_MARKS, both_ends, one_line, pad, printable, safe_json
from tests.hostile import HOSTILE, unsafe

NASTY = (
    "\x00\x07\x1b\x7f\x9b\u202e\u200b\u200c\u200d\ufe0f\ufe0e\u0301\u0489\ud800\U000e0041\U000e0100🏽"
    "\u180b\ufeff\u2028\r\n\t ab汉👨👩मین्\u0903\u20e3\u25cc⟨⟩…"
)
nasty = st.sampled_from(NASTY)
texts = st.text() | st.text(st.characters()) | st.text(nasty, max_size=60)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("newlines", [False, True])
def test_no_hostile_text_passes(name: str, newlines: bool) -> None:
    shown = printable(HOSTILE[name], newlines=newlines)
    assert unsafe(shown, newlines=newlines) == []
    shown.encode()


@given(texts, st.booleans())
def test_nothing_unsafe_passes(text: str, newlines: bool) -> None:
    shown = printable(text, newlines=newlines)
    assert unsafe(shown, newlines=newlines) == []
    shown.encode()


@given(texts, st.booleans())
def test_passing_twice_changes_nothing(text: str, newlines: bool) -> None:
    once = printable(text, newlines=newlines)
    assert printable(once, newlines=newlines) == once


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=80))
def test_plain_text_is_unchanged(text: str) -> None:
    plain = text.translate(
        dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, *range(0x1F3FB, 0x1F400)))
    )
    assert printable(plain) == plain
    assert printable(f"{plain} \n\t{plain}", newlines=True) == f"{plain} \n\t{plain}"


def test_the_same_object_comes_back_where_there_is_nothing_to_do() -> None:
    text = "Summer Family Trip Plan"
    assert printable(text) is text


@pytest.mark.parametrize(
    "name",
    ["arabic", "persian joiner", "cjk", "thai", "devanagari", "hangul jamo"],
)
def test_living_scripts_stay_what_they_are(name: str) -> None:
    text = HOSTILE[name]
    if name == "hangul jamo":
        assert "\u1160" not in text
    # What a joiner joins has another width in each terminal.
    assert printable(text) == text.replace("\u200d", "‿")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\x00", "␀"),
        ("\x7f", "␡"),
        ("\x9b", "⟨U+009B⟩"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\ud800", "⟨U+D800⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("a\nb\tc", "a␊b␉c"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("x\ufe0f\ufe0f", "x⟨U+FE0F⟩"),
        ("👨\u200d👩\u200d👧 home", "👨‿👩‿👧 home"),
        ("ශ\u0dca\u200dර", "ශ\u0dca‿ර"),
        ("👩🏽\u200d💻", "👩⟨tone 4⟩‿💻"),
        ("✈\ufe0f 1\ufe0f⃣ ❤\ufe0f", "✈ 1⃣ ❤"),
        ("\u0301a", "◌\u0301a"),
    ],
)
def test_marks(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_line_ends_of_every_system_are_line_ends() -> None:
    assert printable("a\r\nb\nc\rd", newlines=True) == "a\nb\nc␍d"


@given(texts)
def test_combining_characters_are_bounded_and_never_sit_on_what_is_ours(text: str) -> None:
    run = MAX_MARKS  # as if the text followed something of ours
    for char in "|" + printable(text, newlines=True):
        combines = unicodedata.category(char) in {"Mn", "Me", "Mc"} or char in "\u200c\u200d"
        run = run + 1 if combines else 0
        if char in "|\n":
            run = MAX_MARKS
        assert run <= MAX_MARKS


def test_too_many_combining_characters_are_counted() -> None:
    assert printable("z" + "\u0301" * 10) == "z" + "\u0301" * MAX_MARKS + "⟨+4 marks⟩"


@given(texts, st.integers(0, 40))
def test_one_line_is_safe_and_fits(text: str, cells: int) -> None:
    line = one_line(text, cells)
    assert unsafe(line) == []
    assert cell_len(line) <= cells


@pytest.mark.parametrize("name", HOSTILE)
def test_one_line_of_hostile_text(name: str) -> None:
    line = one_line(HOSTILE[name], 20)
    assert unsafe(line) == []
    assert cell_len(line) <= 20


@pytest.mark.parametrize(
    ("text", "cells", "line"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one too many", 11, "one too ma…"),
        ("我想在暑假旅行", 14, "我想在暑假旅行"),
        ("我想在暑假旅行", 8, "我想在…"),
        ("我想在暑假旅行", 7, "我想在…"),
        ("first\nsecond", 20, "first…"),
        ("first\r\n", 20, "first"),
        ("\n\n  first", 20, "first"),
        ("a\tb", 20, "a    b"),
        ("", 5, ""),
        ("\n\n", 5, ""),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_one_line(text: str, cells: int, line: str) -> None:
    assert one_line(text, cells) == line


def test_pad_counts_cells() -> None:
    assert pad("汉字", 6) == "汉字  "
    assert pad("12", 4, right=True) == "  12"
    assert pad("too long", 3) == "too long"


def test_json_has_no_walls_of_marks() -> None:
    """Those that a table would count are escapes there, which mean the same."""
    wall = "z" + "\u0300\u0489" * 200 + "é" + "\u0301" * 7 + "a" + "\U0001e944" * 7
    wall += "e\u0301" * 9
    safe = safe_json(json.dumps([wall, "\u0301" * 6], ensure_ascii=False))
    assert json.loads(safe) == [wall, "\u0301" * 6]
    assert unsafe(safe) == []
    assert safe.startswith('["z' + "\u0300\u0489" * 3 + r"\u0300\u0489")
    assert r"\u0489" + "é" + "\u0301" * 6 + r"\u0301a" + "\U0001e944" * 6 + r"\ud83a\udd44e" in safe
    assert safe.endswith("e\u0301" * 9 + '", "' + "\u0301" * 6 + '"]')
    plain = json.dumps("e\u0301" * 9, ensure_ascii=False)
    assert safe_json(plain) == plain


@given(st.recursive(texts | st.none() | st.integers(), st.lists), st.sampled_from([None, 2]))
def test_json_keeps_its_meaning_and_is_safe(value: object, indent: int | None) -> None:
    document = json.dumps(value, ensure_ascii=False, indent=indent)
    safe = safe_json(document)
    assert json.loads(safe) == value
    assert unsafe(safe, newlines=True) == []
    safe.encode()


@given(texts, st.integers(0, 40))
def test_both_ends_are_safe_and_fit(text: str, cells: int) -> None:
    line = both_ends(text, cells)
    assert unsafe(line) == []
    assert cell_len(line) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "line"),
    [
        ("3f2a8c90-0000-4000-8000-0000000091bc", 9, "3f2a…91bc"),
        ("3f2a8c90-0000-4000-8000-0000000091bc", 8, "3f2a…1bc"),
        ("memos_user_123", 14, "memos_user_123"),
        ("用户一二三四五六", 9, "用户…五六"),
        ("用户一二三四五六", 8, "用户…六"),
        ("abc", 2, "a…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("a\nb", 9, "a␊b"),
        ("x" * 1_000_000 + "end", 9, "xxxx…xend"),
    ],
)
def test_both_ends(text: str, cells: int, line: str) -> None:
    assert both_ends(text, cells) == line


@given(st.text("👨👩🏽💻❤✈1\u200d\ufe0f\u20e3ab汉", max_size=20))
def test_what_is_left_is_as_wide_everywhere_as_its_characters_are(text: str) -> None:
    shown = printable(text)
    assert cell_len(shown) == sum(map(cell_len, shown))


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_is_shown_takes_as_many_cells_here_as_in_a_terminal(name: str) -> None:
    """A terminal adds up its characters; where Rich counted others, borders would be out of line."""
    text = HOSTILE[name][:10_000]
    for shown in (printable(text), one_line(text, 40), both_ends(text, 12)):
        assert cell_len(shown) == sum(map(wcwidth, shown))
