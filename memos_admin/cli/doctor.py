"""Say what works, and what to do about what does not.

Checks Python, terminal, configuration, interface, journal, keyring, connection, key, rate and store. It
writes nothing to MemOS and shows no key.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from memos_admin.backend.display import one_line, pad, printable
from memos_admin.backend.keys import without_keys
from memos_admin.cli.arguments import add_json
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, strongest

if TYPE_CHECKING:
    from memos_admin.backend.doctor import Check

SECTIONS = {
    "exit codes": {
        "0": "nothing is wrong",
        "2": "the address cannot be used",
        "3": "there is no project, or its key is missing or refused",
        "1": "anything else is wrong",
    },
}

_WORDS = {True: "ok", False: "not ok", None: "-"}
_CODES = {"Key": Exit.CREDENTIALS, "Address": Exit.USAGE}


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    add_json(parser)
    parser.set_defaults(run=run_checks)


def run_checks(context: Context, args: argparse.Namespace) -> Exit:
    """``doctor``: tells each check as it ends."""
    checks: list[Check] = []

    async def go() -> None:
        from memos_admin.backend.doctor import checks as all_checks
        from memos_admin.tui.preferences import described

        async for check in all_checks(
            context.home,
            context.env_of_doctor(),
            context.options.project,
            interface=described,
            on_project=context.take,
        ):
            checks.append(check)
            if not args.json:
                _tell(context, check)

    asyncio.run(go())
    if args.json:
        context.out.document(
            [
                {
                    "name": check.name,
                    "ok": check.ok,
                    "detail": without_keys(check.detail),
                    "advice": None if check.advice is None else without_keys(check.advice),
                }
                for check in checks
            ]
        )
    return code_of(checks)


def code_of(checks: list[Check]) -> Exit:
    """Return the code for what is wrong; no project at all is as good as no key."""
    codes = [_CODES.get(check.name, Exit.REFUSED) for check in checks if check.ok is False]
    if not any(check.name == "Project" and check.ok for check in checks) and not codes:
        codes.append(Exit.CREDENTIALS)
    return strongest(codes)


_INDENT = " " * 26
"""Before every line of a check but its first."""


def _tell(context: Context, check: Check) -> None:
    detail = printable(without_keys(check.detail), newlines=True).replace("\n", f"\n{_INDENT}")
    context.out.line(f"{pad(_WORDS[check.ok], 6)}  {pad(one_line(check.name, 16), 16)}  {detail}")
    if check.advice and check.ok is not True:
        context.out.line(_INDENT + without_keys(check.advice))
    context.out.data.flush()
