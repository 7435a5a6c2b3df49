"""Print the table of all faults and operations; 1 where a cell is flawed, 2 where there is no such thing."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.matrix import FAULTS, LEGEND, Fault, cell, differently_said
from tests.faults.operations import OPERATIONS, template


def run(faults: Sequence[Fault], operations: Sequence[str]) -> int:
    """Print the table; return 1 if there are flaws."""
    flaws = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="memos-admin-faults-") as folder:
        made = template(Path(folder))
        print(f"| fault | {' | '.join(operations)} | what is said |")
        print(f"| --- |{' --- |' * (len(operations) + 1)}")
        for fault in faults:
            cells = [cell(fault, name, made, Path(folder)) for name in operations]
            troubles = sorted(frozenset().union(*(each.troubles for each in cells)))
            flaws += [(fault.spec, "all", flaw) for flaw in differently_said(cells)]
            words = " | ".join(each.word for each in cells)
            print(f"| `{fault.spec}` | {words} | {'; '.join(troubles)} |", flush=True)
            flaws += [
                (each.fault.spec, each.operation, flaw) for each in cells for flaw in each.flaws
            ]
    print()
    for word, meaning in LEGEND.items():
        print(f"* {word}: {meaning}")
    print(f"\n{time.monotonic() - began:.0f} s, {len(flaws)} flaws")
    for spec, operation, flaw in flaws:
        print(f"{spec}, {operation}: {flaw}")
    return 1 if flaws else 0


def asked(arguments: Sequence[str] | None = None) -> tuple[list[Fault], list[str]]:
    """Return what is to be tried; ends with what there is where something else is named."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Try every fault of the service with everything that asks it, print a table of what came\n"
        "of it, and end with 1 where something is flawed.\n\n"
        + "\n".join(f"  {word:<10} {meaning}" for word, meaning in LEGEND.items()),
        epilog="\n".join(
            (
                "faults:",
                *(f"  {fault.spec}" for fault in FAULTS),
                "",
                "operations:",
                *(f"  {name!r}" for name in OPERATIONS),
            )
        ),
    )
    parser.add_argument(
        "faults", nargs="*", metavar="FAULT", help="only those that begin so (below)"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="OPERATION",
        default=list(OPERATIONS),
        help="only these operations (below)",
    )
    given = parser.parse_args(arguments)
    for name in given.only:
        if name not in OPERATIONS:
            there_are = ", ".join(map(repr, OPERATIONS))
            parser.error(f"{name!r} is no operation; there are {there_are}")
    for begun in given.faults:
        if not any(fault.spec.startswith(begun) for fault in FAULTS):
            there_are = ", ".join(fault.spec for fault in FAULTS)
            parser.error(f"no fault begins with {begun!r}; there are {there_are}")
    wanted = tuple(given.faults) or ("",)
    return [fault for fault in FAULTS if fault.spec.startswith(wanted)], given.only


if __name__ == "__main__":
    os.environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "TZ": "UTC"}
    os.environ |= {"TEXTUAL_ANIMATIONS": "none", "LC_ALL": "C.UTF-8"}
    sys.exit(run(*asked()))
