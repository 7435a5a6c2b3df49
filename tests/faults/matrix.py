"""Every fault of the service x everything that asks it: what came of it, judged the same way.

A cell begins with a store that was read before, and a service that has changed since. The operation
is done while the fault is there, once more when it is over, and in a copy that never met it.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from memos_admin.cloud.transport import Timeouts
from memos_admin.emulator.records import VIEWS, Subject
from memos_admin.emulator.state import State
from memos_admin.store import checks
from memos_admin.store.reads import Reads
from memos_admin.store.schema import open_current
from tests.backend.stored import said
from tests.faults.operations import OPERATIONS, PATIENT, WRITES, Done, sync_all
from tests.faults.world import ANN, NEW_TEXT, aim, change, copied, served, store_of

SHORT = Timeouts(read=0.2, total=0.2)

Said = dict[str, list[Any]]

MOST_WAITED = 600.0
"""Seconds that an operation may wait between tries before it gives up."""

ADVICE = re.compile(
    r"(Try again|Look at it again|[Cc]heck|Give a|Raise|Run it again|Press|What was|Nothing of)"
)


DOUBT = re.compile(r"(not known|not verified|Not verified|could not be read back|done; verified)")
"""What is said where a change was, or may have been, carried out."""


STALE = "The store here is not up to date yet"
"""What is said where a change was carried out, and only the store here does not have it."""


OTHER = "is something else by now than what was shown. Nothing was deleted."
"""What is said where what would be deleted is not what a person has agreed to."""


LEGEND = {
    "told": "not all could be done: it went on, said what happened and what to do, kept what it had, marked "
    "what is incomplete and what may have been changed, and was whole when the fault was over",
    "unnoticed": "all was done, as without the fault; nothing was lost, doubled or left marked",
    "flawed": "one of these is not so; what, is told below the table",
}
"""What the words of the table say: each cell was checked for all of it."""


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        says: what is said where it lasts; ``""``: nothing is noticed of it.
        leaves: what may stay of it: ``fields`` that were never seen before, ``changes`` that the
            service made meanwhile.
    """

    spec: str
    says: str = ""
    timeouts: Timeouts = PATIENT
    leaves: Literal["", "fields", "changes"] = ""


FAULTS = (
    Fault("latency:ms=3"),
    Fault("jitter:ms=5"),
    Fault("rate-limit", "limits the rate of this account"),
    Fault("rate-limit:times=2"),
    Fault("rate-limit:retry-after=86400", "limits the rate of this account"),
    Fault("code:code=40300", "limits the rate of this account"),
    Fault("error:status=500", "cannot answer now (HTTP 500)"),
    Fault("error:status=503,times=2"),
    Fault("error:status=502,route=/get/message", "cannot answer now (HTTP 502)"),
    Fault("error:status=500,route=/get/memory/{memory_id}", "cannot answer now (HTTP 500)"),
    Fault("error:status=500,route=/get/memory,after=1", "cannot answer now (HTTP 500)"),
    Fault("code:code=50004", "cannot answer now (code 50004"),
    Fault("code:code=40304", "the account has used up its calls"),
    Fault("code:code=40020", "the service declined (code 40020"),
    Fault("expired-key", "the service refused the API key"),
    Fault("expired-key:after=2", "the service refused the API key"),
    Fault("html", "cannot answer now (HTTP 502)"),
    Fault("html:status=404", "text/html instead of JSON"),
    Fault("timeout", "did not answer in time", SHORT),
    Fault("timeout:times=1", "", Timeouts(read=2, total=2)),
    Fault("reset", "the connection broke off"),
    # More than there are at once: with fewer, each try of one could be the one that breaks off.
    Fault("reset:every=11"),
    Fault("truncate", "the connection broke off"),
    Fault("invalid-json", "the answer is not usable JSON"),
    Fault("content-type", "text/plain instead of JSON"),
    Fault("invalid-utf8", "the answer is not valid UTF-8"),
    Fault("drip:bytes=4000,ms=1"),
    Fault("drip:bytes=1,ms=60000", "did not answer in time", SHORT),
    Fault("missing-fields", "without"),
    Fault("unknown-fields", leaves="fields"),
    Fault("duplicate-ids"),
    Fault("shifting-pages:by=insert", leaves="changes"),
    Fault("shifting-pages:by=delete", "were removed again and again", leaves="changes"),
    Fault("shifting-pages:by=delete,times=1", leaves="changes"),
    Fault("reversed-messages"),
    Fault("ignored-filter"),
    Fault("refused-filter"),
    Fault("refused-filter:after=2"),
)


