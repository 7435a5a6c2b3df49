"""Prints how much of the labelled set is found: ``python -m tests.masking [--misses]``."""

from __future__ import annotations

import sys

from tests.masking.measure import measured, table


def main() -> None:
    found = measured()
    print(table(found))
    if "--misses" in sys.argv[1:]:
        for one in found:
            for text in one.missed:
                print(f"missed  {one.language:8} {one.kind:10} {text}")
            for text in one.wrong:
                print(f"wrong   {one.language:8} {one.kind:10} {text}")


main()
