"""Ids with characters that nobody would see: shown with marks, and meant by what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.display import readable, safe
from memos_admin.backend.ids.as_shown import marked, meant, unmarked
from memos_admin.backend.ids.from_list import read_ids, subject_named
from memos_admin.backend.ids.from_paste import read_id
from memos_admin.store.records import SubjectRef

WANG = "王\u200b芳"
ODD = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="⟨")
    | st.sampled_from("\u200b\u200d\u200c\ufe0f\u202e\u0301\U0001f3fd\x1b")
)


@given(ODD)
def test_marks_are_safe_and_mean_what_they_stand_for(text: str) -> None:
    shown = marked(text)
    assert safe(shown) == shown
    assert meant(shown) == text
    assert marked(shown) == shown


@given(st.text(st.characters(exclude_categories=["C", "M", "Zl", "Zp"])))
def test_what_everybody_sees_has_no_marks(text: str) -> None:
    assert "⟨U+" in marked(text) or marked(text) == text
    assert unmarked(marked(text)) in {text, "".join(c for c in text if marked(c) == c)}


@pytest.mark.parametrize("text", ["⟨U+200B", "⟨U+110000⟩", "⟨U+D800⟩", "U+200B", "⟨⟩"])
def test_what_is_no_mark_stays(text: str) -> None:
    assert meant(text) == text


def test_an_id_is_meant_as_it_is_shown_and_copied() -> None:
    for shown in (WANG, marked(WANG), safe(WANG), readable(WANG)):
        assert subject_named(shown) == SubjectRef("user", WANG)
        assert read_ids(f"u1, {shown}", {"user"}) == ["u1", WANG]
        assert read_id(shown).id == WANG
