"""The users and agents that you look after.

MemOS Cloud lists neither, so this project keeps its own roster: ids that you add or import, and
those that a memory names. A count is a lower bound until the user was listed once (memos-admin sync).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import last, program, subject_option
from memos_admin.backend.display import one_line
from memos_admin.backend.erasing import erased_before, unfinished_erasures
from memos_admin.cli.arguments import add_json, add_kind, add_list_options, add_yes
from memos_admin.cli.changing.subject import add_deletion_options, delete_subject
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.given_keys import refuse_unknown
from memos_admin.cli.input_wait import told_while_waiting
from memos_admin.cli.lists import batches, counted, tell_cut, utc
from memos_admin.cli.parser import commands
from memos_admin.cli.progress import Waiting
from memos_admin.cli.removing import ask_and_remove
from memos_admin.cli.table import Column, at_least, bounded, fact_lines, instant
from memos_admin.cli.values import identity

if TYPE_CHECKING:
    from memos_admin.backend.model import Kind, Reads, Subject, SubjectRef
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cli.output import Output

_NAMED = 20
"""So many ids that can be are named beside those that cannot."""

FIELDS = (
    "kind",
    "user_id",
    "conversations",
    "messages",
    "memories",
    "bound",
    "last_activity",
    "last_sync",
    "problem",
)


def _who(row: Mapping[str, Any]) -> str:
    return f"{row['user_id']} (agent)" if row["kind"] == "agent" else str(row["user_id"])


def _why(problem: str) -> str:
    """Return the reason of a problem before what failed of it, which all have in common."""
    what, failed, why = problem.partition(" failed: ")
    if not failed:
        return problem
    return f"{why} ({'messages' if 'message' in what else 'memories'})"


COLUMNS = (
    Column("User", _who, least=26),
    at_least("conversations", "Conversations", gives=3),
    at_least("messages", "Messages"),
    bounded("memories", "Memories"),
    instant("last_activity", "Last activity", gives=1),
    instant("last_sync", "Last sync", gives=2),
    Column("Problem", lambda row: _why(row["problem"] or ""), least=16),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    add = verbs.add_parser("add", help="add users or agents by id; works offline")
    add.add_argument(
        "ids", nargs="+", metavar="ID", help="as MemOS knows them; agent:ID is an agent"
    )
    add_kind(add)
    add.set_defaults(run=add_users)

    imported = verbs.add_parser("import", help="add ids from a file: one a line, or a CSV")
    imported.add_argument(
        "file",
        metavar="FILE",
        help="one id a line (agent:ID for an agent), perhaps below a heading such as id, or a table "
        "(, ; tab) with a column user_id and perhaps kind (user or agent), no JSON; - is stdin",
    )
    add_kind(imported)
    imported.set_defaults(run=import_users)

    listed = verbs.add_parser("list", help="list them, latest activity first")
    add_list_options(listed)
    listed.set_defaults(run=list_users, needs_data=True)

    show = verbs.add_parser("show", help="everything that is known of one")
    show.add_argument("id", type=identity, metavar="ID", help="whose")
    add_kind(show)
    add_json(show)
    show.set_defaults(run=show_user, needs_data=True)

    delete = verbs.add_parser("delete", help="delete all that MemOS holds of one, for good")
    delete.add_argument("id", type=identity, metavar="ID", help="whose")
    add_kind(delete)
    add_deletion_options(delete)
    delete.set_defaults(run=delete_user, needs_data=True, seals=True)

    remove = verbs.add_parser("remove", help="remove one and all that the store holds of it")
    remove.add_argument("id", type=identity, metavar="ID", help="whose")
    add_kind(remove)
    add_yes(remove)
    remove.set_defaults(run=remove_user, seals=True)


def add_users(context: Context, args: argparse.Namespace) -> Exit:
    """``users add``."""
    from memos_admin.backend.ids.from_list import subject_named
    from memos_admin.backend.keys import without_keys
    from memos_admin.backend.roster import BadId, check_id

    fingerprints = context.project().fingerprints
    refs = [subject_named(given, _kind(args)) for given in args.ids]
    flaws, others = [], []
    for ref, given in zip(refs, args.ids, strict=True):
        try:
            check_id(ref.external_id, fingerprints=fingerprints)
        except BadId as error:
            flaws.append(f"{one_line(without_keys(given), 40)!r}: {error}")
        else:
            others.append(given)
    if flaws:
        raise Usage(" ".join((*flaws, "Nothing was added.", *_without_these(args, others))))
    _add(context, refs, "hand")
    return Exit.DONE


def _without_these(args: argparse.Namespace, others: list[str]) -> Iterator[str]:
    """Yield how those are added whose ids can be, where there are any."""
    if len(others) > _NAMED:
        yield f"The other {len(others):,} can be."
    elif others:
        kind = ["--agent"] if args.agent else []
        yield f"The others can be: {' '.join([program(), 'users add', *kind, last(*others)])}"


def import_users(context: Context, args: argparse.Namespace) -> Exit:
    """``users import``."""
    from memos_admin.backend.ids import file_text
    from memos_admin.backend.ids.from_file import read_subjects

    piped = args.file == file_text.STDIN
    name = "Standard input" if piped else args.file
    waiting = told_while_waiting(context.out, "ids, one a line", None if piped else args.file)
    try:
        with waiting, file_text.opened(args.file) as file:
            listed = read_subjects(file, _kind(args))
    except ValueError as error:
        added = "" if "Nothing was added." in str(error) else " Nothing was added."
        raise Usage(f"{name}: {error}{added}") from None
    except OSError as error:
        error.filename = error.filename or name  # reading does not say of what
        raise
    if not listed.refs:
        raise Usage(f"{name} holds no id. It needs one a line, or a column user_id.")
    _add(context, list(listed.refs), "import")
    if listed.heading:
        name = one_line(listed.heading, 40)
        context.out.note(
            f"The first line, {name!r}, was taken for a heading. If it is an id too: "
            f"{program()} users add {last(name)}"
        )
    if listed.without_id:
        context.out.note(f"{counted(listed.without_id, 'row')} without a user_id passed over.")
    return Exit.DONE


def list_users(context: Context, args: argparse.Namespace) -> Exit:
    """``users list``."""
    from memos_admin.backend.erasing import erased_before

    reads = context.workspace().reads
    keys = reads.subject_pks()
    context.viewed("users", {"users": min(len(keys), args.limit or len(keys))})
    context.out.rows(
        _rows(reads, keys[: args.limit or None]),
        fields=FIELDS,
        columns=COLUMNS,
        as_json=args.json,
    )
    if not keys:
        erased = erased_before.how_many(context.home, context.project())
        were = (
            f" Erased here: {erased:,} ({program()} journal list --action forget)."
            if erased
            else ""
        )
        context.out.note(f"Nobody is on the roster.{were} Add somebody: {program()} users add ID")
    tell_cut(context.out, args.limit, len(keys), "users and agents")
    if never := reads.never_listed():
        context.out.note(
            f"{never:,} of {len(keys):,} never listed whole: their counts are lower bounds. "
            f"{program()} sync lists them."
        )
    tell_doubted(context.out, reads, None)
    return Exit.DONE


def show_user(context: Context, args: argparse.Namespace) -> Exit:
    """``users show``."""
    subject = find_named(context, args)
    context.viewed("user", subject=subject.ref)
    facts = {
        **row_of(subject),
        "known_from": subject.known_from,
        "last_listing": utc(subject.listed_at),
        "last_opened": utc(subject.opened_at),
    }
    if args.json:
        context.out.document(facts)
    else:
        lines = [(name, "" if value is None else str(value)) for name, value in facts.items()]
        for line in fact_lines(lines, context.out.width):
            context.out.line(line)
    if subject.listed_at is None:
        context.out.note(f"Never listed whole: the counts are lower bounds. Run: {program()} sync")
    tell_doubted(context.out, context.workspace().reads, subject)
    return Exit.DONE


def delete_user(context: Context, args: argparse.Namespace) -> Exit:
    """``users delete``."""
    return delete_subject(context, args, find_named(context, args).ref)


def remove_user(context: Context, args: argparse.Namespace) -> Exit:
    """``users remove``."""
    subject = find_named(context, args)
    ref, unfinished = subject.ref, unfinished_erasures.before_removal(subject)
    from memos_admin.backend import roster

    ended = ask_and_remove(
        context,
        ref.kind,
        ref.external_id,
        lambda workspace: roster.remove_subject(workspace, ref, Waiting(context.out)),
        lost=f"{counted(subject.messages, 'message')} and {counted(subject.memories, 'memory')}",
        yes=args.yes,
        warning=unfinished,
    )
    if unfinished:
        context.out.note(unfinished)
    context.out.note(
        "Backups, and free space of the store's files, may still have it. To erase it there too: "
        f"{program()} store forget {subject_option(ref)}"
    )
    return ended


def find(context: Context, ref: SubjectRef) -> Subject:
    """Return a subject of the roster; one that was erased before is told.

    Raises Failed where it is not on it.
    """
    subject = context.workspace().reads.subject(ref)
    if subject is None:
        refuse_unknown(ref.external_id)
        from memos_admin.backend.absent import nobody, other_kind

        is_other = context.workspace().reads.subject(other_kind(ref)) is not None
        erased = erased_before.of_nobody(context.home, context.project(), ref)
        raise Failed(nobody(ref, erased, is_other=is_other))
    return _told(context, subject)


def find_named(context: Context, args: argparse.Namespace) -> Subject:
    """Return whom the command's ID means: whose id it is to the letter, else an ``agent:``'s.

    Raises Failed where that one is not on the roster.
    """
    from memos_admin.backend.ids.from_list import subject_named
    from memos_admin.backend.model import SubjectRef

    subject = context.workspace().reads.subject(SubjectRef(_kind(args), args.id))
    if subject is None:
        return find(context, subject_named(args.id, _kind(args)))
    return _told(context, subject)


def _told(context: Context, subject: Subject) -> Subject:
    """Return a subject whose erasure before, if there was one, has been told."""
    if said := erased_before.said_of(subject):
        context.note_once(f"{subject.ref.kind} {subject.ref.external_id}: {said}")
    return subject


def tell_erased(context: Context, refs: Iterable[SubjectRef]) -> None:
    """Tell who of `refs` is on the roster again after an erasure."""
    workspace = context.workspace()
    if not workspace.is_begun:
        return
    for ref in refs:
        if said := erased_before.said_of(workspace.reads.subject(ref)):
            context.note_once(f"{ref.kind} {ref.external_id}: {said}")


def tell_doubted(out: Output, reads: Reads, subject: Subject | None) -> None:
    """Tell how many memories are in doubt, of a subject or of everybody: numbers have them still."""
    from memos_admin.backend.export.completeness import of_doubted

    for line in of_doubted(reads, subject):
        out.note(line)


def row_of(subject: Subject) -> dict[str, Any]:
    """Return the row of a subject: `FIELDS` with JSON's types."""
    return {
        "kind": subject.ref.kind,
        "user_id": subject.ref.external_id,
        "conversations": subject.conversations,
        "messages": subject.messages,
        "memories": subject.memories,
        "bound": subject.bound,
        "last_activity": utc(subject.last_activity),
        "last_sync": utc(subject.synced_at),
        "problem": unfinished_erasures.problem_of(subject),
    }


