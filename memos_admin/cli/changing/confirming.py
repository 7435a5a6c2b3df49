"""What every change of what MemOS holds goes through: allowed, confirmed, told, and what an interruption means."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from memos_admin.backend.command_words import option, program, subject_option
from memos_admin.cli.arguments import add_json
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage

if TYPE_CHECKING:
    from memos_admin.backend.changing.lines import Line
    from memos_admin.backend.changing.outcome import Outcome
    from memos_admin.backend.changing.subject import SubjectOutcome
    from memos_admin.backend.model import SubjectRef


T = TypeVar("T")

NOTHING = "Nothing was changed."
TOLD = "What was done is told above, and in the journal (memos-admin journal list)."
UNKNOWN = "Whether what was just being sent was done is not known: look before you repeat it."


def add_change_options(parser: argparse.ArgumentParser) -> None:
    """Add what every change takes."""
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and end")
    parser.add_argument(
        "--confirm",
        metavar="ID",
        help="the id, instead of typing it; of several memories what --dry-run tells, which confirms no others",
    )
    add_json(parser)


def check_allowed(context: Context, args: argparse.Namespace) -> None:
    """Refuse before anything is asked, unless it is only looked at."""
    from memos_admin.backend.changing import permission

    if not args.dry_run:
        permission.check(context.workspace())


def unchanged(work: Callable[[], T]) -> T:
    """Return what a look before a change returns; interrupted, say that nothing was changed."""
    try:
        return work()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(NOTHING) from None


def interrupted(
    refs: Iterable[SubjectRef | None], *, anything: bool, unknown: bool
) -> KeyboardInterrupt:
    """Return what ends a command whose change was interrupted, behind the lines that tell what was done.

    Args:
        refs: whose memories were to be changed.
        anything: something was sent.
        unknown: of something that was sent nobody knows whether it was done.
    """
    if not anything:
        return KeyboardInterrupt(NOTHING)
    said = f"{TOLD} {UNKNOWN}" if unknown else TOLD
    return KeyboardInterrupt(f"{said} {look_again(refs)}".rstrip())


def look_again(refs: Iterable[SubjectRef | None]) -> str:
    """Return how to read at once what the service holds now; ``""``: nobody knows of whom."""
    known = dict.fromkeys(ref for ref in refs if ref is not None)
    if not known:
        return ""
    whom = " ".join(map(subject_option, known))
    return f"To read what MemOS holds now: {program()} sync --full {whom}"


def confirm(
    context: Context, word: str, given: str | None, number: int = 1, pinned: str | None = None
) -> None:
    """Go on only if the id was given or is typed.

    Args:
        context: of the command.
        word: the id.
        given: what was given for it.
        number: of so many memories, all of which it confirms.
        pinned: what has to be given where it is not typed below what it confirms; None: the id.
    """
    pinned = word if pinned is None else pinned
    to_what = "" if number == 1 else f" with {number:,} memories"
    to_go_on = f"Nothing was changed. To go on{to_what}: {option('confirm', pinned)}"
    if given is not None:
        if given == pinned:
            return
        if number > 1 and (given == word or given.startswith(f"{word} ")):
            raise Usage(f"That does not confirm these memories as they are now. {to_go_on}")
        raise Usage(f"That is not {pinned}. Nothing was changed.")
    if not context.person.is_there:
        raise Usage(to_go_on)
    if context.person.answer(f"Type {word} to go on{to_what}:") != word:
        raise Usage(f"That is not {word}. Nothing was changed.")


def exit_code(outcome: Outcome | SubjectOutcome, *, done: bool) -> Exit:
    """Return the exit code of a change; `done`: something was done."""
    if outcome.is_complete and not outcome.not_kept:
        return Exit.DONE
    if outcome.is_refused:
        return Exit.CREDENTIALS
    return Exit.PARTIAL if done or outcome.is_in_doubt else Exit.REFUSED


def tell_lines(context: Context, lines: Iterable[Line]) -> None:
    """Tell lines of a plan or an outcome."""
    from memos_admin.backend.changing.lines import text_of

    for line in lines:
        context.out.note(text_of(line))
