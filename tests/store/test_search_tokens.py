"""What a word is, what is asked for, and where it stands in a text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.store.search.marks import part, spans
from memos_admin.store.search.tokens import Term, fold, wanted
from tests.hostile import HOSTILE

LETTERS = "abé ＡＢ 旅行的ｶﾞがส\u3099한\u1112\u1161\u11ab🎉ß ﬁ\u0301\ufe0f\u200b\0_-.\"'İ№½"
texts = st.text(st.sampled_from(LETTERS), max_size=40) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Plans a Family-trip!", "plans a family trip"),
        ("don't", "don t"),
        ("memory_id", "memory id"),
        ("我想旅行。", "我 想 旅 行"),
        ("用iPhone拍照", "用 iphone 拍 照"),
        ("Ｆａｍｉｌｙ", "family"),
        ("café CAFÉ cafe\u0301", "cafe cafe cafe"),
        ("Straße", "strasse"),
        ("ｶﾞｷﾞ がか", "ガ ギ が か"),
        ("한국 \u1112\u1161\u11ab", "한 국 한"),
        ("pass\u200bword soft\u00adware", "password software"),
        ("सत्य", "सत्य"),
        ("party🎉🎉", "party 🎉 🎉"),
        ("№ 42 ½", "no 42 1 2"),
        ("a\0b\ud800c", "a b c"),
        ("x" * 100, "x" * 64),
        ("。，!?", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    assert fold(text) == words


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("family trip", [(("family",), True), (("trip",), True)]),
        ('"family trip"', [(("family", "trip"), False)]),
        ("“family trip” 旅行", [(("family", "trip"), False), (("旅", "行"), False)]),
        ('tea "unbalanced quote', [(("tea",), True), (("unbalanced",), True), (("quote",), True)]),
        ("a tea", [(("a",), False), (("tea",), True)]),
        ("tea tea TEA", [(("tea",), True)]),
        ("don't", [(("don", "t"), False)]),
        ("wi-fi", [(("wi", "fi"), True)]),
        ("tea AND (coffee)*", [(("tea",), True), (("and",), True), (("coffee",), True)]),
        ('"" "!" ) * ^ : - \0 \ud800', []),
    ],
)
def test_what_is_asked_for(text: str, terms: list[tuple[tuple[str, ...], bool]]) -> None:
    assert wanted(text).terms == tuple(Term(*term) for term in terms)


def test_no_phrase_reaches_from_one_field_into_the_next() -> None:
    asked = wanted('"family trip"')
    assert asked.is_in(["a family trip"])
    assert not asked.is_in(["a family", "trip"])
    assert wanted("family trip").is_in(["a family", "trip"])


@given(texts)
def test_marks_see_the_words_that_the_index_sees(text: str) -> None:
    for word in fold(text).split():
        assert spans(wanted(f'"{word}"'), text), (word, fold(text))


@given(texts, texts)
def test_what_fits_is_marked_and_nothing_else(text: str, asked: str) -> None:
    sought = wanted(asked)
    found = spans(sought, text)
    if sought.terms and sought.is_in([fold(text)]):
        assert found
    assert bool(found) == any(term.needle in f" {fold(text)} " for term in sought.terms)
    assert all(0 <= a < b <= len(text) for a, b in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("asked", "text", "marked"),
    [
        ("fam", "A Family", ["Fam"]),
        ("旅行", "我想旅行和旅行", ["旅行", "旅行"]),
        ('"family trip"', "family, trip family", ["family, trip"]),
        ("cafe", "le café.", ["café"]),
        ("strasse", "die Straße", ["Straße"]),
        ("tea", "steam", []),
        ("tea 茶", "茶tea", ["茶tea"]),
        ("family", "Ｆａｍｉｌｙ", ["Ｆａｍｉｌｙ"]),
    ],
)
def test_marks(asked: str, text: str, marked: list[str]) -> None:
    assert [text[a:b] for a, b in spans(wanted(asked), text)] == marked


@pytest.mark.parametrize("before", [0, 10, 3_900, 3_999, 4_000, 7_777, 500_000])
def test_the_first_place_is_found_however_far_it_is(before: int) -> None:
    text = "x " * (before // 2) + "needle" + " y" * 100
    start = before // 2 * 2
    assert part(wanted("needle"), text, 40) == (max(0, start - 40), start + len("needle") + 40)


plain = st.text(st.sampled_from("abAB Z9.,，。：“…旅行的🎉é_-"), max_size=12)


@given(st.lists(texts | plain, max_size=3), texts | plain)
def test_what_fits_is_always_worth_a_closer_look(fields: list[str], asked: str) -> None:
    sought = wanted(asked)
    if sought.is_in([fold(field) for field in fields]):
        assert sought.may_be_in(fields)


@pytest.mark.parametrize(
    ("text", "asked", "may"),
    [("a Family", "fam", True), ("a Family", "tea", False), ("我想旅行。", "旅行", True),
     ("我想旅行。", "茶", False), ("Ｆamily", "family", True), ("Ｆamily", "tea", True)],
)  # fmt: skip
def test_plain_texts_are_judged_before_they_are_folded(text: str, asked: str, may: bool) -> None:
    assert wanted(asked).may_be_in(["x", text]) == may


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_words_and_questions_like_any_other(name: str) -> None:
    text = HOSTILE[name]
    folded = fold(text)
    if folded:
        assert wanted(f'"{folded[:500]}').terms
        assert wanted(text[:10_000]).is_in([fold(text[:10_000])])
    part(wanted(text[:100]), text, 40)
