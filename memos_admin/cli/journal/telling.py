"""What each verb of the journal says of the journal itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memos_admin.cli.context import Context

if TYPE_CHECKING:
    from memos_admin.backend.journal.reading import Head


def write_first(context: Context) -> None:
    """Write what this process has done itself: in the demo that is all that there is."""
    from memos_admin.backend import journal

    journal.of(context.home).flush()


def tell_sealed(context: Context, head: Head | None) -> None:
    """Tell how far the entries can be trusted, before they are verified."""
    if head is None or not head.seq:
        return
    if head.sealed_from is None:
        context.out.note(
            "Only chained, not sealed: who can write the file can write it anew. Where there is a "
            "keyring, the interface, a sync or an export begins to seal it."
        )
    elif head.sealed_from > 1:
        context.out.note(
            f"Sealed from entry {head.sealed_from} on; those before are chained to it."
        )


def tell_off(context: Context) -> None:
    """Tell where nothing is journaled now, as the configuration or the environment has it."""
    from memos_admin.backend import journal

    if not journal.of(context.home).settings().enabled:
        context.out.note(f"Nothing is journaled now: {journal.OFF}.")
