"""Which rows of a window are stored ones by the id that the service gives them: pure, as `stitching`.

The published service gives messages no id; a deployment that does names the same message by it
whatever its text and its times say. Not every field that is called id does that: one may number a
batch or the rows of an answer. So ids are taken for identities only where all that is known agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class _Row(Protocol):
    @property
    def role(self) -> str: ...
    @property
    def role_id(self) -> str | None: ...
    @property
    def content(self) -> str: ...
    @property
    def create_time(self) -> str | None: ...
    @property
    def message_id(self) -> str | None: ...


def known_by_id(stored: Sequence[_Row], window: Sequence[_Row], *, full: bool) -> dict[int, int]:
    """Return the stored row that each row of a window is by its id: (window index, stored index).

    Args:
        stored: the conversation's last rows.
        window: what the service returned.
        full: earlier messages than the window's may exist.

    Returns:
        Nothing where ids do not identify: one stands at two rows, or at another speaker's; a row
        with the id of one stored row says at its time what another one says; or a full window has
        nothing of what it names in common with what is stored, so that it may number its rows.
    """
    at = {row.message_id: i for i, row in enumerate(stored) if row.message_id}
    places = {row.message_id: j for j, row in enumerate(window) if row.message_id}
    given = sum(bool(row.message_id) for row in (*stored, *window))
    if len(at) + len(places) < given:
        return {}
    known = {j: at[given_id] for given_id, j in places.items() if given_id in at}
    if any(_speaker(stored[i]) != _speaker(window[j]) for j, i in known.items()):
        return {}
    changed = {j: i for j, i in known.items() if _said(stored[i]) != _said(window[j])}
    settled = {i for j, i in known.items() if j not in changed}
    others = {_said(stored[i]) for i in at.values() if i not in settled}
    if any(_said(window[j]) in others for j in changed):
        return {}
    if full and not any(_has_in_common(stored[i], window[j]) for j, i in known.items()):
        return {}
    return known


def _speaker(row: _Row) -> tuple[str, str | None]:
    return row.role, row.role_id


def _said(row: _Row) -> tuple[str, str | None, str, str | None]:
    return row.role, row.role_id, row.content, row.create_time


def _has_in_common(row: _Row, served: _Row) -> bool:
    if row.content == served.content:
        return True
    return row.create_time is not None and row.create_time == served.create_time
