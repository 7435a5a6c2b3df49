"""The person at the terminal, and what they are asked: names to confirm with, answers, keys."""

from __future__ import annotations

import sys
import termios
from contextlib import suppress

from memos_admin.backend.display import printable
from memos_admin.cli.exits import Usage
from memos_admin.cli.output import Output


class Person:
    """Who sits at the terminal, if anybody does."""

    def __init__(self, out: Output) -> None:
        self._out = out

    @property
    def is_there(self) -> bool:
        """Whether there is a person at a terminal who sees a question and can answer it."""
        return sys.stdin is not None and sys.stdin.isatty() and self._out.notes_on_terminal

    def ask_name(
        self, name: str, question: str, *, yes: bool, lasting: str = "This cannot be undone"
    ) -> None:
        """Go on only if a person types `name`, or said ``--yes`` before.

        Args:
            name: what is to be typed.
            question: what will happen, a sentence.
            yes: ``--yes`` was given.
            lasting: why it is asked.

        Raises:
            Usage: there is nobody to ask, or something else was typed.
        """
        if yes:
            return
        if not self.is_there:
            raise Usage(f"{question} {lasting}: repeat it with --yes to go on.")
        self._out.note(f"{question} {lasting}.")
        if self.answer("Type the name to go on:") != name:
            raise Usage("That is not the name. Nothing was changed.")

    def answer(self, question: str) -> str:
        """Return what a person types behind a question; what was typed before it was there is lost.

        It was meant for something else, or confirms what nobody can have read.
        """
        with suppress(termios.error, OSError):  # no terminal: a pipe is read as it comes
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
        self._out.note(question)
        return sys.stdin.readline().strip()

    def ask_key(self, name: str, address: str) -> str:
        """Return the key of a project that a person types, unseen.

        Args:
            name: of the project.
            address: where the key will go.

        Raises:
            Usage: there is no terminal.
            NoKey: nothing was typed and never will be.
        """
        if not self.is_there:
            raise Usage("There is no terminal to ask for the API key on. Pipe it: --key-stdin.")
        host = address.partition("://")[2].partition("/")[0]
        try:
            return self._ask_unseen(f"API key for {name} ({host}): ")
        except EOFError:
            from memos_admin.backend.keys import NoKey

            raise NoKey("No API key was given. Nothing was changed.") from None

    def ask_store_key(self, what: str, project: str, wrong: str = "") -> str:
        """Return the passphrase or key of a project's store that a person types, unseen.

        Args:
            what: is to be typed.
            project: its name.
            wrong: why what was typed before does not open it; ``""``: nothing was.

        Raises:
            StoreLocked: nothing was typed and never will be.
        """
        if wrong:
            self._out.note(wrong)
        return self._ask_opening(f"{what} of the store of {project}: ", "the store")

    def ask_backup_key(self) -> str:
        """Return the passphrase or key of a backup that a person types, unseen.

        Raises:
            StoreLocked: nothing was typed and never will be.
        """
        return self._ask_opening("Passphrase or recovery key of the backup: ", "the backup")

    def _ask_opening(self, question: str, what: str) -> str:
        try:
            return self._ask_unseen(question)
        except EOFError:
            from memos_admin.backend.errors import StoreLocked

            raise StoreLocked(f"Nothing was given that opens {what}.") from None

    def _ask_unseen(self, question: str) -> str:
        import getpass

        return getpass.getpass(printable(question), stream=self._out.notes)
