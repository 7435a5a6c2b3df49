"""What a command of the main screen is, and where it can work."""

from __future__ import annotations

from dataclasses import dataclass

from memos_admin.language import N_

PANES = ("users", "conversations", "transcript", "memories", "detail")
"""The panes of the main screen in the order of ``tab``; also the ids of their widgets."""

LISTS = frozenset({"users", "conversations", "memories"})
EVERYWHERE = frozenset(PANES)
TEXTS = frozenset({"transcript", "memories", "detail"})

FOOTER_KEYS = 7
"""More keys than that nobody reads."""


@dataclass(frozen=True)
class Command:
    """What a person can do; title, help and group are translated where they are shown.

    Attributes:
        id: name of its action, and the name to remap its keys by.
        keys: Textual's names of keys, joined by commas.
        shown: how the keys are written for people.
        title: what the footer says, and the palette where `entry` is "".
        help: what it does, one sentence; "": the help of another command says it.
        group: heading that it stands under in the help.
        panes: where it works.
        footer: panes in whose footer it stands.
        arguments: of its action.
        entry: what the palette says, where the title stands for several commands.
        words: what else a person may look for; never shown, found in English and translated.
    """

    id: str
    keys: str
    shown: str
    title: str
    help: str
    group: str
    panes: frozenset[str] = EVERYWHERE
    footer: frozenset[str] = frozenset()
    arguments: str = ""
    entry: str = ""
    words: str = ""

    @property
    def action(self) -> str:
        """Textual's text of the action."""
        name = self.id.replace("-", "_").partition(".")[0]
        return f"{name}({self.arguments})"


MOVING, FINDING, SHOWING = N_("Moving"), N_("Finding"), N_("Showing")
JUDGING, FETCHING = N_("Judging"), N_("Fetching")
TAKING, CHANGING = N_("Taking along"), N_("Changing MemOS")
PROGRAM = N_("Program")
GROUPS = (MOVING, FINDING, SHOWING, JUDGING, FETCHING, TAKING, CHANGING, PROGRAM)
"""Headings of the help; each group's actions stand in a module of `memos_admin.tui.actions`."""
