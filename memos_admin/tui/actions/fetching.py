"""What is asked of the service, and whom it is asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend.command_words import placed, subject_option
from memos_admin.backend.display import both_ends, called
from memos_admin.backend.ids.from_list import quoted
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.watching.calm import MOST_WATCHED
from memos_admin.language import counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.desk import reloading
from memos_admin.tui.jobs import adding
from memos_admin.tui.words import narrowing, phrases, troubles
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.roster import Added

MOST_UNASKED = 300
"""Users that are synced without a question: half a minute at the usual rate."""


_MOST_PLANNED = 6
"""Lines of what an erasure would do for which the dialog has room."""


class FetchingActions(Acting, inherit_bindings=False):
    """Refreshing, syncing, adding to the roster."""

    def action_refresh(self) -> None:
        """Ask for what is shown."""
        desk = self.desk
        if self.session.locked:
            self.fill()
            return
        if desk.subject is None:
            self.work(partial(reloading.reload, desk), "reload", awaited=False)
            return
        if self.whom() is None:
            self._say_nobody()
            return
        if self.pane != "transcript" or desk.conversation is None:
            seen = desk.subject.synced_at
            self.fetching.open_subject(desk.subject.ref, seen=seen, forced=True)
        if self.pane != "users" and desk.conversation is not None:
            self.fetching.open_conversation(desk.conversation, forced=True)

    def action_sync(self) -> None:
        """Sync the user."""
        if (ref := self.whom()) is not None:
            self.fetching.sync(ref)
        else:
            self._say_nobody()

    def action_sync_all(self) -> None:
        """Sync all users, or those that pass the filter."""
        self.work(self._sync_all, "sync all")

    async def _sync_all(self) -> None:
        number = await self._number_of_users()
        if not number:
            self._say_nobody()
        elif not self._filter_of_users and self.desk.asks.runs.are_about_all():
            self.fetching.say_syncing()
        elif number <= MOST_UNASKED:
            await self._sync_shown(full=False)
        else:
            title = counted(number, "Sync {count} user", "Sync {count} users")
            options = [("all", _("sync them")), ("", _("not now"))]
            await self._choose_sync(title, self._cost(number), options, full=False)

    def action_sync_full(self) -> None:
        """Ask for whom everything is to be listed again."""
        self.work(self._ask_full, "sync all")

    async def _ask_full(self) -> None:
        number, ref = await self._number_of_users(), self.whom()
        options = []
        if ref is not None:
            whom = both_ends(called(ref), 40)
            options.append(("one", _("everything of {name}").format(name=whom)))
        if number:
            of_all = counted(
                number, "everything of {count} user", "everything of all {count} users"
            )
            if self._filter_of_users:
                of_all = counted(
                    number,
                    "everything of {count} user that passes the filter",
                    "everything of {count} users that pass the filter",
                )
            options.append(("all", of_all))
        if not options:
            self._say_nobody()
            return
        why = _(
            "Lists all memories and the latest messages again, not only what changed. This is what "
            "shows that memories are gone."
        )
        text = sentences(why, self._cost(number) if number > 1 else "")
        await self._choose_sync(_("Fetch everything"), text, options, full=True)

    async def _choose_sync(
        self, title: str, text: str, options: list[tuple[str, str]], *, full: bool
    ) -> None:
        from memos_admin.tui.screens.dialogs import Choice

        ref = self.whom()

        def chosen(key: str | None) -> None:
            if key == "all":
                self.work(partial(self._sync_shown, full=full), "sync all")
            elif key == "one" and ref is not None:
                self.fetching.sync(ref, full=full)

        await self.open_prepared(Choice(title, options, text=text, whom=ref), chosen)

    @property
    def _filter_of_users(self) -> str:
        return self.desk.panes.frames["users"].filter

    async def _number_of_users(self) -> int:
        """Return how many users there are, or pass the filter."""
        text = self._filter_of_users
        return len(await self.desk.reader(lambda reads: reads.subject_pks(text)))

    def _cost(self, users: int) -> str:
        """Return how long it takes at least to ask for so many users, and at whose expense."""
        rate = self.session.workspace.rate
        return _(
            "At least {time} for all at {rate} requests a second, more where there is much to read. "
            "Your account shares this limit with whatever else uses it."
        ).format(time=phrases.duration(users / rate), rate=f"{rate:g}")

    def _say_nobody(self) -> None:
        text = _("There is no user yet. {key} adds some.").format(key=self.key("add"))
        if self._filter_of_users:
            text = _("No user passes the filter, so there is nobody to ask MemOS about.")
        self.say(text)

    async def _sync_shown(self, *, full: bool) -> None:
        """Sync the users that pass the filter, all where there is none."""
        if not (text := self._filter_of_users):
            self.fetching.sync(full=full)
            return
        subjects = await self.desk.reader(
            lambda reads: reads.subjects(reads.subject_pks(text, "activity"))
        )
        if subjects:
            self.fetching.sync(*(subject.ref for subject in subjects), full=full)

    def action_watch(self) -> None:
        """Ask whom to watch; while a watch runs, show what was found."""
        if self.watching.on:
            self._show_found()
        else:
            self.work(self._ask_watch, "watch whom")

    def _show_found(self) -> None:
        from memos_admin.tui.screens.live import LiveScreen

        self.app.push_screen(LiveScreen(self.session, self.watching), self.open)

    async def _ask_watch(self) -> None:
        from memos_admin.tui.screens.dialogs import Choice
        from memos_admin.tui.screens.live import ask_task

        text, ref = self._filter_of_users, self.whom()
        shown = await self.desk.reader(
            lambda reads: reads.subjects(reads.subject_pks(text, "activity")[:MOST_WATCHED])
        )
        if not shown and ref is None:
            self._say_nobody()
            return
        refs = {"all": [one.ref for one in shown]}
        options = []
        if ref is not None:
            refs["one"] = [ref]
            options.append(("one", both_ends(called(ref), 40)))
        if shown:
            whom = counted(len(shown), "{count} user that is shown", "{count} users that are shown")
            if len(shown) == MOST_WATCHED:
                whom = _("the {count} with the latest activity").format(count=len(shown))
            options.append(("all", whom))
        options.append(("task", _("a task of MemOS, by its id …")))
        if (since := self.watching.since) is not None:
            last = _("what was found since {time}").format(time=narrowing.then(since))
            if self.watching.follows:
                last = _("what was found, and the task that runs")
            options.append(("found", last))
        about = _(
            "Asks MemOS every so often what changed: one request a user each time, more slowly while "
            "nothing changes, and marks what is new. Your account shares its limit with whatever else "
            "uses it."
        )

        def chosen(key: str | None) -> None:
            if key == "task":
                ask_task(self.app, self.watching)
            elif key == "found":
                self._show_found()
            elif key is not None:
                self.watching.start(refs[key])

        await self.open_prepared(Choice(_("Watch"), options, text=about, whom=ref), chosen)

    def action_stop(self) -> None:
        """Stop what is fetched."""
        self.fetching.stop()

    def action_add(self) -> None:
        """Ask for ids to add."""
        from memos_admin.tui.screens.dialogs import Ask

        subject = self.desk.subject
        if self.pane == "users" or subject is None:
            text = _(
                "MemOS has no list of users. Type or paste their ids; put agent: before the id of "
                "an agent, and quotes around one with a space or a comma in it."
            )
            unknown = self._unknown("users")
            prompt = "memos_user_123 agent:support-bot"
            ask = Ask(
                _("Add users"),
                text,
                value=unknown,
                prompt=prompt,
                take=self._add_users,
                read=adding.users_read,
            )
            self.app.push_screen(ask)
            return
        ref = subject.ref

        def about() -> str:
            return _(
                "MemOS has no list of conversations: those that memories name are known. "
                "Type or paste the ids of others of {name}; put quotes around one with a space or a "
                "comma in it."
            ).format(name=called(ref))

        unknown = self._unknown("conversations")
        take = partial(self._add_conversations, ref)
        self.app.push_screen(
            Ask(
                _("Add conversations"),
                about,
                value=unknown,
                prompt="0610",
                take=take,
                read=adding.conversations_read,
                whom=ref,
            )
        )

    def _unknown(self, pane: str) -> str:
        """Return what a list was filtered for in vain."""
        rows = self.desk.panes.users if pane == "users" else self.desk.panes.conversations
        return "" if len(rows) else quoted(self.desk.panes.frames[pane].filter)

    async def _add_users(self, ids: str) -> str:
        """Add users; return why they cannot be added."""
        if not (refs := adding.subjects_in(ids)):
            return _(adding.NO_ID)
        try:
            added = await self.session.add_subjects(refs, self.say)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            return self._not_added(error)
        self.work(partial(self._show_added, refs, added), "add")
        return ""

    def _not_added(self, error: Exception) -> str:
        """Return why ids were not added, which stay in the dialog."""
        why, nothing = said_by(error), _("Nothing was added.")
        if not isinstance(error, ValueError):
            trouble = troubles.of_error(error, self.key)
            why = trouble.why or trouble.what
        return why if nothing in why else "\n\n".join((why, nothing))

    def action_import(self) -> None:
        """Ask for a file, and add the users that it names."""
        from memos_admin.tui.screens.dialogs import Ask

        text = _(
            "One id a line, or a table (CSV) with a column user_id and perhaps kind; agent: stands before "
            "the id of an agent. MemOS is not asked whether it knows them."
        )
        title, prompt = _("Add the users of a file"), _("a file, ~ is your home; → completes")
        self.app.push_screen(Ask(title, text, prompt=prompt, take=self._import, paths=True))

    async def _import(self, path: str) -> str:
        """Add the users of a file; return why they cannot be added."""
        try:
            listed = await self.session.listed_in(path)
            if nothing := adding.nothing_in(listed):
                return nothing
            refs = list(listed.refs)
            added = await self.session.add_subjects(refs, self.say, known_from="import")
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            return self._not_added(error)
        self.work(partial(self._show_added, refs, added, adding.passed_over(listed)), "add")
        return ""

    async def _show_added(self, refs: list[SubjectRef], added: Added, more: str = "") -> None:
        await self.desk.show_users()
        subject = await self.desk.reader(lambda reads: reads.subject(refs[0]))
        if subject is not None:
            self.desk.panes.users.move_to_key(subject.pk)
        self.say(sentences(adding.told(added), more, _("Enter fetches what MemOS remembers.")))

    async def _add_conversations(self, ref: SubjectRef, ids: str) -> str:
        """Add conversations; return why they cannot be added."""
        if not (names := adding.conversations_in(ids)):
            return _(adding.NO_ID)
        try:
            added = await self.session.add_conversations(ref, names, self.say)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            return self._not_added(error)
        self.work(partial(self._show_added_conversations, ref, names, added), "add")
        return ""

    async def _show_added_conversations(
        self, ref: SubjectRef, names: list[str], added: Added
    ) -> None:
        await self.desk.show_conversations()
        first = await self.desk.reader(lambda reads: reads.conversation(ref, names[0]))
        if first is not None:
            self.desk.panes.conversations.move_to_key(first.pk)
        self.say(adding.told(added))

    def action_remove(self) -> None:
        """Ask whether to remove what is under the cursor."""
        from memos_admin.tui.screens.dialogs import Choice

        subject = self.desk.panes.users.row if self.pane == "users" else self.desk.subject
        row = None if self.pane == "users" else self.desk.panes.conversations.row
        if subject is None or (row is not None and row.conversation is None):
            self.say(_("There is no user or conversation here to remove."))
            return
        conversation = row.conversation if row is not None else None
        name = None if conversation is None else conversation.conversation_id
        about = adding.before_removal(subject, conversation)

        def chosen(key: str | None) -> None:
            if key == "erase":
                self.work(partial(self._ask_erase, subject.ref), "remove")
            elif key:
                self.work(partial(self._remove, subject.ref, name), "remove", awaited=False)

        options = [("", _("keep it")), ("remove", _("remove it from this machine"))]
        if conversation is None:
            options.append(("erase", _("erase it, from backups too")))
        dialog = Choice(about.title, options, text=about.text, whom=subject.ref)
        self.app.push_screen(dialog, chosen)

    async def _remove(self, ref: SubjectRef, conversation_id: str | None) -> None:
        """Remove, and say so."""
        await self.session.remove(ref, conversation_id, self._teller())
        removed = _("Removed {name} here.").format(name=conversation_id or called(ref))
        if conversation_id is None:
            await self.desk.show_users()
        else:
            await self.desk.show_conversations()
        self.say(removed)

    async def _ask_erase(self, ref: SubjectRef) -> None:
        """Ask for the id of whom to erase."""
        from memos_admin.tui.screens.dialogs import Ask

        planned = await self.session.plan_erasure(ref)
        more = len(planned) - _MOST_PLANNED
        if more > 0:
            text = _("and {count} more: memos-admin store forget --dry-run")
            planned[_MOST_PLANNED:] = [
                placed(text, self.session.project_options).format(count=more)
            ]

        def about() -> str:
            what = _("Erased, from logs and free space of the files too; MemOS keeps what it has:")
            type_it = _("Type {id} to erase it. This cannot be undone.").format(id=called(ref))
            return "\n\n".join((what, "\n".join(planned), type_it))

        def title() -> str:
            return _("Erase {name}").format(name=both_ends(called(ref), 40))

        async def take(text: str) -> str:
            if text not in {ref.external_id, called(ref)}:
                return _("That is not its id. Nothing was changed.")
            self.work(partial(self._erase, ref), "remove", awaited=False)
            return ""

        self.app.push_screen(Ask(title, about, take=take, whom=ref))

    async def _erase(self, ref: SubjectRef) -> None:
        """Erase, and say what remains; until then, that one can go on reading."""
        self.fetching.rewriting = _(
            "erasing {name} here, which takes a while: go on reading"
        ).format(name=both_ends(called(ref), 40))
        self.show_state()
        try:
            erased = await self.session.erase(ref, self._teller())
        finally:
            self.fetching.rewriting = ""
            self.show_state()
        await self.desk.show_users()
        if erased.remains:
            title = _("Not erased of {name}").format(name=both_ends(called(ref), 40))
            repeat = (_repeat(ref, self.session.project_options),) if erased.repeating_helps else ()
            self.view(title, "\n\n".join((*erased.remains, *repeat)))
        else:
            self.say(_("Erased {name} here.").format(name=called(ref)))

    def _teller(self) -> Callable[[str], None]:
        """Return what says, from any thread, what is waited for."""
        loop = asyncio.get_running_loop()

        def tell(what: str) -> None:
            loop.call_soon_threadsafe(self.say, what)

        return tell


def _repeat(ref: SubjectRef, project: Sequence[str]) -> str:
    """Return how what is left is erased later, when the list of users has that one no more."""
    text = _("To erase what is left, once it can be reached: memos-admin store forget {whom}")
    return placed(text, project).format(whom=subject_option(ref, called(ref)))
