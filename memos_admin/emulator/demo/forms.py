"""What an item of each view has for itself, from a memory's table in a person's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from memos_admin.emulator.records import Wire


def _fact(entry: Wire) -> Wire:
    return {
        "memory_key": entry["title"],
        "memory_value": entry["value"],
        "memory_type": entry.get("type", "LongTermMemory"),
        "memory_time": entry.get("time"),
        "confidence": entry.get("confidence", 0.99),
    }


def _preference(entry: Wire) -> Wire:
    return {
        "preference": entry["value"],
        "preference_type": f"{entry.get('kind', 'explicit')}_preference",
        "reasoning": entry["reasoning"],
    }


def _tool(entry: Wire) -> Wire:
    schema = entry.get("kind") == "schema"
    return {
        "tool_type": "ToolSchema" if schema else "ToolTrajectoryMemory",
        "tool_value": entry["value"],
        "tool_used_status": entry.get("used", []),
    }


def _skill(entry: Wire) -> Wire:
    names = ("name", "description", "procedure", "experience", "preference", "examples", "script")
    return {
        "skill_value": {name: entry[name] for name in names if name in entry},
        "skill_type": entry.get("kind", "procedure"),
        "skill_url": entry.get("url"),
        "confidence": entry.get("confidence", 0.9),
    }


def _event(entry: Wire) -> Wire:
    return {
        "event_key": entry["title"],
        "event_value": entry["value"],
        "event_type": entry.get("kind", "plan"),
        "event_time": entry.get("when", []),
        "event_location": entry.get("where", []),
        "event_roles": entry.get("who", []),
    }


def _profile(entry: Wire) -> Wire:
    return {
        "profile_template_id": entry["template"],
        "project_id": "project-wayfare",
        "properties": _tree(entry["properties"]),
    }


def _tree(plain: Mapping[str, Any]) -> Wire:
    """Return a properties tree: each plain value becomes a leaf."""
    return {
        name: _tree(node)
        if isinstance(node, Mapping)
        else {"value": node, "algorithm_updatable": True}
        for name, node in plain.items()
    }


FORMS: Final[Mapping[str, Callable[[Wire], Wire]]] = {
    "detail_factual": _fact,
    "preference": _preference,
    "tool_memory": _tool,
    "skill": _skill,
    "event": _event,
    "profile": _profile,
}