@dataclass
class Cell:
    """What came of an operation under a fault: what is wrong with it, by what was asked of it."""

    fault: Fault
    operation: str
    whole: bool = True
    waited: float = 0.0
    troubles: frozenset[str] = frozenset()
    flaws: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        """One word for a table."""
        return "flawed" if self.flaws else "unnoticed" if self.whole else "told"


def cell(fault: Fault, operation: str, template: Path, folder: Path) -> Cell:
    """Try an operation under a fault."""
    if operation in WRITES:
        return _written(fault, operation, template, folder)
    found = Cell(fault, operation)
    act = OPERATIONS[operation]
    with served() as running:
        change(running.emulator.state)
        with copied(template, folder / "home", running) as home:
            store = store_of(home)
            before = said(store)
            running.emulator.faults.replace([fault.spec])
            first = act(home, fault.timeouts)
            during, marked = said(store), _marked(store)
            running.emulator.faults.replace([])
            again = act(home, PATIENT)
            after, still_marked = said(store), _marked(store)
            sound = _problems(store)
        with copied(template, folder / "home", running) as home:
            reference = act(home, PATIENT)
            wanted = [said(store_of(home))]
            sync_all(home, PATIENT)  # where changes cannot be asked for all is listed instead
            wanted.append(said(store_of(home)))
        state = running.emulator.state
        found.whole, found.waited = first.whole, first.waited
        found.troubles = troubles(first.told)
        _goes_on(found, first, again)
        _says(found, first)
        _keeps(found, state, before, during)
        _marks(found, first, marked, _is_one_of(during, wanted, fault) or fault.leaves == "changes")
        if not _is_one_of(after, wanted, fault):
            found.flaws.append(f"does not recover: {_difference(after, wanted[0])}")
        if again.shown != reference.shown and operation == "search remote":
            found.flaws.append("does not recover: it shows something else")
        if first.shown != reference.shown and operation == "search remote" and first.whole:
            found.flaws.append("shows something else, and does not say so")
        if still_marked:
            found.flaws.append(f"stays marked: {still_marked}")
        found.flaws += sound
    return found


def _written(fault: Fault, operation: str, template: Path, folder: Path) -> Cell:
    """Try to change something in the service under a fault."""
    found = Cell(fault, operation)
    act = OPERATIONS[operation]
    with served() as running:
        state = running.emulator.state
        with copied(template, folder / "home", running) as home:
            before = said(store_of(home))
            running.emulator.faults.replace([fault.spec])
            first = act(home, fault.timeouts)
            changed, during = _is_changed(state, operation), said(store_of(home))
            running.emulator.faults.replace([])
            again = act(home, PATIENT)
            sync_all(home, PATIENT)
            after = said(store_of(home))
            found.flaws += _problems(store_of(home))
        with copied(template, folder / "home", running) as home:
            sync_all(home, PATIENT)
            sync_all(home, PATIENT)  # what is missing once may have been moved by a page
            wanted = said(store_of(home))
    found.whole, found.waited = first.whole, first.waited
    found.troubles = troubles(first.told)
    if changed:
        again.whole = True  # there is nothing left to do
    _goes_on(found, first, again)
    _says(found, first)
    _keeps(found, state, before, during)
    if first.whole and not changed:
        found.flaws.append("says that it was done, and it was not")
    if not first.whole and changed and not DOUBT.search(first.told):
        found.flaws.append(f"was done, and it is said: {first.told}")
    if not _is_changed(state, operation):
        found.flaws.append("is not done when the fault is over")
    if _present(after) != _present(wanted):
        found.flaws.append(f"does not recover: {_difference(after, wanted)}")
    return found


