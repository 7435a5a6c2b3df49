"""What retention has dropped says so where it was shown, instead of looking as if it had never been."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.store.retaining import RAWS, VERSIONS
from memos_admin.tui.rows.changes import ChangeRow, Changes, edited_words
from tests.tui.looking import go_to_user, opened, press, sees

DAY = 24 * 3_600_000


async def test_dropped_texts_and_json_are_told(story: Workspace) -> None:
    writer = await story.open_writer()
    for texts in (*VERSIONS, *RAWS):
        await writer.run(partial(texts.drop, before=now_ms() + DAY))
    async with opened(story, (200, 50)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "g", "enter", "slash", *"Fridays", "enter")
        await press(look, "enter", "G")
        await sees(look, "1 earlier version", "version 1, until", "The text is no longer kept")
        await press(look, "R")
        await sees(look, "The JSON is no longer kept: keep_raw_json")


async def test_changes_say_that_what_changed_is_no_longer_kept(story: Workspace) -> None:
    writer = await story.open_writer()
    for texts in VERSIONS:
        await writer.run(partial(texts.drop, before=now_ms() + DAY))
    found = Changes(None, None, kinds=["changed"])
    rows = found.rows(story.reads, found.keys(story.reads))
    assert {row.how for row in rows if not row.change.fields} == {"(no longer kept)"}
    (row, *_) = rows
    known = ChangeRow(0, replace(row.change, fields=("view",)), row.about)
    assert known.how == "view, perhaps more"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, None, "(no longer kept)"),
        (None, "now", "(no longer kept) → now"),
        ("once", None, "once → (no longer kept)"),
        ("once", "now", "[-once-]{+now+}"),
    ],
)
def test_an_edit_tells_the_one_of_its_texts_that_is_kept(
    before: str | None, after: str | None, told: str
) -> None:
    assert edited_words(before, after) == told
