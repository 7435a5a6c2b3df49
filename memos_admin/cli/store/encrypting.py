"""``store encrypt``, ``store decrypt`` and ``store key``: what each means is told before or behind it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.backend.command_words import program
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted
from memos_admin.cli.progress import Waiting

if TYPE_CHECKING:
    from memos_admin.backend.encryption.converting import Converted

BEFORE = (
    "Without its key an encrypted store cannot be read by anybody, you included; MemOS may not have "
    "any more what is in it"
)
FREE_SPACE = (
    "The file that it was before has been overwritten and deleted. On SSDs, and where file systems "
    "keep snapshots, parts of it may still be found on the disk: encrypt that too."
)


def encrypt(context: Context, args: argparse.Namespace) -> Exit:
    """``store encrypt``."""
    from memos_admin.backend.encryption import converting
    from memos_admin.backend.encryption.store_keys import BadPassphrase
    from memos_admin.backend.upkeep import restoring

    context.workspace().unlock()
    if restoring.is_encrypted(context.project()):
        return _encrypt_rest(context, args)
    context.person.ask_name(
        context.project().title,
        f"This encrypts the store of {context.project().title}, and the copies of it that are known.",
        yes=args.yes,
        lasting=BEFORE,
    )
    if args.yes:
        context.out.note(f"{BEFORE}.")
    passphrase = _passphrase(context) if args.passphrase else None
    waiting = Waiting(context.out)
    try:
        done = context.run(
            lambda workspace: converting.encrypt(workspace, passphrase, waiting), store=False
        )
    except BadPassphrase as error:
        raise Usage(f"{error} Nothing was changed.") from None
    if passphrase is None:
        context.out.note(
            "The store is encrypted. Its key is in the keyring of your system, and nowhere else; to "
            f"keep it elsewhere too: {program()} store key"
        )
    else:
        context.out.note("The store is encrypted. Its passphrase is kept nowhere: remember it.")
    context.out.note(FREE_SPACE)
    _tell_journaled(context)
    return _told(context, done, "encrypted")


def _encrypt_rest(context: Context, args: argparse.Namespace) -> Exit:
    """Encrypt what is left to be of a store that is encrypted already."""
    from memos_admin.backend.encryption import converting

    waiting = Waiting(context.out)
    done = context.run(lambda workspace: converting.encrypt(workspace, None, waiting))
    context.out.note("The store was encrypted before, and keeps its key.")
    if args.passphrase and done.kept == "keyring":
        context.out.note(
            "That is in the keyring; no passphrase was set. For one instead of it: "
            f"{program()} store decrypt, then {program()} store encrypt --passphrase"
        )
    return _told(context, done, "encrypted")


def tell_plain(context: Context) -> Exit:
    """Tell of copies of an encrypted store that are not encrypted; 4 where there is one."""
    from memos_admin.backend.upkeep import maintenance

    found = maintenance.left_plain(context.workspace())
    for path in found:
        context.out.note(f"Not encrypted, though the store is: {path}")
    if not found:
        return Exit.DONE
    context.out.note(f"To encrypt what is not: {program()} store encrypt")
    return Exit.PARTIAL


def _tell_journaled(context: Context) -> None:
    """Tell of words of texts that stand in the journal, which is not encrypted, since before."""
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.journal.reading import count_queries

    try:
        count = count_queries(context.home, context.project().uuid)
    except StoreError as error:
        context.out.note(f"Whether the journal has words that were searched for: {error}")
        return
    if count:
        context.out.note(
            f"The journal is not encrypted, and only appended to: in {counted(count, 'entry')} of before it "
            "has words that were searched for or filtered by in this project. From now on it notes none."
        )


def decrypt(context: Context, args: argparse.Namespace) -> Exit:
    """``store decrypt``."""
    from memos_admin.backend.encryption import converting

    waiting = Waiting(context.out)
    done = context.run(lambda workspace: converting.decrypt(workspace, waiting))
    context.out.note(
        "The store was not encrypted before."
        if done.was_so
        else "The store is not encrypted any more: whoever has the disk can read it."
    )
    if done.key_stays:
        context.out.note(
            "Its key stays in the keyring: copies of this store elsewhere may need it, and the next "
            "store encrypt takes it again. How to delete it: docs/encrypt-the-store.md"
        )
    return _told(context, done, "decrypted")


def show_key(context: Context, args: argparse.Namespace) -> Exit:
    """``store key``."""
    from memos_admin.backend.encryption import converting

    project = context.project()
    workspace = context.workspace()
    workspace.unlock()
    context.person.ask_name(
        project.title,
        f"This prints the key of the store of {project.title}, for you to keep in a safe place. "
        "Whoever has it and the disk can read the store.",
        yes=args.yes,
        lasting="Look who is behind you",
    )
    context.out.line(converting.recovery_key(workspace))
    context.out.note("It is given where the passphrase is asked for, or in MEMOS_ADMIN_STORE_KEY.")
    return Exit.DONE


def _passphrase(context: Context) -> str:
    """Return the passphrase of a store that is to be encrypted: as it will be given, or typed twice."""
    from memos_admin.backend.encryption import store_keys

    given = store_keys.given(context.project(), context.env)
    if given is not None:
        return given[0]
    if not context.person.is_there:
        raise Usage(
            "There is no terminal to ask for the passphrase on. Give it in "
            f"{store_keys.VARIABLE}, or by store_key_command in config.toml."
        )
    ask, project = context.person.ask_store_key, context.project().title
    while True:
        typed = ask("New passphrase", project)
        try:
            store_keys.check_new(typed)
        except store_keys.BadPassphrase as error:
            context.out.note(str(error))
            continue
        if ask("Once more, the new passphrase", project) == typed:
            return typed
        context.out.note("These were two different ones. Again, from the beginning.")


def _told(context: Context, done: Converted, so: str) -> Exit:
    """Tell what became of its copies; 4 where one could not be made so."""
    others = done.others
    if done.was_so and not (others.done or others.remains or others.earlier):
        context.out.note(f"No copy of it that is known here was left to be {so}.")
    for path in others.done:
        context.out.note(f"Also {so}: {path}")
    for remaining in others.remains:
        context.out.note(f"Not {so}: {remaining}")
    for path in others.earlier:
        context.out.note(
            f"{path} stays encrypted with an earlier key: keep the passphrase or recovery key of that, or delete "
            "it once there is a new backup."
        )
    return Exit.PARTIAL if others.remains else Exit.DONE
