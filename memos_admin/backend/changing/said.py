"""What a memory says, as the service tells it under the memory's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from memos_admin.cloud.errors import NotFound
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.remote import Remote


@dataclass(frozen=True, slots=True)
class Said:
    """What a memory says.

    Attributes:
        ref: whose it is; None where the service does not say.
        status: None where the service does not say.
        raw: the service's own object.
    """

    memory_id: str
    view: str
    title: str | None
    content: str
    status: str | None
    ref: SubjectRef | None = None
    conversation_id: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def text(self) -> tuple[str | None, str, str | None]:
        """What a person decides by: two readings that agree in it say the same."""
        return self.title, self.content, self.status


async def ask(remote: Remote, memory_id: str) -> Said | None:
    """Return what a memory says now; None: there is none.

    Raises:
        CloudError: it could not be asked.
    """
    try:
        detail = await remote.get_memory(memory_id)
    except NotFound:
        return None
    ref = None
    if detail.user_id:
        ref = SubjectRef("user", detail.user_id)
    elif detail.agent_id:
        ref = SubjectRef("agent", detail.agent_id)
    return Said(
        detail.memory_id,
        detail.view,
        detail.title,
        detail.content,
        detail.status,
        ref,
        detail.conversation_id,
        detail.raw,
    )
