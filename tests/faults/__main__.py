"""Print the table of all faults and operations; 1 where one is flawed.

``python -m tests.faults [--only OPERATION] [FAULT …]``: only those that begin so.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.matrix import FAULTS, cell, differently_said
from tests.faults.operations import OPERATIONS, template


def run(wanted: list[str], operations: list[str]) -> int:
    """Print the table; return 1 if there are flaws."""
    flaws = []
    began = time.monotonic()
    print(f"| fault | {' | '.join(operations)} | what is said |")
    print(f"| --- |{' --- |' * (len(operations) + 1)}")
    with tempfile.TemporaryDirectory(prefix="memos-admin-faults-") as folder:
        made = template(Path(folder))
        for fault in FAULTS:
            if wanted and not any(fault.spec.startswith(each) for each in wanted):
                continue
            cells = [cell(fault, name, made, Path(folder)) for name in operations]
            troubles = sorted(frozenset().union(*(each.troubles for each in cells)))
            flaws += [(fault.spec, "all", flaw) for flaw in differently_said(cells)]
            words = " | ".join(each.word for each in cells)
            print(f"| `{fault.spec}` | {words} | {'; '.join(troubles)} |", flush=True)
            flaws += [
                (each.fault.spec, each.operation, flaw) for each in cells for flaw in each.flaws
            ]
    print(f"\n{time.monotonic() - began:.0f} s")
    for spec, operation, flaw in flaws:
        print(f"{spec}, {operation}: {flaw}")
    return 1 if flaws else 0


if __name__ == "__main__":
    os.environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "TZ": "UTC"}
    os.environ |= {"TEXTUAL_ANIMATIONS": "none", "LC_ALL": "C.UTF-8"}
    parser = argparse.ArgumentParser()
    parser.add_argument("faults", nargs="*")
    parser.add_argument("--only", nargs="+", default=list(OPERATIONS))
    given = parser.parse_args()
    sys.exit(run(given.faults, given.only))
