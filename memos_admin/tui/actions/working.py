"""Work in the background, and what is said when it goes wrong or finds gone what was chosen."""

from __future__ import annotations

from functools import partial

from memos_admin.backend.display import printable
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.actions.following import Following
from memos_admin.tui.actions.saying import Saying
from memos_admin.tui.desk import reloading
from memos_admin.tui.words import troubles

_FILLED = ("users", "conversations", "memories", "transcript", "detail")
"""The panes, each before those that may be filled by what is chosen in it."""


class Working(Following, Saying, inherit_bindings=False):
    """Runs what a screen is asked to do, one of a kind at a time."""

    def work(
        self,
        do: background.Deed,
        group: str,
        *,
        awaited: bool = True,
        fills: str = "users",
    ) -> None:
        """Run something in the background; a later one of the same group takes its place.

        Args:
            do: what.
            group: of which one runs at a time.
            awaited: what is typed meanwhile waits for it.
            fills: the first of the panes that it is about; in those before the cursor moves at once.
        """
        beside = [self.view_of(pane) for pane in _FILLED[: _FILLED.index(fills)]]
        background.start(self, partial(self._guarded, do), group, awaited=awaited, beside=beside)

    async def _guarded(self, do: background.Deed) -> None:
        try:
            await do()
            self._store_is_broken(False)
            self.remember()
            lost = await self.has_lost()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            lost = await self._failed_for_loss()
            if not lost:
                self.failed(error)
        if lost:
            self.reload()

    async def _failed_for_loss(self) -> bool:
        """Whether something went wrong since what it was about is gone, which is said then."""
        try:
            return await self.has_lost()
        except Exception:  # noqa: BLE001 - the store cannot be read, and why is said already
            return False

    def failed(self, error: Exception) -> None:
        """Say what went wrong, where it belongs and in the panes that have nothing to show for it."""
        self.fetching.failed(error)
        told = [printable(self.fetching.error, newlines=True)]
        if troubles.is_damage(error):
            told.append(_("To look at everything: memos-admin doctor"))
        if self.desk.panes.users.source is None:  # the store cannot even be read
            self._store_is_broken(troubles.is_damage(error))
            self.desk.panes.frames["users"].set_empty("\n\n".join(told))
        again = _("This could not be read. {key} tries again.").format(key=self.key("refresh"))
        reloading.say_unread(self.desk, "\n\n".join((again, *told)))

    def _store_is_broken(self, broken: bool) -> None:
        """Offer what can be done without a store, or what else can."""
        if broken != self.is_broken:
            self.is_broken = broken
            self.show_place()
