"""The command line that writes what the screen shows. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from memos_admin.backend.evidence.kinds import ANOTHER
from memos_admin.backend.evidence.narrowing import of_messages
from memos_admin.backend.filter_language import printed
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.times import utc_text
from memos_admin.tui.desk.place import Place
from memos_admin.tui.words.narrowing import ordered

if TYPE_CHECKING:
    from memos_admin.tui.jobs.exporting import Plan
    from memos_admin.tui.journaling import About


def command_line(project: Sequence[str], words: Sequence[str]) -> str:
    """Return a line for a shell, quoted where it must be.

    Args:
        project: the options that name the project.
        words: the command behind them.
    """
    return shlex.join(["memos-admin", *project, *words])


ALL = "--limit=0"
"""As many rows as the screen has: all."""


def behind(word: str) -> list[str]:
    """Return an id or a text as it stands behind all options: one that begins like an option is no option."""
    return ["--", word] if word.startswith("-") else [word]


def of_pane(pane: str, place: Place | None, query: Filter) -> list[str]:
    """Return the command for a pane of the main screen.

    Args:
        pane: the one with the focus.
        place: where one is; None: no user is chosen.
        query: the filter of the memories.
    """
    if place is None or pane == "users":
        return ["users", "list", ALL]
    whose = _whose(place.subject)
    if pane == "conversations":
        return ["conversations", "list", *whose, ALL]
    if place.memory_id is not None and pane == "detail":
        return ["memories", "show", *behind(place.memory_id)]
    if place.conversation_id and (pane == "transcript" or place.message is not None):
        return ["messages", "list", *whose, f"--conversation={place.conversation_id}", ALL]
    return of_memories(query)


def of_memories(query: Filter) -> list[str]:
    """Return the command for the memories that a filter names."""
    return ["memories", "list", *_filter(query), ALL]


def of_overview(query: Filter) -> list[str]:
    """Return the command for the overview of what a filter names."""
    return ["overview", *_filter(query)]


def of_changes(
    ref: SubjectRef | None,
    since: int,
    until: int | None,
    kinds: Sequence[str],
    within: Filter,
) -> list[str]:
    """Return the command for changes found from `since` on, before `until`, of the memories `within`; no kinds: all."""
    period = [f"--since={utc_text(since)}"]
    period += [f"--until={utc_text(until)}"] if until is not None else []
    of_kinds = [f"--kind={kind}" for kind in kinds]
    return ["changes", *_whose(ref), *period, *of_kinds, *narrowed(within), ALL]


def of_timeline(ref: SubjectRef | None, within: Filter) -> list[str]:
    """Return the command for the days of the memories `within`."""
    return ["timeline", *_whose(ref), *narrowed(within), ALL]


def narrowed(within: Filter) -> list[str]:
    """Return the option for a filter where it is of memories as they are now, whosever they are."""
    said = printed(_in_usual_order(replace(within, subject=None, as_of=None)))
    return [f"--filter={said}"] if said else []


_KIND_OPTIONS = {
    "check": "check",
    "missing": "why",
    "silent": "role",
    "links": "link",
    "uncompared": "why",
}


def of_evidence(name: str, query: Filter, kind: str, teller: str | None) -> list[str]:
    """Return the command for a list of the evidence.

    Args:
        name: of the list.
        query: the memories that are compared.
        kind: only this one, ``""``: all.
        teller: only what is told as the words of this one.
    """
    query = replace(query, as_of=None)
    if name == "silent":
        query, teller = of_messages(query), None
    option = "said-by" if kind == ANOTHER and name != "check" else _KIND_OPTIONS[name]
    options = [f"--{option}={kind}"] if kind else []
    options += [f"--told-as={teller}"] if teller is not None else []
    return ["evidence", name, *_filter(query), *options, ALL]


def of_hygiene(query: Filter) -> list[str]:
    """Return the command for the findings about the memories of a filter, which have an order of their own."""
    return ["hygiene", "scan", *_filter(_in_usual_order(replace(query, as_of=None))), ALL]


def of_queue(kind: str, query: Filter, options: Sequence[str]) -> list[str]:
    """Return the command for what would be in a queue that is made of what a filter names."""
    query = replace(query, as_of=None)
    query = _in_usual_order(query) if kind in {"findings", "sample"} else query
    return ["verdicts", "queue", kind, *_filter(query), *options, ALL]


def of_verdicts(name: str, query: Filter) -> list[str]:
    """Return the command for a list of verdicts, by its name, on the memories of a filter."""
    return ["verdicts", name, *_filter(_in_usual_order(query)), ALL]


def of_text(about: About, *, json: bool) -> list[str]:
    """Return the command for what a text is of: a conversation with a message, what MemOS sent of a memory.

    `json`: of the message too.
    """
    if about.memory_id is not None:
        quoted = about.memory_id.replace("'", "''")
        statement = f"SELECT json FROM memory_json WHERE memory_id = '{quoted}'"  # noqa: S608 - a person runs it
        return ["sql", statement]
    which = [*_whose(about.ref), f"--conversation={about.conversation_id}"]
    if json:
        return ["export", "conversation", *which, "--format=jsonl", "--output=-"]
    return ["messages", "list", *which, ALL]


def of_search(
    text: str, ref: SubjectRef | None, within: Filter, *, where: str, order: str, limit: int
) -> list[str]:
    """Return the command for a search of what is stored."""
    ref = ref if within.subject is None else None
    said = printed(within)
    filtered = [f"--filter={said}"] if said else []
    options = [f"--in={where}", f"--sort={order}", f"--limit={limit}"]
    return ["search", *_whose(ref), *filtered, *options, *behind(text)]


def of_recall(text: str, ref: SubjectRef) -> list[str]:
    """Return the command for what the service recalls."""
    return ["search", *_whose(ref), "--remote", *behind(text)]


def of_export(plan: Plan, path: str) -> list[str]:
    """Return the command that writes the file that the export screen would write."""
    if plan.what == "conversation" and plan.conversation_id is not None:
        what = ["conversation", *_whose(plan.subject), f"--conversation={plan.conversation_id}"]
    elif plan.what == "subject":
        agent = ["--agent"] if plan.subject.kind == "agent" else []
        what = ["user", *agent]
    elif plan.what == "messages":
        what = ["messages"]
    else:
        what = ["memories", *(() if plan.what == "everyone" else _filter(plan.memories))]
    options = [f"--format={plan.format}", f"--output={path}"]
    if plan.format == "csv":
        options += ["--excel"] if plan.form == "excel" else []
        options += [] if plan.guard else ["--raw"]
    if plan.privacy.mask:
        options.append("--pseudonyms" if plan.privacy.pseudonyms else "--mask")
    whose = behind(plan.subject.external_id) if plan.what == "subject" else []
    return ["export", *what, *options, *whose]


def of_subject(words: Sequence[str], ref: SubjectRef | None) -> list[str]:
    """Return a command about one user or agent, or about everyone."""
    return [*words, *_whose(ref)]


SYNCS = ["sql", "SELECT * FROM syncs ORDER BY started_at DESC", ALL]
"""The command for the list of the syncs."""


def _whose(ref: SubjectRef | None) -> list[str]:
    """With =, since an id may begin with a hyphen."""
    return [] if ref is None else [f"--{ref.kind}={ref.external_id}"]


def _in_usual_order(query: Filter) -> Filter:
    return replace(query, order=_USUAL.order, descending=_USUAL.descending)


_USUAL = Filter()
_OF_OPTIONS = (
    "subject",
    "conversation_id",
    "views",
    "tags",
    "statuses",
    "since",
    "until",
    "text",
    "as_of",
    "vanished",
    "order",
    "descending",
)
"""What of a filter has an option of its own; the rest is written in the language of filters."""


def _filter(query: Filter) -> list[str]:
    options = _whose(query.subject)
    if query.conversation_id is not None:
        options.append(f"--conversation={query.conversation_id}")
    options += [f"--view={view}" for view in sorted(query.views)]
    options += [f"--tag={tag}" for tag in sorted(query.tags)]
    options += [f"--status={status}" for status in sorted(query.statuses)]
    if query.since is not None:
        options.append(f"--since={utc_text(query.since)}")
    if query.until is not None:
        options.append(f"--until={utc_text(query.until)}")
    if query.text:
        options.append(f"--text={query.text}")
    if query.as_of is not None:
        options.append(f"--as-of={utc_text(query.as_of)}")
    if query.vanished is not None:
        options.append(f"--vanished={'yes' if query.vanished else 'no'}")
    rest = printed(replace(query, **{name: getattr(_USUAL, name) for name in _OF_OPTIONS}))
    if rest:
        options.append(f"--filter={rest}")
    if query.order != Filter().order:
        options.append(f"--sort={query.order}")
    if query.descending != ordered(query, query.order).descending:
        options.append("--reverse")
    return options
