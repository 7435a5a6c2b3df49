"""Ctrl+C in the benchmarks keeps what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks.bench import Bench
from benchmarks.generate import Size
from benchmarks.measure import Figure
from benchmarks.report import markdown


def test_what_was_measured_before_is_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(_bench: Bench, name: str) -> Iterator[Figure]:
        yield Figure(f"{name} one", 1.0, "s")
        if name == "lists":
            raise KeyboardInterrupt
        yield Figure(f"{name} two", 2.0, "s")

    monkeypatch.setattr(program, "_measured", measured)
    bench = Bench(tmp_path, (Size(10),))
    figures: dict[str, list[Figure]] = {}
    assert not program.finished(bench, ("start", "lists", "search"), figures)
    text = markdown([], figures, bench.skipped)
    for what in ("start one", "start two", "lists one"):
        assert what in text
    assert "search one" not in text
    assert "the rest of lists, search: it was interrupted" in text
    assert program.finished(bench, ("start",), figures)
