"""Where one has been, to go back there and forward again, as in a browser. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memos_admin.tui.desk.place import Place

MOST = 200
"""Places that are remembered."""


class Visits:
    """A line of places with oneself somewhere on it."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    def go(self, place: Place, *, led: bool = False) -> None:
        """Note that one is at a place now; what lay ahead is forgotten.

        A place that differs in its pane alone replaces the one where one was, unless one was `led`
        there. Going out to a list of it is no other visit: what was read there stays noted.
        """
        here = self._here
        if not led and here is not None and here.apart_from_pane == place.apart_from_pane:
            self._places[self._at] = _deeper(here, place)
            return
        del self._places[self._at + 1 :]
        self._places.append(place)
        del self._places[:-MOST]
        self._at = len(self._places) - 1

    def stay(self, place: Place) -> None:
        """Note where one is before going back or forward from there.

        The cursor on something else in the same conversation is the same visit.
        """
        here = self._here
        if here is not None and _where(here) == _where(place):
            same = here.apart_from_pane == place.apart_from_pane
            self._places[self._at] = _deeper(here, place) if same else place
        else:
            self.go(place)

    @property
    def _here(self) -> Place | None:
        return self._places[self._at] if self._at >= 0 else None

    def arrive(self, place: Place) -> None:
        """Note what was found where one went: it takes the place of what was noted before."""
        if self._at >= 0:
            self._places[self._at] = place

    def turn_away(self) -> None:
        """Forget the place that one went to, since it is not there; one is where one was before."""
        if self._at >= 0:
            del self._places[self._at]
            self._at = max(self._at - 1, min(0, len(self._places) - 1))

    def back(self) -> Place | None:
        """Return the place before, where one is now; None at the beginning."""
        return self._step(-1)

    def forward(self) -> Place | None:
        """Return the place that one went back from, where one is now; None at the end."""
        return self._step(1)

    def _step(self, step: int) -> Place | None:
        if not 0 <= self._at + step < len(self._places):
            return None
        self._at += step
        return self._places[self._at]

    def lately(self, most: int = 20) -> Sequence[Place]:
        """Return the latest places, each once, the present one left out, latest first."""
        latest: dict[Place, Place] = {}
        for place in reversed(self._places):
            latest.setdefault(place.apart_from_pane, place)
        if self._at >= 0:
            latest.pop(self._places[self._at].apart_from_pane, None)
        return [*latest.values()][:most]


def _deeper(here: Place, place: Place) -> Place:
    """Return what is noted of a place, now in another pane: farther out the pane of before stays."""
    return replace(place, pane=here.pane) if _depth(place) < _depth(here) else place


def _depth(place: Place) -> int:
    return {"users": 0, "conversations": 1}.get(place.pane, 2)


def _where(place: Place) -> tuple[object, ...]:
    return place.subject, place.conversation_id
