"""Reads the fields of a request, with the service's codes for what is wrong with them.

The official client sends fields that were not set as JSON null: null means absent everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memos_admin.emulator import codes
from memos_admin.emulator.codes import ApiError
from memos_admin.emulator.records import VIEWS, Subject, Wire

MAX_ID = 100
"""The longest user, agent or conversation id, in characters."""


class Fields:
    """The body of a request, an object."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def get(self, name: str) -> Any:
        """Return a field as it is, None where absent."""
        return self._body.get(name)

    def text(self, name: str) -> str | None:
        """Return a text, None where absent; anything else is an error."""
        value = self._body.get(name)
        if value is None or isinstance(value, str):
            return value
        raise ApiError(codes.INVALID, f"{name} must be a string")

    def needed(self, name: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self.text(name)
        if value is None:
            raise ApiError(codes.MISSING, name)
        if not value:
            raise ApiError(codes.EMPTY, name)
        return value

    def user_id(self) -> str:
        """Return the user id."""
        return checked_id(self.needed("user_id"))

    def conversation_id(self) -> str:
        """Return the conversation id."""
        return _checked_conversation(self.needed("conversation_id"))

    def optional_conversation_id(self) -> str | None:
        """Return the conversation id, None where absent."""
        value = self.text("conversation_id")
        return None if value is None else _checked_conversation(value)

    def subject(self) -> Subject:
        """Return the one of ``user_id`` and ``agent_id`` that is given."""
        user, agent = self.text("user_id"), self.text("agent_id")
        if user and agent:
            raise ApiError(codes.INVALID, "either user_id or agent_id, not both")
        if user:
            return Subject("user", checked_id(user))
        if agent:
            return Subject("agent", checked_id(agent))
        empty = user == "" or agent == ""
        raise ApiError(codes.EMPTY if empty else codes.MISSING, "user_id or agent_id")

    def number(self, name: str, default: int, low: int, high: int | None) -> int:
        """Return a whole number from `low` to `high`, the default where absent."""
        value = self._body.get(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise ApiError(codes.INVALID, f"{name} must be a whole number")
        if value < low or (high is not None and value > high):
            limits = f"at least {low}" if high is None else f"from {low} to {high}"
            raise ApiError(codes.INVALID, f"{name} must be {limits}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a boolean, the default where absent."""
        value = self._body.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ApiError(codes.INVALID, f"{name} must be true or false")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty where absent."""
        value = self._body.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise ApiError(codes.INVALID, f"{name} must be a list of strings")
        return value

    def one_or_more(self, name: str) -> list[str]:
        """Return the ids of a field that takes one id or a list of them, empty where absent."""
        several = isinstance(self._body.get(name), list)
        given = self.texts(name) if several else [self.text(name) or ""]
        return [checked_id(value) for value in given if value]

    def object(self, name: str) -> Wire:
        """Return an object, empty where absent."""
        value = self._body.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise ApiError(codes.INVALID, f"{name} must be an object")
        return value

    def views(self, defaults: Mapping[str, bool]) -> list[str]:
        """Return the views asked for, by ``include_memory_view`` or the older booleans.

        Args:
            defaults: the older boolean's name and default of each view that has one, such as
                ``{"include_preference": True}``; only looked at without ``include_memory_view``.
        """
        if self._body.get("include_memory_view") is not None:
            named = self.texts("include_memory_view")
            unknown = [name for name in named if name not in VIEWS]
            if unknown:
                raise ApiError(codes.UNSUPPORTED, f"no memory view {unknown[0]!r}")
            return [name for name in VIEWS if name in named]
        views = list(VIEWS)
        for flag, default in defaults.items():
            if not self.flag(flag, default=default):
                views.remove(flag.removeprefix("include_"))
        return views


def checked_id(value: str) -> str:
    """Return a user's or agent's id. Raises ApiError where it is too long."""
    if len(value) > MAX_ID:
        raise ApiError(codes.USER_ID_LENGTH)
    return value


def _checked_conversation(value: str) -> str:
    if len(value) > MAX_ID:
        raise ApiError(codes.CONVERSATION_ID_LENGTH)
    return value
