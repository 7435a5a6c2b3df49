"""The local store: where it is, whether it is whole, a copy of it, somebody erased in it, its encryption.

The store is evidence: MemOS serves only the latest 50 messages of a conversation, so what is here
may be nowhere else. It is never replaced silently.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend.command_words import program
from memos_admin.cli.arguments import add_json, add_subject_options, add_yes
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage, strongest
from memos_admin.cli.lists import counted
from memos_admin.cli.long_reads import LongRead, long_read, percent
from memos_admin.cli.parser import commands
from memos_admin.cli.progress import Waiting
from memos_admin.cli.values import copy_of_store

if TYPE_CHECKING:
    from memos_admin.backend.erasing.left_unerased import Left


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    path = verbs.add_parser("path", help="tell the store's file; it need not exist yet")
    path.set_defaults(run=show_path)
    check = verbs.add_parser(
        "check",
        help="check that the store is whole; 1 where it is not, 4 where an erasure is unfinished or a copy is not encrypted",
    )
    add_json(check)
    check.set_defaults(run=check_store, needs_data=True)
    backup = verbs.add_parser("backup", help="copy the store while it may be in use")
    backup.add_argument(
        "file",
        type=copy_of_store,
        metavar="FILE",
        help="the copy; an existing file is not replaced",
    )
    backup.set_defaults(run=back_up, needs_data=True, seals=True)
    restore = verbs.add_parser(
        "restore", help="put a backup in the store's place, which is kept; without FILE: list them"
    )
    restore.add_argument("file", metavar="FILE", nargs="?", help="a copy by store backup")
    restore.add_argument(
        "--none",
        action="store_true",
        help="there is no backup: put the store aside, so that a sync starts anew",
    )
    add_json(restore)
    add_yes(restore)
    restore.set_defaults(run=restore_store, seals=True)
    forget = verbs.add_parser("forget", help="erase a user here: store, index, logs and backups")
    add_subject_options(forget, required=True)
    add_json(forget)
    add_yes(forget)
    forget.add_argument("--dry-run", action="store_true", help="tell what would go, change nothing")
    forget.set_defaults(run=forget_subject, needs_data=True, seals=True)
    tidy = verbs.add_parser(
        "tidy", help="drop what is not to be kept, and rewrite the store without what was removed"
    )
    tidy.add_argument(
        "--drop-missing",
        action="store_true",
        help="backups that are not there were deleted: look for them no more",
    )
    tidy.set_defaults(run=tidy_store, needs_data=True, seals=True)
    encrypt = verbs.add_parser("encrypt", help="encrypt the store, its index and its backups")
    encrypt.add_argument(
        "--passphrase",
        action="store_true",
        help="by a passphrase, which is asked for; else by a random key in the keyring",
    )
    add_yes(encrypt)
    encrypt.set_defaults(run=encrypt_store, seals=True)
    decrypt = verbs.add_parser("decrypt", help="make an encrypted store readable to whoever has it")
    decrypt.set_defaults(run=decrypt_store, seals=True)
    key = verbs.add_parser("key", help="print the key of an encrypted store, to be kept elsewhere")
    add_yes(key)
    key.set_defaults(run=show_store_key, seals=True)


def show_path(context: Context, args: argparse.Namespace) -> Exit:
    """``store path``."""
    context.out.line(str(context.project().store_dir / "store.db"))
    return Exit.DONE


def check_store(context: Context, args: argparse.Namespace) -> Exit:
    """``store check``."""
    from memos_admin.backend.upkeep import maintenance

    for path in maintenance.sweep(context.workspace()):
        context.out.note(f"Deleted, left half-way by a program that was killed: {path}")
    part = 1

    def begins(number: int) -> None:
        nonlocal part
        part = number

    with long_read(context, lambda: f"checking, part {part} of {maintenance.CHECKS}"):
        problems = maintenance.check(context.workspace(), begins)
        wrong = [] if problems else maintenance.check_index(context.workspace(), begins)
    if args.json:
        context.out.document(problems)
    else:
        for problem in problems:
            context.out.line(problem)
    if problems:
        context.out.note(
            "The store was left as it is. These are the backups that could take its place, which keeps "
            f"it beside them: {program()} store restore"
        )
        return Exit.REFUSED
    context.out.note("The store is whole.")
    if maintenance.is_unswept(context.workspace()):
        context.out.note(
            "Something was removed from it, parts of which may still stand in free space of its files. "
            f"To end that: {program()} store tidy"
        )
    if wrong:
        context.out.note(f"Its search index was not, and will be made anew: {wrong[0]}")
    return strongest(
        [_tell_plain(context), _tell_unerased(context, maintenance.unerased(context.workspace()))]
    )


def _tell_plain(context: Context) -> Exit:
    from memos_admin.cli.store import encrypting

    return encrypting.tell_plain(context)


def _tell_unerased(context: Context, found: Sequence[Left]) -> Exit:
    """Tell of erasures that are unfinished; 4 where one is."""
    from memos_admin.backend import screen_state
    from memos_admin.backend.erasing.in_kept_stores import deleting
    from memos_admin.backend.projects import elsewhere

    folder = context.project().store_dir
    for one in found:
        if one.project is None:
            context.out.note(
                f"An erasure is unfinished: {one.path} may still hold something of it."
            )
        else:
            context.out.note(
                f"An erasure is unfinished: project {one.project.title} still holds who was erased here, or "
                "cannot be looked at. To erase it there, unless it is to stay: "
                f"{elsewhere.command_of(one.project, None)}"
            )
    if not found:
        return Exit.DONE
    whom = f"Whom that is about: {program()} journal list --action forget"
    own = {folder / "store.db", screen_state.screen_state_path(folder)}
    if own & {one.path for one in found}:
        whom = (
            f"To finish it, repeat {program()} store forget for whom it was: {program()} journal list --unfinished "
            "--action forget"
        )
    elif any(one.project is None and not one.is_kept for one in found):
        whom = (
            f"Repeat {program()} store forget for whom it was ({program()} journal list --action forget), or "
            f"delete those files; a backup that was deleted: {program()} store tidy --drop-missing"
        )
    context.out.note(whom)
    if kept := [one.path for one in found if one.is_kept]:
        context.out.note(
            "Of a store whose place a backup has taken only deleting it helps, once nothing in it is missed: "
            f"{deleting(*kept)}"
        )
    return Exit.PARTIAL


def back_up(context: Context, args: argparse.Namespace) -> Exit:
    """``store backup``."""
    from memos_admin.backend.upkeep import maintenance

    target = Path(args.file).expanduser()
    if target.is_dir():
        raise Usage(f"{target} is a folder. Name a file.")
    waiting, share = Waiting(context.out), 0.0

    def copied(now: float) -> None:
        nonlocal share
        share = now

    def says() -> str:
        return "checking the copy" if share == 1 else f"copying the store, {percent(share)}"

    with LongRead(context.out, says, None):  # what runs in an event loop hears Ctrl+C by itself
        context.run(lambda workspace: maintenance.backup(workspace, target, waiting, copied))
    context.out.note(f"Copied the store to {target}.")
    return Exit.DONE


def restore_store(context: Context, args: argparse.Namespace) -> Exit:
    """``store restore``."""
    from memos_admin.cli.store import restoring

    return restoring.restore(context, args)


def forget_subject(context: Context, args: argparse.Namespace) -> Exit:
    """``store forget``."""
    from memos_admin.cli.store import forgetting

    return forgetting.forget(context, args)


def tidy_store(context: Context, args: argparse.Namespace) -> Exit:
    """``store tidy``."""
    from memos_admin.backend.upkeep import maintenance, tidying

    waiting = Waiting(context.out)
    if args.drop_missing:
        missing = context.run(lambda workspace: tidying.drop_missing(workspace, waiting))
        for path in missing:
            context.out.note(f"Looked for no more: {path}")
        if not missing:
            context.out.note("No backup that is known is missing.")
    dropped = context.run(lambda workspace: tidying.tidy(workspace, waiting))
    if dropped.versions or dropped.raws:
        context.out.note(
            f"Dropped what is no longer to be kept: {counted(dropped.versions, 'earlier version')}, "
            f"raw JSON of {dropped.raws:,}."
        )
    unerased, copies = (
        maintenance.unerased(context.workspace()),
        tidying.out_of_retention(context.project()),
    )
    if unerased or copies:
        context.out.note(
            "Rewrote the store without what was removed from it. What follows was left as it is."
        )
    else:
        context.out.note("Rewrote the store: nothing that was removed is left in its files.")
    for path in copies:
        context.out.note(f"Left as it is, whatever retention says: {path}")
    return strongest([_tell_plain(context), _tell_unerased(context, unerased)])


def encrypt_store(context: Context, args: argparse.Namespace) -> Exit:
    """``store encrypt``."""
    from memos_admin.cli.store import encrypting

    return encrypting.encrypt(context, args)


def decrypt_store(context: Context, args: argparse.Namespace) -> Exit:
    """``store decrypt``."""
    from memos_admin.cli.store import encrypting

    return encrypting.decrypt(context, args)


def show_store_key(context: Context, args: argparse.Namespace) -> Exit:
    """``store key``."""
    from memos_admin.cli.store import encrypting

    return encrypting.show_key(context, args)
