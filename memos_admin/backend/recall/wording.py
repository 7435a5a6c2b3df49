"""Sentences for what the table of the recall lab says: for the screen, and for commands in English."""

from __future__ import annotations

import json
from collections.abc import Mapping

from memos_admin.backend.display import one_line
from memos_admin.backend.gone_words import ARCHIVED, GONE
from memos_admin.backend.recall.explaining import Cause, Explanation, Note, Row, Why
from memos_admin.backend.recall.lab import Table
from memos_admin.backend.recall.parameters import (
    DEFAULT_LIMIT,
    DEFAULT_RELATIVITY,
    DOCUMENTED,
    LIMITS,
    Parameters,
)
from memos_admin.backend.remote import MOST_RECALLED
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _

WHY: Mapping[Why, str] = {
    "view": N_("view not asked for"),
    "filter": N_("filtered"),
    "status": N_("not active"),
    "threshold": N_("below the threshold"),
    "limit": N_("beyond the limit"),
    "gone": N_("gone"),
    "beyond": N_("beyond MemOS's 25"),
    "not returned": N_("here, not returned"),
    "not asked": N_("here, not asked for"),
    "unexplained": N_("not explained"),
}
"""A few words for each cause."""

NOTES: Mapping[Note, str] = {
    "no second answer": N_(
        "MemOS did not answer with the threshold off: why the rest is out is not known."
    ),
    "no relativity": N_(
        "MemOS gave some memories no relativity: whether these are below the threshold is not known."
    ),
    "in below threshold": N_(
        "Some are in although they are below the threshold: MemOS does not hold to it here, so that it "
        "may not be what keeps others out."
    ),
    "in not asked for": N_("Some are in although their view was not asked for."),
    "over limit": N_("MemOS returned more of a view than it was asked for."),
    "moved between": N_(
        "Some are in, and were not there with the threshold off: something changed in between, or "
        "MemOS does not always return the same."
    ),
    "items dropped": N_("Some items stand twice, or could not be read: they are left out here."),
}
"""What makes a table less certain, a sentence each."""


def why_words(cause: Cause | None) -> str:
    """Return a few words for a cause, ``""`` for none."""
    if cause is None:
        return ""
    words = _(WHY[cause.why])
    return words if cause.certain else _("{why}?").format(why=words)


def explained(row: Row, table: Table) -> str:
    """Return why a memory is in or out, in a few sentences."""
    parameters = table.answers.question.parameters
    if row.is_in:
        return sentences(_in(row, table.explanation), _below(row, parameters))
    return sentences(
        *(_cause(cause, row, table) for cause in row.causes),
        _place_of_all(row),
    )


def _in(row: Row, explanation: Explanation) -> str:
    of = explanation.counts[row.view]
    text = _("The application gets it: number {place} of {of} of its view.")
    if row.relativity is None:
        text = _(
            "The application gets it: number {place} of {of} of its view. MemOS gave no relativity."
        )
    return text.format(place=row.rank, of=of)


def _below(row: Row, parameters: Parameters) -> str:
    if row.relativity is None or row.relativity >= parameters.threshold:
        return ""
    return _("That is so although its relativity {figure} is below {threshold}.").format(
        figure=figure(row.relativity), threshold=threshold_words(parameters)
    )


def _place_of_all(row: Row) -> str:
    if row.rank_of_all is None or row.relativity is None:
        return ""
    return _("With the threshold off it is number {place} of its view.").format(
        place=row.rank_of_all
    )


def figure(value: float) -> str:
    """Return a relativity as it is shown."""
    return f"{value:.3f}"


def threshold_words(parameters: Parameters) -> str:
    """Return the threshold, and whether it was sent."""
    if parameters.relativity is None:
        return _("the threshold of {figure} (none is sent, MemOS takes this)").format(
            figure=DEFAULT_RELATIVITY
        )
    if parameters.relativity == 0:
        return _("the threshold of 0 (off)")
    return _("the threshold of {figure}").format(figure=f"{parameters.relativity:g}")


