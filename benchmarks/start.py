"""How long until something is there: commands, and the first frames of the interface."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import bare
from benchmarks.bench import Bench, Store, clean_environment
from benchmarks.measure import Figure, Samples, alternating
from benchmarks.terminal import ROOT, Terminal
from memos_admin.backend.model import Filter

PASS = "python -c pass"
BARE = "bare Textual app"
_OURS = (sys.executable, "-m", "memos_admin")
_BARE = (sys.executable, str(Path(bare.__file__)))


def start(bench: Bench) -> Iterator[Figure]:
    """Commands against a bare interpreter, first frames against a bare Textual app."""
    yield from _commands(bench)
    yield from _frames(bench)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)


def _commands(bench: Bench) -> Iterator[Figure]:
    plain = clean_environment()
    calls: dict[str, Callable[[], object]] = {
        PASS: partial(_run, (sys.executable, "-c", "pass"), plain),
        "--version": partial(_run, (*_OURS, "--version"), plain),
    }
    lists = ("users list", "memories list")
    for store in bench.stores:
        for words in lists:
            command = (*_OURS, *words.split())
            calls[f"{words}|{store.size}"] = partial(_run, command, store.environment)
    samples = alternating(calls, 15)
    yield samples[PASS].figure(PASS)
    for name in calls:
        if name == PASS:
            continue
        words, _, size = name.partition("|")
        yield samples[name].figure(
            f"memos-admin {words}",
            store=size,
            against=samples[PASS],
            reference=PASS,
            aim="≤ 3 ×" if words == "--version" else "≤ 8 ×",
        )


def _frames(bench: Bench) -> Iterator[Figure]:
    label, harlequin = Samples(), Samples()
    first = {store.size: Samples() for store in bench.stores}
    whole = {store.size: Samples() for store in bench.stores}
    other = shutil.which("harlequin")
    if other is None:
        bench.skip("harlequin's start, since harlequin is not installed")
    wanted = {store.size: _texts(store) for store in bench.stores}
    for turn in range(10):
        seen = label if turn else Samples()  # the first round fills the caches of the disk
        seen.seconds.append(_frame(_BARE, clean_environment(), bare.TEXT))
        if other is not None:
            seen = harlequin if turn else Samples()
            command = (other, "-a", "sqlite", str(next(bench.stores).path))
            seen.seconds.append(_frame(command, clean_environment(), "Run Query"))
        for store in bench.stores:
            user, memory = wanted[store.size]
            with Terminal(_OURS, store.environment) as terminal:
                data, everything = terminal.seen(user), terminal.seen(memory)
            if turn:
                first[store.size].seconds.append(data)
                whole[store.size].seconds.append(everything)
    yield label.figure(BARE)
    if other is not None:
        yield harlequin.figure("harlequin", against=label, reference=BARE)
    for size, samples in first.items():
        yield samples.figure(
            "interface, first frame with users",
            store=str(size),
            against=label,
            reference=BARE,
            aim="≤ 1.5 ×",
        )
        yield whole[size].figure(
            "interface, all panes filled", store=str(size), against=label, reference=BARE
        )


def _frame(command: Sequence[str], environment: Mapping[str, str], text: str) -> float:
    """Return the seconds from starting a program to the frame that has `text`."""
    with Terminal(command, environment) as terminal:
        return terminal.seen(text)


def _texts(store: Store) -> tuple[str, str]:
    """Return the first user's id, and how the first memory in the pane of memories begins."""
    with store.workspace().open_reads() as reads:
        (user,) = reads.subjects(reads.subject_pks()[:1])
        (conversation,) = reads.conversations(reads.conversation_pks(user.pk)[:1])
        wanted = Filter(subject=user.ref, conversation_id=conversation.conversation_id)
        (memory,) = reads.memories(reads.memory_pks(wanted)[:1])
    return user.ref.external_id, (memory.title or memory.content)[:12]
