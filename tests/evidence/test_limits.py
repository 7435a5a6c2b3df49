"""What must not be done before or after a time, or anywhere."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known


def kinds(memory: str, source: str) -> set[str]:
    """Return the kinds of what does not agree."""
    found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
    return {one.kind for one in found}


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("User asks not to be called before noon.", "Don't call me before noon."),
        ("The user prefers calls after noon.", "Don't call me before noon."),
        ("The user wants to be called after noon.", "Don't call me before noon."),
        ("The user does not want calls before noon.", "Don't call me before noon."),
        ("The user should not be contacted before 10.", "Please do not contact me before 10."),
        ("The user should be contacted after 10.", "Please do not contact me before 10."),
        ("The user wants deliveries after 6 pm.", "Never deliver before 6 pm, nobody is home."),
        ("The user wants the heating off after 10 pm.", "Don't leave the heating on after 10 pm."),
        ("The user wants the dishes washed by hand.", "Don't put the dishes in the dishwasher."),
        ("The user asks to leave the gate closed.", "Please don't leave the gate open."),
        ("The user wants no calls during lunch.", "Don't ring during lunch."),
        ("The user asks to be called at any time except during lunch.", "Don't ring during lunch."),
        ("The user does not want to be emailed on weekends.", "Don't email me on weekends."),
        ("用户要求中午之前不要打电话。", "中午之前别打电话。"),
        ("用户希望中午之后打电话。", "中午之前别打电话。"),
        ("用户希望下午再打电话。", "别在中午之前打电话给我。"),
        ("用户不希望周末收到邮件。", "周末不要给我发邮件。"),
        ("用户要求工作日再发邮件。", "周末不要给我发邮件。"),
        ("用户要求包裹不要放门口。", "包裹请勿放门口。"),
        ("用户希望包裹放驿站。", "包裹别放门口，放驿站。"),
    ],
)
def test_what_agrees_with_a_prohibition_is_not_told(memory: str, source: str) -> None:
    assert "negation" not in kinds(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("User wants calls before noon.", "Don't call me before noon."),
        ("The user wants to be called before noon.", "Don't call me before noon."),
        ("The user should be contacted before 10.", "Please do not contact me before 10."),
        ("The user likes calls during lunch.", "Don't call during lunch."),
        ("The user wants emails on weekends.", "Don't email me on weekends."),
        ("The user asks not to be called after noon.", "Call me after noon, please."),
        ("The parcel can be left at the door.", "Do not leave the parcel at the door."),
        ("The user asks for calls after 8 pm.", "No calls after 8 pm please."),
        ("用户希望中午之前打电话。", "中午之前别打电话。"),
        ("用户希望周末收到邮件。", "周末不要给我发邮件。"),
        ("用户要求包裹放门口。", "包裹请勿放门口。"),
        ("用户希望十点以后打电话。", "十点以后不要打电话。"),
    ],
)
def test_what_a_prohibition_denies_is_told(memory: str, source: str) -> None:
    assert "negation" in kinds(memory, source)