def _add(context: Context, refs: list[SubjectRef], known_from: str) -> None:
    from memos_admin.backend import roster
    from memos_admin.backend.model import SubjectRef

    new: list[tuple[Kind, str]] = []

    async def add(workspace: Workspace) -> int:
        known = 0
        for kind in dict.fromkeys(ref.kind for ref in refs):
            added = await roster.add_subjects(
                workspace,
                [ref for ref in refs if ref.kind == kind],
                known_from=known_from,
                on_wait=Waiting(context.out),
            )
            new.extend((kind, found) for found in added.added)
            known += len(added.known)
        return known

    try:
        known = context.run(add)
    except ValueError as error:
        raise Usage(str(error)) from None
    for kind, found in new[:10]:
        context.out.note(f"Added to the roster: {kind} {found}")
    if len(new) > 10:
        context.out.note(f"Added {len(new):,} in all.")
    if known:
        context.out.note(f"{known:,} known already.")
    tell_erased(context, [SubjectRef(kind, found) for kind, found in new[:10]])
    if new:
        context.out.note(
            f"Nothing was asked of MemOS; {program()} sync shows whether it knows them."
        )


def _rows(reads: Reads, keys: Any) -> Iterator[dict[str, Any]]:
    for some in batches(keys):
        for subject in reads.subjects(some):
            yield row_of(subject)


def _kind(args: argparse.Namespace) -> Kind:
    return "agent" if args.agent else "user"
