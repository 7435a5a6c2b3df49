"""Removing something from the local store: asked where something would be lost, and told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace


def ask_and_remove(
    context: Context,
    what: str,
    name: str,
    action: Callable[[Workspace], Awaitable[None]],
    *,
    lost: str,
    yes: bool,
    warning: str = "",
) -> Exit:
    """Remove something after a person typed its name.

    Args:
        context: of the command.
        what: its kind, such as ``user``.
        name: its id.
        action: removes it.
        lost: what the store holds of it, in words; where that is ``""`` nobody is asked.
        yes: ``--yes`` was given.
        warning: what else a person should know first, a sentence.

    Raises:
        Usage: there is nobody to ask, or something else was typed.
    """
    if lost:
        question = f"This removes {what} {name} and {lost} from the local store, not from MemOS."
        context.person.ask_name(name, f"{question} {warning}".rstrip(), yes=yes)
    context.run(action)
    context.out.note(f"Removed {what} {name} from the local store.")
    return Exit.DONE
