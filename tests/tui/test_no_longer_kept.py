"""What retention has dropped says so where it was shown, instead of looking as if it had never been."""

from __future__ import annotations

from functools import partial

from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.store.retaining import RAWS, VERSIONS
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
