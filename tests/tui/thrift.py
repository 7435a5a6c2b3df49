"""What Textual works out anew for each widget, message and line, worked out once for the apps of all tests.

What comes out is the same; `test_thrift` compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from textual.cache import FIFOCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.strip import Strip
from textual.widget import Widget

Rules = dict[str, Any]

_OF_OTHERS = frozenset(Stylesheet._EXCLUDE_PSEUDO_CLASSES_FROM_CACHE)
"""Pseudo-classes that hold by what else is there than a node and those that it is in."""

plain_apply = Stylesheet.apply
plain_replace = Stylesheet.replace_rules
plain_methods = MessagePump._get_dispatch_methods
plain_strip = Strip.__init__


class _Sheet:
    """What was worked out of the same rules.

    Attributes:
        rules: which; held, so that no others have their ids.
        kinds: what of the rules may hold for a node, by its names.
        found: what holds for it, by `_key`.
    """

    def __init__(self, rules: list[RuleSet]) -> None:
        self.rules = rules
        self.kinds: dict[object, _Kind] = {}
        self.found: dict[object, Rules] = {}


class _Kind:
    """What holds for nodes of the same names: whether their rules depend on what is beside them."""

    def __init__(self, sheet: Stylesheet, node: DOMNode) -> None:
        named = sheet.rules_map.keys() & node._selector_names
        pseudo = set[str]().union(
            *(rule.pseudo_classes for n in named for rule in sheet.rules_map[n])
        )
        self.is_kept = pseudo.isdisjoint(_OF_OTHERS)
        self.hover = "hover" in pseudo
        self.components = sorted(node._get_component_classes())


_SHEETS: dict[tuple[int, ...], _Sheet] = {}


def _sheet(sheet: Stylesheet) -> _Sheet:
    rules = sheet.rules
    kept: tuple[list[RuleSet], _Sheet] | None = sheet.__dict__.get("_thrift")
    if kept is None or kept[0] is not rules:
        known = _SHEETS.setdefault(tuple(map(id, rules)), _Sheet(rules))
        kept = sheet.__dict__["_thrift"] = (rules, known)
    return kept[1]


def _names(node: DOMNode) -> tuple[object, ...]:
    return node.__class__, node._css_type_name, node._id, frozenset(node._classes)


def _key(node: DOMNode) -> tuple[object, ...]:
    """Return all that the rules of a node depend on, but for `_OF_OTHERS`."""
    path: list[object] = []
    each: Any = node
    while isinstance(each, DOMNode):
        state = each.__dict__.get
        path += _names(each)
        path += [state(f"_reactive_{name}") for name in ("mouse_hover", "has_focus", "disabled")]
        path.append(isinstance(each, Widget) and each.allow_focus())
        root: Any = each
        each = each._parent
    app = root.app
    path += [app.theme, app.app_focus, app.is_inline, app.native_ansi_color, app.no_color]
    return tuple(path)


def apply(
    sheet: Stylesheet, node: DOMNode, *, animate: bool = False, cache: dict[Any, Any] | None = None
) -> None:
    """Do what `Stylesheet.apply` does."""
    ours = _sheet(sheet)
    names = _names(node)
    kind = ours.kinds.get(names)
    if kind is None:
        kind = ours.kinds[names] = _Kind(sheet, node)
    if not kind.is_kept:
        node.__dict__.pop("_thrift", None)
        plain_apply(sheet, node, animate=animate, cache=cache)
        return
    key = _key(node)
    rules = ours.found.get(key)
    if rules is None:
        node.__dict__.pop("_thrift", None)
        plain_apply(sheet, node, animate=animate, cache=cache)
        ours.found[key] = dict(node.styles.base._rules)
        return
    node._has_hover_style = kind.hover
    node._has_focus_within = node._has_order_style = node._has_odd_or_even = False
    sheet.replace_rules(node, rules, animate=animate)  # type: ignore[arg-type]
    if kind.components:
        before = node.__dict__.get("_thrift")
        if before != (ours, key) or node._component_styles.keys() != {*kind.components}:
            sheet._process_component_classes(node)
        node.__dict__["_thrift"] = (ours, key)


def replace_rules(node: DOMNode, rules: Rules, animate: bool = False) -> None:
    """Do what `Stylesheet.replace_rules` does; what is as it was is left alone."""
    if animate and "transitions" in rules:
        plain_replace(node, rules, animate=True)  # type: ignore[arg-type]
        return
    base = node.styles.base
    current: Any = base._rules
    if current == rules:
        if not animate:
            node.notify_style_update()
        return
    for name in current.keys() | rules.keys():
        value = rules.get(name)
        if current.get(name) != value:
            setattr(base, name, value)
    node.notify_style_update()


_HANDLE: dict[tuple[type, str, type], list[type]] = {}


def dispatch_methods(pump: MessagePump, method_name: str, message: Message) -> Iterable[Any]:
    """Do what `_get_dispatch_methods` does, asking no class that handles nothing of the kind."""
    kind = type(pump)
    key = (kind, method_name, type(message))
    handle = _HANDLE.get(key)
    if handle is None:
        kinds = [one for one in type(message).__mro__ if issubclass(one, Message)]
        handle = _HANDLE[key] = [
            one
            for one in kind.__mro__
            if not {f"_{method_name}", method_name}.isdisjoint(one.__dict__)
            or any(each in (one.__dict__.get("_decorated_handlers") or {}) for each in kinds)
        ]
    return plain_methods(pump, method_name, message) if handle else ()


_CACHES = {"_crop_cache": 16, "_style_cache": 16}


def made(strip: Strip, segments: Iterable[Any], cell_length: int | None = None) -> None:
    """Do what `Strip.__init__` does; its seven caches are made when they are asked for."""
    strip._segments = list(segments)
    strip._cell_length = cell_length
    strip._render_cache = strip._link_ids = strip._cell_count = None


def cache_of(strip: Strip, name: str) -> Any:
    """Make a cache of a strip that is asked for."""
    if not name.endswith("_cache"):
        raise AttributeError(name)
    cache: FIFOCache[Any, Any] = FIFOCache(_CACHES.get(name, 4))
    setattr(strip, name, cache)
    return cache


def install(patch: pytest.MonkeyPatch) -> None:
    """Let Textual work so."""
    patch.setattr(Stylesheet, "apply", apply)
    patch.setattr(Stylesheet, "replace_rules", staticmethod(replace_rules))
    patch.setattr(MessagePump, "_get_dispatch_methods", dispatch_methods)
    patch.setattr(Strip, "__init__", made)
    patch.setattr(Strip, "__getattr__", cache_of, raising=False)
