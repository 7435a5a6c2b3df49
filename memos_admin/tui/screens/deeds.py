"""What a person can do on the main screen beyond moving about it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from textual.screen import Screen

from memos_admin.backend.model import Message, SubjectRef
from memos_admin.tui import background, narrowing, phrases, taking
from memos_admin.tui.desk import Desk
from memos_admin.tui.fetching import Fetching
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.transcript_layout import shown

COPY_MOST = 100_000
"""Characters that a terminal's clipboard can be trusted with; longer texts go to a file."""

TEXTS_ARE = "Messages and memories have one."

TITLES = {
    "users": "Users",
    "conversations": "Conversations",
    "transcript": "Messages",
    "memories": "Memories",
    "detail": "Detail",
}
"""What the panes are called."""


class Deeds(Screen[None], inherit_bindings=False):
    """The actions of the main screen that ask, fetch, copy, write; the screen has the panes."""

    session: Session
    desk: Desk
    fetching: Fetching
    pane: str

    def work(self, do: background.Deed, group: str) -> None:
        """Run something in the background; a later one of the same group takes its place."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Tell a person something that needs no answer."""
        raise NotImplementedError

    # -- the service -----------------------------------------------------------------------------

    def action_refresh(self) -> None:
        """Ask for what is shown."""
        desk = self.desk
        if desk.subject is None:
            self.work(desk.reload, "reload")
            return
        if self.pane != "transcript" or desk.conversation is None:
            self.fetching.open_subject(desk.subject.ref, seen=None, forced=True)
        if self.pane != "users" and desk.conversation is not None:
            self.fetching.open_conversation(desk.conversation, forced=True)

    def action_sync(self) -> None:
        """Sync the user."""
        if self.desk.subject is not None:
            self.fetching.sync(self.desk.subject.ref)

    def action_sync_all(self) -> None:
        """Sync all users."""
        self.fetching.sync()

    def action_stop(self) -> None:
        """Stop the sync."""
        self.fetching.stop()

    def action_error(self) -> None:
        """Read the last error."""
        if text := self.fetching.read():
            self.view("The last error", text)
        else:
            self.say("There was no error.")

    def action_add(self) -> None:
        """Ask for ids to add."""
        from memos_admin.tui.screens.dialogs import Ask

        subject = self.desk.subject
        if self.pane == "users" or subject is None:
            text = (
                "MemOS has no list of users. Add them by their ids, separated by spaces; "
                "put agent: before the id of an agent."
            )
            unknown = self._unknown("users")
            ask = Ask("Add users", text, value=unknown, prompt="memos_user_123 agent:support-bot")
            self.app.push_screen(ask, self._add_users)
            return
        ref = subject.ref
        text = (
            "MemOS has no list of conversations: those that memories name are known. "
            f"Add others of {ref.external_id} by their ids, separated by spaces."
        )
        unknown = self._unknown("conversations")
        ask = Ask("Add conversations", text, value=unknown, prompt="0610")
        self.app.push_screen(
            ask,
            lambda ids: (
                self.work(partial(self._add_conversations, ref, ids), "add") if ids else None
            ),
        )

    def _unknown(self, pane: str) -> str:
        """Return what a list was filtered for in vain."""
        rows = self.desk.panes.users if pane == "users" else self.desk.panes.conversations
        return "" if len(rows) else self.desk.panes.frames[pane].filter

    def _add_users(self, ids: str | None) -> None:
        refs = []
        for name in (ids or "").split():
            agent = name.startswith("agent:") and len(name) > 6
            refs.append(SubjectRef("agent", name[6:]) if agent else SubjectRef("user", name))
        if refs:
            self.work(partial(self._add, refs), "add")

    async def _add(self, refs: list[SubjectRef]) -> None:
        await self.session.add_subjects(refs)
        await self.desk.show_users()
        subject = await self.desk.reader(lambda reads: reads.subject(refs[0]))
        if subject is not None:
            self.desk.panes.users.move_to_key(subject.pk)
        self.say(f"Added {phrases.counted(len(refs), 'id')}. Enter fetches what MemOS remembers.")

    async def _add_conversations(self, ref: SubjectRef, ids: str) -> None:
        names = ids.split()
        await self.session.add_conversations(ref, names)
        await self.desk.show_conversations()
        added = await self.desk.reader(lambda reads: reads.conversation(ref, names[0]))
        if added is not None:
            self.desk.panes.conversations.move_to_key(added.pk)

    # -- filters ---------------------------------------------------------------------------------

    def action_pick_view(self) -> None:
        """Choose a view."""
        options = [("", "all views"), *phrases.VIEWS.items()]
        self._pick("View", options, "views")

    def action_pick_status(self) -> None:
        """Choose a status, or what is gone."""
        options = [
            ("", "all"),
            *((status, status) for status in phrases.STATUSES),
            ("+gone", "gone: no longer listed"),
            ("+listed", "listed now"),
        ]
        self._pick("Status", options, "statuses")

    def action_pick_tag(self) -> None:
        """Choose a tag."""
        self.work(self._pick_tag, "pick")

    async def _pick_tag(self) -> None:
        ref = self.desk.subject.ref if self.desk.subject is not None else None
        tags = await self.desk.reader(lambda reads: reads.tags(ref))
        options = [(tag, f"{tag}  {number}") for tag, number in tags[:200]]
        self._pick("Tag", [("", "all tags"), *options], "tags")

    def _pick(self, title: str, options: list[tuple[str, str]], name: str) -> None:
        from memos_admin.tui.screens.dialogs import Choice

        def chosen(key: str | None) -> None:
            if key is None:
                return
            change: dict[str, Any] = {name: frozenset({key}) if key else frozenset()}
            if name == "statuses":
                change["vanished"] = None
            if key in {"+gone", "+listed"}:
                change = {"statuses": frozenset(), "vanished": key == "+gone"}
            self.desk.chosen = replace(self.desk.chosen, **change)
            self.work(self.desk.show_memories, "filter memories-pane")

        self.app.push_screen(Choice(title, options), chosen)

    def action_sort(self) -> None:
        """Order by the next."""
        if self.pane == "users":
            orders = {"activity": "name", "name": "memories", "memories": "activity"}
            self.desk.user_order = orders[self.desk.user_order]  # type: ignore[assignment]
            self.desk.panes.frames["users"].set_title(
                "Users"
                if self.desk.user_order == "activity"
                else f"Users by {self.desk.user_order}"
            )
            self.work(self.desk.show_users, "filter users-pane")
        else:
            self.desk.chosen = narrowing.next_order(self.desk.chosen)
            self.work(self.desk.show_memories, "filter memories-pane")

    # -- taking along ----------------------------------------------------------------------------

    def copy(self, text: str) -> None:
        """Copy a text and say so."""
        self.app.copy_to_clipboard(text)
        self.say(f"Copied {text}" if len(text) <= 100 else f"Copied {phrases.size(len(text))}.")

    def action_copy_id(self) -> None:
        """Copy the id under the cursor."""
        if found := taking.id_under(self.desk, self.pane):
            self.copy(found)
        elif self.pane in {"conversations", "transcript"}:
            self.say(taking.no_conversation_under(self.desk, self.pane))
        else:
            self.say("There is no id here to copy.")

    def action_copy_text(self) -> None:
        """Copy the text under the cursor."""
        self.work(self._copy_text, "take")

    async def _copy_text(self) -> None:
        found = await taking.text_under(self.desk, self.pane)
        if found is None:
            self.say(f"There is no text here to copy. {TEXTS_ARE}")
        elif len(found.text) > COPY_MOST:
            self.say("That is too long for a clipboard: w writes it to a file.")
        else:
            self.copy(found.text)

    def action_write_text(self) -> None:
        """Ask where to write the text under the cursor."""
        self.work(self._write_text, "take")

    async def _write_text(self) -> None:
        from memos_admin.tui.screens.dialogs import Ask

        found = await taking.text_under(self.desk, self.pane)
        if found is None:
            self.say(f"There is no text here to write. {TEXTS_ARE}")
            return
        project, ref, name = self.session.name, found.ref, found.name
        self.app.push_screen(
            Ask(
                "Write the text to a file",
                "Where to? A file that exists is left alone; the new one only you can read.",
                prompt="where to",
                suggest=lambda: taking.suggest_path(project, ref, name, ending="txt", free=True),
                take=partial(self._write, found.text),
            )
        )

    async def _write(self, text: str, path: str) -> str:
        """Write, and say so; return why that cannot be done."""
        try:
            target = await in_thread(taking.write_text, path, text)
        except taking.CannotWrite as problem:
            return str(problem)
        self.say(f"Wrote {phrases.size(len(text))} to {target}")
        return ""

    def action_raw(self) -> None:
        """Show the service's JSON."""
        self.work(self._raw, "view")

    async def _raw(self) -> None:
        found = await taking.raw_under(self.desk, self.pane)
        if found is not None:
            self.view(*found)

    def action_export(self) -> None:
        """Ask what of the user to export, in which form and where to."""
        from memos_admin.tui.screens.export import ExportScreen

        among_users = self.pane == "users"
        subject = self.desk.panes.users.row if among_users else self.desk.subject
        if subject is None:
            self.say("There is no user here to export.")
            return
        conversation = None if among_users else taking.conversation_under(self.desk, self.pane)
        memories = None if among_users else self.desk.query
        self.app.push_screen(ExportScreen(self.session, subject.ref, conversation, memories))

    # -- program ---------------------------------------------------------------------------------

    def view(self, title: str, text: str) -> None:
        """Show a text as a whole."""
        from memos_admin.tui.screens.viewer import Viewer

        self.app.push_screen(Viewer(title, text, copy=self.copy))

    def action_palette(self) -> None:
        """Find a command by name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show all keys, those of the pane first."""
        from memos_admin.tui.screens.help import Help

        self.app.push_screen(Help(self.pane, TITLES[self.pane]))

    def action_quit(self) -> None:
        """Quit at once."""
        self.app.exit()


async def view_message(screen: Deeds, message: Message) -> None:
    """Show a message whole: its text, then its tool calls, images and files as JSON."""
    text = await screen.desk.reader(lambda reads: reads.message_text(message.pk))
    if message.parts or message.tool_calls:
        found = await taking.raw_under(screen.desk, "transcript")
        text = "\n\n".join(part for part in (text, found[1] if found else "") if part)
    screen.view(f"Message {message.seq} · {shown(message.role)}", text or "(no text)")
