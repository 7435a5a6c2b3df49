"""Prints how well the rules do on the labelled sets: ``python -m tests.hygiene [--misses]``."""

from __future__ import annotations

import sys

from tests.evidence.filled import filled
from tests.hygiene.measure import of_demo, of_labelled, table


def main() -> None:
    with filled() as reads:
        found = [*of_labelled(), *of_demo(reads)]
    print(table(found))
    if "--misses" in sys.argv[1:]:
        # Whoever saw what of the others is missed would tune the rules for it.
        for one in (one for one in found if not one.set.endswith("-unseen")):
            for text in one.missed or ():
                print(f"missed  {one.set:8} {one.rule:14} {text}")
            for text in one.wrong:
                print(f"wrong   {one.set:8} {one.rule:14} {text}")


if __name__ == "__main__":
    main()
