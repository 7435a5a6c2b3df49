"""What an application sends with a question to ``search/memory``; ``[recall]`` of ``config.toml``.

::

    [recall]                                  # of all projects, as your application asks
    relativity = 0.3                          # the threshold; left out: it sends none
    memory_limit_number = 6
    include_memory_view = ["detail_factual", "preference"]

    [projects.0d5ba0a3-….recall]              # of one, before the above key by key

The names are the wire's (memos-cloud-api, search/memory), so that they can be compared with the code
of an application. What is left out is not sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memos_admin.backend import config
from memos_admin.backend.remote import MOST_RECALLED
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.home import Home

VIEWS = ("detail_factual", "preference", "tool_memory", "skill", "event", "profile")
"""The service's views, in its order."""

DEFAULT_RELATIVITY, DEFAULT_LIMIT = 0.45, 9
"""What the service takes where nothing is sent, as it is documented."""

LIMITS: Mapping[str, str] = {
    "detail_factual": "memory_limit_number",
    "preference": "preference_limit_number",
    "tool_memory": "tool_memory_limit_number",
    "skill": "skill_limit_number",
    "event": "memory_limit_number",
    "profile": "memory_limit_number",
}
"""The parameter that limits each view; which one limits events and profiles is not documented."""

DOCUMENTED = frozenset({"detail_factual", "preference", "tool_memory", "skill"})
"""The views whose limit is documented."""

LIMIT_NAMES = tuple(dict.fromkeys(LIMITS.values()))
FLAGS = {
    "preference": "include_preference",
    "tool_memory": "include_tool_memory",
    "skill": "include_skill",
}
"""The older way to ask for views, looked at by the service where ``include_memory_view`` is not sent."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Fields of ``search/memory`` beside the question; None: not sent."""

    relativity: float | None = None
    memory_limit_number: int | None = None
    preference_limit_number: int | None = None
    tool_memory_limit_number: int | None = None
    skill_limit_number: int | None = None
    include_memory_view: tuple[str, ...] | None = None
    include_preference: bool | None = None
    include_tool_memory: bool | None = None
    include_skill: bool | None = None
    filter: Mapping[str, Any] | None = field(default=None)

    def body(self) -> dict[str, Any]:
        """Return what is sent, by the names of the wire."""
        given = {name: getattr(self, name) for name in NAMES}
        sent = {name: value for name, value in given.items() if value is not None}
        if self.include_memory_view is not None:
            sent["include_memory_view"] = list(self.include_memory_view)
        return sent

    @property
    def threshold(self) -> float:
        """The threshold that holds: the documented default where none is sent; 0: it is off."""
        return DEFAULT_RELATIVITY if self.relativity is None else self.relativity

    def limit(self, view: str) -> int:
        """Return how many of a view are returned at most."""
        given: int | None = getattr(self, LIMITS[view])
        return DEFAULT_LIMIT if given is None else given

    def asks_for(self, view: str) -> bool | None:
        """Return whether a view is asked for; None: nothing sent says so."""
        if self.include_memory_view is not None:
            return view in self.include_memory_view
        flag: bool | None = getattr(self, FLAGS[view]) if view in FLAGS else None
        return flag

    def over(self, other: Parameters) -> Parameters:
        """Return these where they say something, else the other ones.

        Views in one way replace views in the other.
        """
        own = self.body()
        beneath = other.body()
        if {"include_memory_view", *FLAGS.values()} & own.keys():
            beneath = {
                name: value
                for name, value in beneath.items()
                if name != "include_memory_view" and name not in FLAGS.values()
            }
        return of_mapping({**beneath, **own})


NAMES = tuple(one.name for one in fields(Parameters))

WIDEST = Parameters(
    relativity=0,
    memory_limit_number=MOST_RECALLED,
    preference_limit_number=MOST_RECALLED,
    tool_memory_limit_number=MOST_RECALLED,
    skill_limit_number=MOST_RECALLED,
    include_memory_view=VIEWS,
)
"""What asks for as much as there is: threshold off, limits at most, all views, no filter."""


class BadParameter(ValueError):
    """A parameter cannot be sent.

    Attributes:
        name: which.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


def of_mapping(given: Mapping[str, Any]) -> Parameters:
    """Return parameters by the names of the wire. Raises BadParameter where one cannot be."""
    for name in given:
        if name not in NAMES:
            known = ", ".join(sorted(NAMES))
            raise BadParameter(name, _("unknown. Known here: {names}.").format(names=known))
    values: dict[str, Any] = {name: _CHECKS[name](name, value) for name, value in given.items()}
    return Parameters(**values)


def of_table(table: config.Table, names: Iterable[str] = NAMES) -> Parameters:
    """Return what a table says of these parameters. Raises ConfigError where one cannot be."""
    given = {name: table.values[name] for name in names if name in table.values}
    try:
        return of_mapping(given)
    except BadParameter as error:
        raise table.error(error.name, str(error)) from None


def check(table: config.Table) -> None:
    """Raise ConfigError where a table ``recall`` says something that cannot be."""
    table.only(NAMES)
    of_table(table)


def of_project(home: Home, uuid: UUID) -> Parameters:
    """Return what the applications of a project send. Raises HomeError where a table is faulty."""
    top = config.read(home)
    found = Parameters()
    for table in (top, top.table("projects").table(str(uuid))):
        own = table.table("recall")
        check(own)
        found = of_table(own).over(found)
    return found


def parse_filter(text: str) -> Mapping[str, Any]:
    """Return a filter that is written as JSON. Raises BadParameter."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    return _filter("filter", value)


def _relativity(name: str, value: Any) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not 0 <= value <= 1:
        raise BadParameter(name, _("must be a number from 0 (off) to 1."))
    return float(value)


def _limit(name: str, value: Any) -> int:
    fits = isinstance(value, int) and not isinstance(value, bool)
    if not fits or not 0 <= value <= MOST_RECALLED:
        raise BadParameter(name, _("must be a number from 0 to {most}.").format(most=MOST_RECALLED))
    return int(value)


def _views(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(one in VIEWS for one in value):
        raise BadParameter(
            name, _("must be a list of views; there are {names}.").format(names=", ".join(VIEWS))
        )
    return tuple(view for view in VIEWS if view in value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadParameter(name, _("must be true or false."))
    return value


def _filter(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise BadParameter(
            name,
            _("must be an object such as {example}.").format(
                example='{"and": [{"tags": {"contains": "travel"}}]}'
            ),
        )
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise BadParameter(
            name, _("must hold nothing but texts, numbers, true, false, lists and objects.")
        ) from None
    return value


_CHECKS = {
    "relativity": _relativity,
    **dict.fromkeys(LIMIT_NAMES, _limit),
    "include_memory_view": _views,
    **dict.fromkeys(FLAGS.values(), _flag),
    "filter": _filter,
}