def _is_changed(state: State, operation: str) -> bool:
    if operation == "delete a user":
        return not any(state.listing(Subject("user", ANN.external_id), view) for view in VIEWS)
    record = aim(state)
    return (
        record is None
        if operation == "delete"
        else record is not None and record.content == NEW_TEXT
    )


def troubles(told: str) -> frozenset[str]:
    """Return what a text says that went wrong, without what was being done."""
    found = re.findall(r"failed: (.*?)\. ", f"{told} ".replace("\n", " "))
    return frozenset(re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", text) for text in found)


def differently_said(cells: list[Cell]) -> list[str]:
    """Return what is said of one fault, if that is not always the same but for figures and codes."""
    troubles = frozenset().union(*(each.troubles for each in cells))
    said = sorted({re.split(r" \(|, ", text)[0] for text in troubles})
    return [f"says {' / '.join(said)}"] if len(said) > 1 else []


def _is_one_of(found: Said, wanted: list[Said], fault: Fault) -> bool:
    """Whether a store has what one of those has that never met the fault."""
    if fault.leaves == "changes":
        return any(_present(found) == _present(each) for each in wanted)
    names = found.keys() - ({"raw"} if fault.leaves == "fields" else set())
    return any(all(found[name] == each[name] for name in names) for each in wanted)


def _present(found: Said) -> tuple[list[Any], list[Any]]:
    """Return what is said now, without what was said before."""
    listed = {memory_id for memory_id, _, vanished, _ in found["listed"] if not vanished}
    return [row[:5] for row in found["memories"] if row[0] in listed], found["messages"]


def _goes_on(found: Cell, first: Done, again: Done) -> None:
    for done in (first, again):
        if done.crash:
            found.flaws.append(f"crashes: {done.crash}")
    if first.waited > MOST_WAITED:
        found.flaws.append(f"waits {first.waited:.0f} s")
    if not again.whole:
        found.flaws.append(f"fails when the fault is over: {again.told}")


def _says(found: Cell, first: Done) -> None:
    if first.whole:
        return
    says = found.fault.says
    if found.operation in WRITES and STALE in first.told:
        return
    if found.operation == "delete a user" and OTHER in first.told and found.fault.leaves:
        return
    if not says or says not in " ".join(first.told.split()):
        found.flaws.append(f"says {first.told!r} instead of {says!r}")
    if not ADVICE.search(first.told):
        found.flaws.append(f"does not say what to do: {first.told!r}")


def _keeps(found: Cell, state: State, before: Said, during: Said) -> None:
    for name in ("memories", "listed"):
        lost = {row[0] for row in before[name]} - {row[0] for row in during[name]}
        if lost:
            found.flaws.append(f"loses {len(lost)} of {name}")
    gone = Counter(row[:5] for row in before["messages"])
    gone -= Counter(row[:5] for row in during["messages"])
    if gone:
        found.flaws.append(f"loses {gone.total()} messages")
    for memory_id, _, vanished, _ in during["listed"]:
        record = state.find(memory_id)
        if vanished and record is not None and record.status == "activated":
            found.flaws.append(f"takes {memory_id} for vanished")


def _marks(found: Cell, first: Done, marked: str, is_whole: bool) -> None:
    """What is not whole has to say so; a search stores nothing."""
    if found.operation == "search remote":
        return
    if first.whole and not is_whole:
        found.flaws.append("is not whole, and does not say so")
    if first.whole == bool(marked):
        found.flaws.append(f"is marked {marked!r}" if marked else "is not marked as incomplete")


def _marked(store: Path) -> str:
    """Return what the store says of its own incompleteness."""
    with Reads(store) as reads:
        rows = reads.query.rows(
            "SELECT external_id, problem FROM subject WHERE problem IS NOT NULL"
        )
        return "; ".join(f"{name}: {problem}" for name, problem in rows)


def _problems(store: Path) -> list[str]:
    with closing(open_current(store)) as connection:
        return checks.problems(connection, store)


def _difference(one: Said, other: Said) -> str:
    lines = []
    for name, rows in other.items():
        more = [row for row in one[name] if row not in rows]
        less = [row for row in rows if row not in one[name]]
        if more or less:
            lines.append(f"{name}: {len(more)} too many, {len(less)} missing: {(more + less)[:2]}")
    return "; ".join(lines) or "in its order"
