"""Going to a pane, and to a place that was chosen elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from memos_admin.tui import background
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.desk.place import Place

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


class Arriving(Acting, inherit_bindings=False):
    """Going somewhere, and noting where one comes from."""

    def go_to(self, pane: str, *, note: bool = True) -> None:
        """Give a pane the focus, and note where one is then."""
        if note and self.desk.place is not None:
            self.visits.stay(self.here)
        if pane == "detail" and self.pane in {"memories", "transcript"}:
            self.detail_from = self.pane
        self.pane = pane
        self.place_panes()
        self.set_focus(self.view_of(pane))
        if note and self.desk.place is not None:
            self.visits.go(self.here)

    @property
    def here(self) -> Place:
        """Where one is; to be asked for only where a user is chosen."""
        place = self.bound or self.desk.place
        if place is None:
            raise LookupError("No user is chosen.")
        return replace(place, pane=self.pane)

    def open(self, place: Place | None) -> None:
        """Show a place, and note where one comes from; None: stay where one is."""
        from memos_admin.tui.screens.viewer import Viewer

        if place is not None:
            while isinstance(self.app.screen, Viewer):  # a text that was being read
                self.app.pop_screen()
            if self.desk.place is not None:
                self.visits.stay(self.here)
            self.visits.go(place)
            self.visit(place)

    def visit(self, place: Place) -> None:
        """Show a place that is noted already."""
        for group in ("user", "conversation", "memory", "message"):
            self.workers.cancel_group(self, group)
        self.bound = place
        self.work(partial(self._open, place), "open")

    async def _open(self, place: Place) -> None:
        try:
            missing = await self._arrive(place)
        except asyncio.CancelledError:
            self._read_what_waits()
            raise
        finally:
            cast("MemosAdmin", self.app).draw_on()
        background.arrived()
        self._read_what_waits()
        subject = self.desk.subject
        if subject is None or subject.ref != place.subject:
            self.visits.turn_away()
        elif missing or subject.synced_at is None:
            await self.fetching.fetch_subject(place.subject, seen=subject.synced_at)
            missing = await self._arrive(place)
        if missing:
            self.say(missing)

    def _read_what_waits(self) -> None:
        """Fill the panes that would wait for ever: what was to fill them has given way to this."""
        if self.is_attached and self.desk.waits:
            self.reload()

    async def _arrive(self, place: Place) -> str:
        """Show a place, and note what was found there; return what of it is missing."""
        self.bound = place
        try:
            missing = await self.going.open(place)
        finally:
            if self.bound is place:
                self.bound = None
        subject = self.desk.subject
        if subject is not None and subject.ref == place.subject:
            self.go_to(place.pane, note=False)
            self.visits.arrive(self.here)
        return missing
