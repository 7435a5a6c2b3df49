"""The routes of the API: who may call, what each does, and the envelope around every answer."""

from __future__ import annotations

import hmac
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from memos_admin.emulator import codes
from memos_admin.emulator.codes import ApiError
from memos_admin.emulator.extraction import Batch, correct, extract
from memos_admin.emulator.faults import BadFault, Faults
from memos_admin.emulator.fields import Fields, checked_id
from memos_admin.emulator.filters import compile_filter
from memos_admin.emulator.queries import LIMITS, Pages, detail, recall
from memos_admin.emulator.records import Subject, Wire, message_time
from memos_admin.emulator.state import State, Task

BASE: Final = "/api/openmem/v1"
WINDOW: Final = 50
"""The most messages of an answer."""
PAGE_SIZE: Final = 50
"""The most memories of a view on a page."""
RECALLED: Final = 25
"""The most memories of a view that a search returns."""
DELETED_AT_ONCE: Final = 20_000
"""The most memories that a delete by filter looks at."""

MEMORY_ROUTE: Final = "/get/memory/{memory_id}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request is answered with: an HTTP status and a JSON value."""

    status: int
    value: Any


def envelope(data: Any, message: str = "ok") -> Wire:
    """Return the envelope of a success, keys in the order of the published examples."""
    return {"code": 0, "data": data, "message": message}


def refusal(error: ApiError) -> Reply:
    """Return the answer that an error becomes."""
    return Reply(error.status, {"code": error.code, "data": None, "message": str(error)})


def route_of(path: str) -> str:
    """Return the route that a path belongs to, by which requests are counted and faults struck."""
    route = path.removeprefix(BASE)
    if route.startswith("/get/memory/") and route != "/get/memory/":
        return MEMORY_ROUTE
    return route


