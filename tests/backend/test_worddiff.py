"""What differs between two texts, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.history import worddiff
from memos_admin.backend.history.worddiff import Part, around, marked, word_diff

TEXTS = st.lists(
    st.sampled_from(
        [
            "the",
            "user",
            "用户",
            "喝茶",
            " ",
            "\n",
            ", ",
            "1.5",
            "1,2",
            "-3",
            "x" * 30,
            "é",
            "\u0301",
        ]
    )
).map("".join) | st.text(max_size=40)


@given(TEXTS, TEXTS)
def test_the_parts_make_both_texts_again(before: str, after: str) -> None:
    parts = word_diff(before, after)
    assert "".join(part.text for part in parts if part.kind != "new") == before
    assert "".join(part.text for part in parts if part.kind != "gone") == after
    assert all(part.text for part in parts)


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(part.kind == "same" for part in word_diff(text, text))


def test_words_are_compared_whole_and_chinese_by_characters() -> None:
    assert word_diff("one family trip", "one trip") == [
        Part("same", "one "),
        Part("gone", "family "),
        Part("same", "trip"),
    ]
    assert word_diff("用户喝茶", "用户喝咖啡") == [
        Part("same", "用户喝"),
        Part("gone", "茶"),
        Part("new", "咖啡"),
    ]


def test_long_texts_are_one_change() -> None:
    many = worddiff._MOST_COMPARED + 1
    before, after = "a " * many, "b " * many
    assert [part.kind for part in word_diff(f"x {before}y", f"x {after}y")] == [
        "same",
        "gone",
        "new",
        "same",
    ]


def test_what_is_the_same_is_shortened_to_what_stands_around_a_difference() -> None:
    parts = word_diff("a" * 50 + " old " + "b" * 50, "a" * 50 + " new " + "b" * 50)
    shown = "".join(map(marked, around(parts, 4)))
    assert shown == "…aaa [-old-]{+new+} bbb…"
    assert around(parts, 60) == parts
    assert [part.text for part in around(word_diff("x" * 40 + " y", "x" * 40 + " z"), 3)] == [
        "…xx ",
        "y",
        "z",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("costs 1,240 kronor", "costs 1,420 kronor", "costs [-1,240-]{+1,420+} kronor"),
        ("价格1,240.50元", "价格1,420.50元", "价格[-1,240.50-]{+1,420.50+}元"),
        ("3.1 kg, 5kg.", "3.5 kg, 7kg.", "[-3.1-]{+3.5+} kg, [-5kg-]{+7kg+}."),
        ("1’240’000 francs", "1’420’000 francs", "[-1’240’000-]{+1’420’000+} francs"),
        ("at 9:15.", "at 9:45.", "at [-9:15-]{+9:45+}."),
        ("9：15见面", "9：45见面", "[-9：15-]{+9：45+}见面"),
        ("9:15-10:45", "9:15-10:50", "9:15-[-10:45-]{+10:50+}"),
        ("on 2025-07-14", "on 2025-07-24", "on [-2025-07-14-]{+2025-07-24+}"),
        ("code QX-4471!", "code QX-4417!", "code [-QX-4471-]{+QX-4417+}!"),
        ("AB-QX-4471-C", "AB-QY-4471-C", "[-AB-QX-4471-C-]{+AB-QY-4471-C+}"),
        ("ID_4471, a_b", "ID_4417, a_b", "[-ID_4471-]{+ID_4417+}, a_b"),
        ("a 20-minute walk", "a 30-minute walk", "a [-20-]{+30+}-minute walk"),
        ("in 3. Then 4", "in 3. Then 5", "in 3. Then [-4-]{+5+}"),
        ("a well-known place", "a well-loved place", "a well-[-known-]{+loved+} place"),
    ],
)
def test_numbers_times_and_codes_are_compared_whole(before: str, after: str, told: str) -> None:
    assert "".join(map(marked, word_diff(before, after))) == told
