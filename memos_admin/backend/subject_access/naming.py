"""Names of the files that answer a request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memos_admin.backend.export.names import suggest_name
from memos_admin.backend.model import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.subject_access.bundle import Order

_LONGEST_REQUEST = 40
"""Characters of a ticket in the name of a file."""


def suggest(project: str, order: Order) -> str:
    """Return a name for a bundle that was not there before: whose, for which request, and when.

    Where the id is masked it is not in it.
    """
    ref = SubjectRef(order.ref.kind, "masked") if order.privacy.mask else order.ref
    return suggest_name(project, ref, _in_name(order.ticket), "zip", end=f"data-{stamp()}")


def receipt_name(request: str) -> str:
    """Return a name for the files of a receipt, without their ending: no id is in it."""
    named = SubjectRef("user", _in_name(request))
    return suggest_name("erasure-receipt", named, format="json", end=stamp()).removesuffix(".json")


def _in_name(request: str) -> str:
    """Return a ticket without white space, cut so that the time stays, which makes the name new."""
    return "-".join(request.split())[:_LONGEST_REQUEST]


def stamp() -> str:
    """Return the present second as part of a name: ``20250917T075805Z``."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