def _cause(cause: Cause, row: Row, table: Table) -> str:  # noqa: PLR0911 - one line a cause
    parameters, answers = table.answers.question.parameters, table.explanation
    view = _(VIEWS[row.view])
    if cause.why == "view":
        if cause.certain:
            return _("The view {view} was not asked for.").format(view=view)
        return _(
            "Nothing that is sent asks for the view {view}, and MemOS returned none: perhaps it leaves "
            "this view out then."
        ).format(view=view)
    if cause.why == "filter":
        if cause.certain:
            return _("The filter that is sent does not let it through.")
        return _("Whether the filter lets it through cannot be told from what MemOS returns of it.")
    if cause.why == "status":
        return _("It is not active: its status is {status}.").format(
            status=one_line(row.status or ARCHIVED, 40)
        )
    if cause.why == "threshold":
        return _threshold(cause, row, parameters)
    if cause.why == "limit":
        return _limit(row, parameters, answers)
    if cause.why == "gone":
        return _gone(row)
    if cause.why == "beyond":
        return _(
            "It is in the store, and not among the {most} of its view that MemOS returns at most: others "
            "are nearer, by how much is not known."
        ).format(most=MOST_RECALLED)
    if cause.why == "not returned":
        return _(
            "It is in the store, and MemOS does not return it although the threshold was off and there "
            "was room: it may be gone since the last sync, or not be searchable. Sync this user, and ask "
            "again."
        )
    if cause.why == "not asked":
        return _("It is in the store; how near it is was not answered.")
    return _(
        "Nothing that MemOS says tells why: it is near enough, and there was room. Ask again: something "
        "may have changed between the two requests."
    )


def _threshold(cause: Cause, row: Row, parameters: Parameters) -> str:
    if row.relativity is None:
        return _(
            "MemOS gave no relativity: whether it is below {threshold} cannot be told."
        ).format(threshold=threshold_words(parameters))
    text = _("Its relativity {figure} is below {threshold}.")
    if not cause.certain:
        text = _(
            "Its relativity {figure} is below {threshold}; but so is that of others that are in."
        )
    return text.format(figure=figure(row.relativity), threshold=threshold_words(parameters))


def _limit(row: Row, parameters: Parameters, explanation: Explanation) -> str:
    limit = parameters.limit(row.view)
    name = LIMITS[row.view]
    sent = getattr(parameters, name) is not None
    text = _("The {count} of its view that are in are nearer, and {name} is {limit}.")
    if not sent:
        text = _(
            "The {count} of its view that are in are nearer, and MemOS returns {limit} where no {name} is "
            "sent."
        )
    told = text.format(count=explanation.counts[row.view], name=name, limit=limit)
    if row.view not in DOCUMENTED:
        told = sentences(
            told, _("That this is the limit of the view is not documented: perhaps it is another.")
        )
    return told


def _gone(row: Row) -> str:
    reason = row.stored.reason if row.stored is not None else None
    words = _(GONE[reason]) if reason in GONE else one_line(reason or "", 40)
    return _("It is kept in the store, and was gone from MemOS at the last sync: {why}.").format(
        why=words or _("it was not listed")
    )


_FILTER_SHOWN = 200
"""Cells of a filter as JSON that are told."""


def sent_words(parameters: Parameters) -> str:
    """Return what is sent beside the question, in one line of the wire's names."""
    words = []
    for name, value in parameters.body().items():
        if name == "filter":
            shown = one_line(json.dumps(value, ensure_ascii=False), _FILTER_SHOWN)
        elif isinstance(value, list):
            shown = ",".join(value)
        elif isinstance(value, bool):
            shown = str(value).lower()
        else:
            shown = f"{value:g}"
        words.append(f"{name}={shown}")
    return " ".join(words)


def summary(table: Table) -> list[str]:
    """Return what is to be told with a table: how many are in, as asked, what is not certain."""
    explanation, parameters = table.explanation, table.answers.question.parameters
    into = sum(explanation.counts.values())
    text = counted(
        into, "The application gets {count} memory.", "The application gets {count} memories."
    )
    told = [text]
    if explanation.counts_of_all is not None:
        told.append(
            _("With the threshold off and all views MemOS returns {count}.").format(
                count=f"{sum(explanation.counts_of_all.values()):,}"
            )
        )
    sent = sent_words(parameters)
    told.append(
        _("Sent: {parameters}.").format(parameters=sent)
        if sent
        else _(
            "No parameters are sent: MemOS takes a threshold of {relativity} and {limit} of a view."
        ).format(relativity=DEFAULT_RELATIVITY, limit=DEFAULT_LIMIT)
    )
    if explanation.full:
        names = ", ".join(_(VIEWS[view]) for view in VIEWS if view in explanation.full)
        told.append(
            _(
                "Of {views} MemOS returned as many as it does at most ({most}): what is not among them "
                "is not told."
            ).format(views=names, most=MOST_RECALLED)
        )
    told += [_(NOTES[note]) for note in explanation.notes]
    if table.answers.trouble:
        told.append(table.answers.trouble)
    told.append(_of_store(table))
    return [text for text in told if text]


def _of_store(table: Table) -> str:
    known = table.known
    if known.listed_at is None:
        return _(
            "This user's memories were never listed here, so that what MemOS has and does not return "
            "cannot be told. Sync the user."
        )
    if known.total > len(known.memories):
        return _("Of {total} memories that are stored of this user {count} were looked at.").format(
            total=f"{known.total:,}", count=f"{len(known.memories):,}"
        )
    return ""