class Api:
    """Answers requests from a state.

    Args:
        state: what to answer from.
        api_key: the only key that is accepted, after ``Token`` or ``Bearer``.
        faults: those that change what an answer says; the server applies the others.
    """

    def __init__(self, state: State, api_key: str, faults: Faults) -> None:
        self._state = state
        self._key = api_key.encode()
        self._faults = faults
        self._pages = Pages(state)
        self.requests: Counter[str] = Counter()
        self._posts: dict[str, Callable[[Fields], Wire]] = {
            "/add/message": self._add_message,
            "/add/feedback": self._add_feedback,
            "/get/message": self._get_message,
            "/get/memory": self._get_memory,
            "/get/status": self._get_status,
            "/search/memory": self._search_memory,
            "/update/memory": self._update_memory,
            "/delete/memory": self._delete_memory,
            "/edit/profile": self._edit_profile,
        }

    def answer(self, method: str, path: str, authorization: str | None, body: bytes) -> Reply:
        """Return the answer to a request; `path` is the raw one, without the query."""
        self._state.settle()
        if not path.startswith(BASE + "/"):
            return self._own(method, path, body)
        try:
            return Reply(200, self._call(method, path, authorization, body))
        except ApiError as error:
            return refusal(error)

    def _call(self, method: str, path: str, authorization: str | None, body: bytes) -> Wire:
        route = route_of(path)
        single = route == MEMORY_ROUTE
        if not single and route not in self._posts:
            raise ApiError(codes.NOT_FOUND, f"no route {route}", status=404)
        if method != ("GET" if single else "POST"):
            raise ApiError(codes.INVALID, f"{method} is not allowed here", status=405)
        self.authorize(authorization)
        if single:
            memory_id = unquote(path.removeprefix(BASE + "/get/memory/"))
            return envelope(detail(self._state.find(memory_id)))
        answered = self._posts[route](Fields(parse_object(body)))
        return envelope(answered, "" if route == "/get/message" else "ok")

    def count(self, route: str) -> None:
        """Count a request; all unknown routes are one."""
        known = route in self._posts or route == MEMORY_ROUTE
        self.requests[route if known else "unknown"] += 1

    def authorize(self, authorization: str | None) -> None:
        """Check the header ``Authorization``. Raises ApiError."""
        if not authorization or not authorization.strip():
            raise ApiError(codes.KEY_MISSING, status=401)
        scheme, _, key = authorization.strip().partition(" ")
        if scheme.lower() not in {"token", "bearer"} or not key.strip():
            raise ApiError(codes.KEY_INVALID, "use Authorization: Token <key>", status=401)
        given = key.strip().encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._key):
            raise ApiError(codes.KEY_EXPIRED, status=401)

    # reads

    def _get_message(self, fields: Fields) -> Wire:
        user_id, conversation_id = fields.user_id(), fields.conversation_id()
        limit = fields.number("message_limit_number", 6, 1, WINDOW)
        fields.number("conversation_limit_number", 1, 1, None)
        messages = self._state.transcript(user_id, conversation_id, limit)
        if self._faults.find("reversed-messages", "/get/message"):
            messages.reverse()
        return {"message_detail_list": messages}

    def _get_memory(self, fields: Fields) -> Wire:
        subject = fields.subject()
        page = fields.number("page" if fields.get("page") is not None else "current", 1, 1, None)
        size = fields.number("size", 10, 1, PAGE_SIZE)
        views = fields.views({"include_preference": True, "include_tool_memory": True})
        raw_filter = fields.get("filter")
        if raw_filter:
            if self._faults.find("refused-filter", "/get/memory"):
                raise ApiError(codes.INVALID, "filter is not supported")
            if self._faults.find("ignored-filter", "/get/memory"):
                raw_filter = None
        if page > 1 and (shift := self._faults.find("shifting-pages", "/get/memory")):
            self._shift(subject, delete=shift.options["by"] == "delete")
        overlap = 1 if self._faults.find("duplicate-ids", "/get/memory") else 0
        return self._pages.page(subject, views, raw_filter, page=page, size=size, overlap=overlap)

    def _search_memory(self, fields: Fields) -> Wire:
        query = fields.needed("query")
        defaults = {
            "include_preference": True,
            "include_tool_memory": False,
            "include_skill": False,
        }
        limits = {view: fields.number(name, 9, 0, RECALLED) for view, name in LIMITS.items()}
        threshold = fields.get("relativity")
        if threshold is not None and (
            not isinstance(threshold, (int, float)) or isinstance(threshold, bool) or threshold < 0
        ):
            raise ApiError(codes.INVALID, "relativity must be a number from 0")
        if fields.get("context_format") not in (None, "memory", "sources", "mixed"):
            raise ApiError(codes.INVALID, "context_format must be memory, sources or mixed")
        return recall(
            self._state,
            fields.subject(),
            query,
            fields.views(defaults),
            limits,
            raw_filter=fields.get("filter"),
            conversation_id=fields.optional_conversation_id(),
            threshold=threshold,
        )

    def _get_status(self, fields: Fields) -> Wire:
        task = self._state.task(fields.needed("task_id"))
        changes: Wire = {"added": 0, "updated": 0, "deleted": 0}
        for view, memory_ids in task.views.items():
            changes["added"] += len(memory_ids)
            changes[view] = {"memory_ids": memory_ids}
        return {"task_id": task.id, "status": task.status, "memory_views": changes}

    # writes

    def _add_message(self, fields: Fields) -> Wire:
        owners = self._owners(fields)
        conversation_id = fields.optional_conversation_id() or "default"
        messages = self._stamped(fields)
        ids = [self._state.new_id("message") for _ in messages]
        self._state.say(owners, conversation_id, messages)
        batch = Batch(
            owners,
            conversation_id,
            messages,
            ids,
            fields.texts("tags"),
            fields.object("info"),
            fields.text("app_id"),
        )
        at_once = not fields.flag("async_mode", default=True)
        return _started(self._state.schedule(lambda: extract(self._state, batch), at_once=at_once))

    def _owners(self, fields: Fields) -> tuple[Subject, ...]:
        """Return the participants: the users, then the agents, that a write names."""
        users = [Subject("user", one) for one in fields.one_or_more("user_id")]
        agents = [Subject("agent", one) for one in fields.one_or_more("agent_id")]
        owners = users + agents
        if not owners:
            raise ApiError(codes.MISSING, "user_id or agent_id")
        return tuple(dict.fromkeys(owners))

    def _stamped(self, fields: Fields) -> list[Wire]:
        """Return the request's messages as get/message will show them: one time for all."""
        given = fields.get("messages")
        if given is None:
            raise ApiError(codes.MISSING, "messages")
        if not isinstance(given, list):
            raise ApiError(codes.INVALID, "messages must be a list")
        if not given:
            raise ApiError(codes.EMPTY, "messages")
        now = message_time(self._state.now())
        messages = []
        for message in given:
            if not isinstance(message, dict) or not isinstance(message.get("role"), str):
                raise ApiError(codes.INVALID, "a message must be an object with a role")
            content = message.get("content")
            if not isinstance(content, (str, list)) and not message.get("tool_calls"):
                raise ApiError(codes.INVALID, "a message needs a content, a string or a list")
            said = message.get("chat_time")
            moment = said if isinstance(said, str) and said else now
            extra = {
                name: message[name]
                for name in ("role_id", "role_name", "tool_calls", "tool_call_id")
                if message.get(name) is not None
            }
            messages.append(
                {
                    "role": message["role"],
                    "content": content if content is not None else "",
                    **extra,
                    "create_time": moment,
                    "update_time": moment,
                }
            )
        return messages

    def _add_feedback(self, fields: Fields) -> Wire:
        owners: tuple[Subject, ...] = (Subject("user", fields.user_id()),)
        if agent_id := fields.text("agent_id"):
            owners += (Subject("agent", checked_id(agent_id)),)
        conversation_id = fields.optional_conversation_id()
        feedback = fields.needed("feedback_content")
        return _started(
            self._state.schedule(lambda: correct(self._state, owners, conversation_id, feedback))
        )

    def _update_memory(self, fields: Fields) -> Wire:
        memory_id = fields.needed("memory_id")
        changes = {name: fields.text(name) or None for name in ("content", "title", "status")}
        if not any(changes.values()):
            raise ApiError(codes.MISSING, "content, title or status")
        self._state.update(memory_id, **changes)
        return {"success": True}

    def _delete_memory(self, fields: Fields) -> Wire:
        memory_ids = fields.texts("memory_ids")
        by_filter = fields.get("filter") is not None
        named = bool(fields.text("user_id")) + bool(fields.text("agent_id"))
        if bool(memory_ids) + named + by_filter != 1:
            code = codes.INVALID if named or memory_ids or by_filter else codes.MISSING
            raise ApiError(code, "exactly one of memory_ids, user_id, agent_id and filter")
        if by_filter:
            memory_ids = self._filtered(fields.get("filter"))
        if memory_ids or by_filter:
            self._state.delete(memory_ids)
        else:
            self._state.purge(fields.subject())
        return {"success": True}

    def _filtered(self, raw_filter: object) -> list[str]:
        """Return the ids of all listed memories that pass a filter, each once."""
        if not raw_filter:
            raise ApiError(codes.EMPTY, "filter")
        wanted = compile_filter(raw_filter)
        looked_at = 0
        for listing in self._state.listings():
            looked_at += len(listing)
            if looked_at > DELETED_AT_ONCE:
                raise ApiError(codes.DELETE_NOT_PERMITTED, "too many memories for a filter")
        found: dict[str, None] = {}
        for listing in self._state.listings():
            records = (listing[n] for n in range(len(listing)))
            found.update((record.id, None) for record in records if wanted.matches(record))
        return list(found)

    def _edit_profile(self, fields: Fields) -> Wire:
        subject = fields.subject()
        template_id = fields.needed("profile_template_id")
        metadata, remove = fields.object("metadata"), fields.texts("remove_fields")
        if not metadata and not remove:
            raise ApiError(codes.MISSING, "metadata or remove_fields")
        record = self._state.edit_profile(subject, template_id, metadata, remove)
        return {"success": True, "id": record.id}

    def _shift(self, subject: Subject, *, delete: bool) -> None:
        """Move a subject's lists by one: drop its first fact, or add one in front."""
        facts = self._state.listing(subject, "detail_factual")
        if not delete:
            message = {"role": "user", "content": "Said while the list was being read."}
            now = message_time(self._state.now())
            batch = Batch((subject,), None, [{**message, "create_time": now}], [""])
            for record in extract(self._state, batch):
                self._state.put(record)
        elif len(facts):
            self._state.delete([facts[0].id])

    # the emulator's own routes, without auth

    def _own(self, method: str, path: str, body: bytes) -> Reply:
        if (method, path) == ("GET", "/_emulator/users"):
            return Reply(200, self._state.subjects("user"))
        if (method, path) == ("GET", "/_emulator/agents"):
            return Reply(200, self._state.subjects("agent"))
        if (method, path) == ("GET", "/_emulator/requests"):
            return Reply(200, dict(sorted(self.requests.items())))
        if path == "/_emulator/faults" and method in {"GET", "POST"}:
            return self._own_faults(method, body)
        return Reply(404, {"error": f"no {method} {path} here"})

    def _own_faults(self, method: str, body: bytes) -> Reply:
        """Show the faults in force; put others in their place first if the method is POST."""
        if method == "POST":
            try:
                given = parse_json(body) if body.strip() else []
                specs = given.get("faults") if isinstance(given, dict) else given
                specs = [specs] if isinstance(specs, str) else specs
                if not isinstance(specs, list) or not all(isinstance(s, str) for s in specs):
                    return Reply(400, {"error": 'send {"faults": ["SPEC", …]}, [] for none'})
                self._faults.replace(specs)
            except (ApiError, BadFault) as error:
                return Reply(400, {"error": str(error)})
        active = [
            {"spec": f.spec, "matched": f.matched, "struck": f.struck} for f in self._faults.active
        ]
        return Reply(200, {"faults": active})


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON body. Raises ApiError with HTTP 400."""
    try:
        return json.loads(body, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise ApiError(codes.INVALID, "the body is not JSON", status=400) from None


def parse_object(body: bytes) -> Mapping[str, Any]:
    """Return the object of a JSON body. Raises ApiError with HTTP 400."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise ApiError(codes.INVALID, "the body is not a JSON object", status=400)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):  # would be no JSON in an answer
        raise ValueError(digits)
    return number


def _started(task: Task) -> Wire:
    return {"success": True, "task_id": task.id, "status": task.status}
