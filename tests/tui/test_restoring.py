"""A damaged store: the screen says so, shows the backups, and puts one in its place by keys."""

from __future__ import annotations

import shutil
from pathlib import Path

from memos_admin.backend import journal
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.screens.main import MainScreen
from tests.backend.journals import entries
from tests.tui.looking import (
    Look,
    at_both_sizes,
    main,
    misses,
    opened,
    press,
    rows,
    sees,
    told,
    until,
)


async def damaged(story: Workspace, *backups: Path) -> Workspace:
    """Return the project as it is opened anew, with junk in the place of its store."""
    for path in backups:
        await maintenance.backup(story, path, silently)
    await story.close()
    for path in story.store_path.parent.glob("store.db-*"):
        path.unlink()
    story.store_path.write_bytes(b"junk" * 10_000)
    return Workspace(story.project, story.home)


async def back(look: Look) -> None:
    """Return when the main screen shows users again."""
    await until(look, lambda: isinstance(look.app.screen, MainScreen))
    await sees(look, "memos_user_123")


@at_both_sizes
async def test_a_backup_is_put_in_the_place_of_a_damaged_store(
    story: Workspace, size: tuple[int, int], tmp_path: Path
) -> None:
    copy = tmp_path / "monday.db"
    broken = await damaged(story, copy, tmp_path / "gone.db")
    (tmp_path / "gone.db").write_bytes(b"junk")
    async with opened(broken, size) as look:
        assert "The store is damaged, or is none." in rows(look)[0]
        footer = rows(look)[-1]
        assert [word for word in ("backups", "projects", "quit") if word not in footer] == []
        assert "filter" not in footer
        await told(look, "Press B to see which backups could take its place.")
        await press(look, "B")
        await told(look, "what is there now is kept beside it", "gone.db", "UTC  monday.db")
        await press(look, "escape")
        assert broken.store_path.read_bytes().startswith(b"junk")
        await press(look, "B", "down", "enter")
        await told(look, "is in the place of the store", "What was there is kept as")
        await press(look, "escape")
        await back(look)
        await misses(look, "damaged")
    (kept,) = (p for p in broken.store_path.parent.iterdir() if p.read_bytes()[:4] == b"junk")
    assert kept.name.startswith("store.db.")
    assert journal.of(story.home).flush()
    assert "store.restore" in [entry.action for entry in entries(story.home)]


async def test_without_a_backup_it_is_said_and_nothing_changed(
    story: Workspace, size: tuple[int, int]
) -> None:
    broken = await damaged(story)
    async with opened(broken, size) as look:
        await press(look, "B")
        await told(look, "There is no backup that could take the place", "store restore FILE")
        await press(look, "enter")
        assert look.app.screen is main(look)
    assert broken.store_path.read_bytes().startswith(b"junk")


async def test_one_that_fails_at_last_is_told_and_the_project_open_again(
    story: Workspace, tmp_path: Path
) -> None:
    copy = tmp_path / "monday.db"
    broken = await damaged(story, copy)
    async with opened(broken, (80, 24)) as look:
        await press(look, "B", "down")
        shutil.copy(broken.store_path, copy)
        await press(look, "enter")
        await told(look, "Nothing was put back", "monday.db", "Nothing was changed.")
        assert broken.store_path.read_bytes().startswith(b"junk")
        await press(look, "escape")
        assert "The store is damaged" in rows(look)[0]


async def test_a_whole_store_gives_its_place_only_to_who_is_told_and_agrees(
    story: Workspace, tmp_path: Path
) -> None:
    await maintenance.backup(story, tmp_path / "monday.db", silently)
    folder = story.store_path.parent
    async with opened(story, (120, 40)) as look:
        await sees(look, "memos_user_123")
        await press(look, "B", "down", "enter")
        await told(look, "The store is whole.", "The backup: ", "last fetched")
        await press(look, "enter")
        assert look.app.screen is main(look)
        assert not list(folder.glob("store.db.replaced-*"))
        await press(look, "B", "down", "enter")
        await told(look, "The store is whole.")
        await press(look, "down", "enter")
        await told(look, "is in the place of the store")
        await press(look, "escape")
        await back(look)
    assert list(folder.glob("store.db.replaced-*"))


async def test_on_a_low_terminal_both_answers_are_seen_and_what_is_told_is_read(
    story: Workspace, tmp_path: Path
) -> None:
    await maintenance.backup(story, tmp_path / "monday.db", silently)
    async with opened(story, (60, 15)) as look:
        await sees(look, "memos_user_123")
        await press(look, "B")
        await sees(look, "leave the store as it is", "UTC  monday.db")
        await press(look, "down", "enter")
        await sees(look, "leave the store as it is", "put the backup in its place")
        await told(look, "The store is whole.", "it is kept beside it.")
        await press(look, "escape")
        for day in ("tuesday", "wednesday", "thursday", "friday"):
            await maintenance.backup(story, tmp_path / f"{day}.db", silently)
        await press(look, "B")
        await sees(look, "leave the store as it is", "UTC  friday.db", "space more")
        await misses(look, "store restore")
        await press(look, "space", "space")
        await told(look, "memos-admin store restore FILE", "leave the store as it is")
        await misses(look, "space more")


async def test_the_list_of_projects_offers_it_too(story: Workspace, tmp_path: Path) -> None:
    broken = await damaged(story, tmp_path / "monday.db")
    async with opened(broken, (120, 40)) as look:
        await press(look, "P", "b")
        await told(look, "UTC  monday.db")
        await press(look, "down", "enter")
        await told(look, "is in the place of the store")
        await press(look, "escape")
        await back(look)
