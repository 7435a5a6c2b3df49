"""``recall check``: the questions of a file, whether their answers are as expected, reports of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.recall import online
from memos_admin.cli.table import text

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

CHECK_FIELDS = (
    "name",
    "user_id",
    "ask",
    "outcome",
    "change",
    "why",
    "expectations",
    "digest",
)
CHECK_COLUMNS = (
    text("outcome", "Result"),
    text("change", "Since last"),
    text("name", "Question", least=16),
    text("user_id", "User", least=10, gives=2),
    text("why", "Why", least=20, gives=1),
)


def check_questions(context: Context, args: argparse.Namespace) -> Exit:
    """``recall check``."""
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.recall import checking, parameters

    saved = _read_questions(args)
    against = None if args.against is None else _report(args.against)
    configured = parameters.Parameters()
    if not args.bare:
        configured = parameters.of_project(context.home, context.project().uuid)

    async def ask(workspace: Workspace) -> list[Any]:
        read = checking.at_once(workspace.reads)
        found = await checking.check(workspace, saved, configured, read, before=against)
        try:
            await checking.keep(workspace, read, found)
        except StoreError as error:
            context.out.note(f"How it ended is not kept for the next time: {error}")
        return found

    checked = online(context, ask)
    rows = [_checked_row(one) for one in checked]
    context.out.rows(rows, fields=CHECK_FIELDS, columns=CHECK_COLUMNS, as_json=args.json)
    if context.out.on_terminal and not args.json:
        for row in rows:
            if row["why"]:
                lines = "".join(f"\n  {why}" for why in row["why"])
                context.out.note(f"\n{row['name']}{lines}")
    if args.junit is not None:
        _write_junit(args.junit, rows)
    _tell_outcomes(context, rows)
    outcomes = {row["outcome"] for row in rows}
    if "not asked" in outcomes:
        return Exit.PARTIAL
    return Exit.REFUSED if "failed" in outcomes else Exit.DONE


def _read_questions(args: argparse.Namespace) -> tuple[Any, ...]:
    from pathlib import Path

    from memos_admin.backend.config import ConfigError
    from memos_admin.backend.recall import questions

    try:
        saved = questions.read(Path(args.file))
    except ConfigError as error:
        raise Usage(str(error)) from None
    except OSError as error:
        raise Usage(f"{args.file} cannot be read: {error.strerror}.") from None
    wanted = args.question
    if wanted is not None:
        names = {one.name for one in saved}
        for name in wanted:
            if name not in names:
                raise Usage(f"{args.file} has no question {name!r}.")
        saved = tuple(one for one in saved if one.name in wanted)
    if not saved:
        raise Usage(f"{args.file} has no question: give it a table [[question]].")
    return saved


def _report(name: str) -> Any:
    from pathlib import Path

    from memos_admin.backend.recall.checking import parse_report

    try:
        return parse_report(Path(name).read_text(encoding="utf-8"))
    except ValueError as error:
        raise Usage(f"{name}: {error}.") from None
    except OSError as error:
        raise Usage(f"{name} cannot be read: {error.strerror}.") from None


def _checked_row(one: Any) -> dict[str, Any]:
    """Return the row of a question with the keys `CHECK_FIELDS`."""
    each = list(zip(one.found, one.changes, strict=True))
    why = [_why(found, change) for found, change in each if not found.met]
    why = [one.problem] if one.problem else why
    return {
        "name": one.saved.called,
        "user_id": one.saved.user_id,
        "ask": one.saved.text,
        "outcome": one.outcome,
        "change": one.change or None,
        "why": why,
        "expectations": [_expectation_row(found, change) for found, change in each],
        "digest": one.digest,
    }


def _why(found: Any, change: str) -> str:
    """Return what is not as expected, and why."""
    before = "At the last check it was so. " if change == "newly fails" else ""
    return f"{_wanted(found.expectation)}: {before}{found.why}".rstrip()


def _wanted(expectation: Any) -> str:
    """Return an expectation in words."""
    words = "must contain" if expectation.must else "must not contain"
    what = expectation.memory_id or " and ".join(f"“{words}”" for words in expectation.words)
    of_view = "" if expectation.view is None else f" as {VIEWS[expectation.view].lower()}"
    within = "" if expectation.within is None else f" within the first {expectation.within}"
    return f"{words} {what}{of_view}{within}"


def _expectation_row(found: Any, change: str) -> dict[str, Any]:
    wanted = found.expectation
    return {
        "must": wanted.must,
        "memory": wanted.memory_id,
        "words": list(wanted.words),
        "view": wanted.view,
        "within": wanted.within,
        "met": found.met,
        "change": change,
        "memory_id": found.memory_id,
        "rank": found.rank,
        "why": found.why or None,
    }


def _tell_outcomes(context: Context, rows: list[dict[str, Any]]) -> None:
    """Tell how many ended how, and what is not as it was."""
    from collections import Counter

    outcomes = Counter(row["outcome"] for row in rows)
    told = [f"{outcomes[name]:,} {name}" for name in ("passed", "failed", "not asked")]
    context.out.note(f"{', '.join(told)}.")
    changes = Counter(row["change"] for row in rows)
    changed = [
        f"{changes[name]:,} {name}" for name in ("newly fails", "newly passes", "moved", "new")
    ]
    context.out.note(f"Since the last check: {', '.join(changed)}.")


def _write_junit(name: str, rows: list[dict[str, Any]]) -> None:
    """Write a report that CI services read."""
    from pathlib import Path
    from xml.etree import ElementTree as ET

    from memos_admin.backend.export.target import writing

    suite = ET.Element("testsuite", name="recall check", tests=str(len(rows)))
    kinds = {"failed": "failure", "not asked": "error"}
    for outcome, kind in kinds.items():
        suite.set(f"{kind}s", str(sum(row["outcome"] == outcome for row in rows)))
    for row in rows:
        case = ET.SubElement(
            suite, "testcase", classname=_xml(row["user_id"]), name=_xml(row["name"])
        )
        if row["outcome"] in kinds:
            ET.SubElement(case, kinds[row["outcome"]], message=_xml("\n".join(row["why"])))
    text = ET.tostring(suite, encoding="unicode", xml_declaration=False)
    with writing(Path(name)) as write:
        write(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _xml(said: str) -> str:
    """Return a text without characters that XML cannot have, even escaped."""
    return "".join(
        char
        if char in "\t\n\r"
        or " " <= char <= "\ud7ff"
        or "\ue000" <= char <= "\ufffd"
        or char >= "\U00010000"
        else "\ufffd"
        for char in said
    )
