"""The quick start to the letter, and recall by search."""

import json
from typing import Any

from tests.emulator.conftest import Caller

QUERY = "Any suggestions for where to go during National Day?"
MARIA = "maria.gonzalez@example.com"

ANSWER = """
{
    "code": 0,
    "data": {
        "memory_detail_list": [
            {
                "id": "0a89db3a-2061-4c97-a1b8-45700f8745bc",
                "memory_key": "Summer Family Trip Plan",
                "memory_value": "[user perspective] The user plans a family trip during the summer vacation, bringing along children and elderly family members, traveling together as a whole family.",
                "memory_type": "WorkingMemory",
                "memory_time": null,
                "conversation_id": "0610",
                "status": "activated",
                "confidence": 0.0,
                "tags": [
                    "summer vacation",
                    "family trip",
                    "plan"
                ],
                "update_time": 1758095885922,
                "relativity": 0.007873535
            },
            {
                "id": "c8b41a89-83b3-4512-b4f7-1dfca3570107",
                "memory_key": "Family Trip Requirements",
                "memory_value": "[assistant perspective] The assistant understands that the user will travel with family, including children and elderly, and plans to recommend destinations suitable for family trips.",
                "memory_type": "WorkingMemory",
                "memory_time": null,
                "conversation_id": "0610",
                "status": "activated",
                "confidence": 0.0,
                "tags": [
                    "family trip",
                    "recommendation"
                ],
                "update_time": 1758095885923,
                "relativity": 0.0019950867
            }
        ],
        "message_detail_list": null
    },
    "message": "ok"
}
"""
MESSAGES = """
{
  "code": 0,
  "data": {
    "message_detail_list": [
      {
        "role": "user",
        "content": "I want to travel during summer vacation, can you recommend something?",
        "create_time": "2025-06-10 09:30:00",
        "update_time": "2025-06-10 09:30:00"
      },
      {
        "role": "assistant",
        "content": "Sure! Are you traveling alone, with family or with friends?",
        "create_time": "2025-06-10 09:30:00",
        "update_time": "2025-06-10 09:30:00"
      },
      {
        "role": "user",
        "content": "I’m bringing my kid. My family always travels together.",
        "create_time": "2025-06-10 09:30:00",
        "update_time": "2025-06-10 09:30:00"
      },
      {
        "role": "assistant",
        "content": "Understood, I’ll recommend destinations suitable for family trips.",
        "create_time": "2025-06-10 09:30:00",
        "update_time": "2025-06-10 09:30:00"
      }
    ]
  },
  "message": ""
}
"""


def compact(text: str) -> str:
    """The same JSON without white space between tokens; the order of keys stays."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


async def test_the_quick_starts_search_to_the_letter(demo: Caller) -> None:
    response = await demo.send(
        "/search/memory", query=QUERY, user_id="memos_user_123", conversation_id="0928"
    )
    assert response.text == compact(ANSWER)


async def test_the_quick_starts_messages_to_the_letter(demo: Caller) -> None:
    response = await demo.send("/get/message", user_id="memos_user_123", conversation_id="0610")
    assert response.text == compact(MESSAGES)


async def test_the_quick_starts_items_in_lists(demo: Caller) -> None:
    expected = json.loads(ANSWER)["data"]["memory_detail_list"]
    for item in expected:
        del item["relativity"]
    data = await demo.data("/get/memory", user_id="memos_user_123")
    by_id: Any = sorted(data["memory_detail_list"], key=lambda item: item["id"])
    assert by_id == expected
    assert [list(item) for item in by_id] == [list(item) for item in expected]


async def found(caller: Caller, query: str, **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = await caller.data("/search/memory", query=query, user_id=MARIA, **more)
    return data


async def test_the_nearest_come_first_and_the_far_not_at_all(demo: Caller) -> None:
    data = await found(demo, "Who has the peanut allergy?", relativity=0.3)
    scores = [item["relativity"] for item in data["memory_detail_list"]]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 0.3
    titles = [item["memory_key"] for item in data["memory_detail_list"]]
    assert "Peanut Allergy" in titles
    assert "Holiday in Llanes" not in titles
    assert data["message_detail_list"] is None


async def test_the_default_threshold_is_045(demo: Caller) -> None:
    query = "peanut moon rocket"
    assert (await found(demo, query))["memory_detail_list"] == []
    assert (await found(demo, query, relativity=0.3))["memory_detail_list"] != []


async def test_zero_turns_the_threshold_off(demo: Caller) -> None:
    data = await found(demo, "zzz", relativity=0, memory_limit_number=25)
    listed = await demo.data("/get/memory", user_id=MARIA, size=50)
    assert len(data["memory_detail_list"]) == len(listed["memory_detail_list"])


async def test_limits_are_per_view(demo: Caller) -> None:
    data = await found(demo, "zzz", relativity=0, memory_limit_number=2, preference_limit_number=1)
    assert len(data["memory_detail_list"]) == 2
    assert len(data["preference_detail_list"]) == 1
    assert isinstance(data["preference_note"], str)


async def test_the_conversation_is_boosted(demo: Caller) -> None:
    data = await found(demo, "allergy", conversation_id="restaurants-lisbon")
    assert data["memory_detail_list"][0]["conversation_id"] == "restaurants-lisbon"


async def test_views_of_a_search(demo: Caller) -> None:
    data = await found(demo, "zzz", relativity=0)
    assert "tool_memory_detail_list" not in data
    data = await found(demo, "zzz", relativity=0, include_tool_memory=True)
    assert data["tool_memory_detail_list"]
    data = await found(demo, "zzz", relativity=0, include_memory_view=["profile"])
    leaf = next(i for i in data["profile_detail_list"] if i["profile_path"] == "home.city")
    assert leaf["memory"] == "Madrid"
    assert (leaf["profile_category"], leaf["profile_field"]) == ("home", "city")
    assert "preference_detail_list" not in data


async def test_a_skills_relativity_is_a_string(demo: Caller) -> None:
    data = await demo.data(
        "/search/memory", query="accessible stay", user_id="usr_7f3a9c21", include_skill=True
    )
    assert float(data["skill_detail_list"][0]["relativity"]) > 0.45
    assert isinstance(data["skill_detail_list"][0]["relativity"], str)


async def test_a_search_filters_tags_in_both_forms(demo: Caller) -> None:
    condition = {"and": [{"tags": {"contains": "correction"}}]}
    for raw in (condition, {"user": condition, "public": {"and": []}}):
        data = await found(demo, "zzz", relativity=0, filter=raw, memory_limit_number=25)
        titles = {item["memory_key"] for item in data["memory_detail_list"]}
        assert titles == {"Correction About the Allergy", "Note About the Allergy to Be Fixed"}


async def test_chinese_is_searched_by_characters(demo: Caller) -> None:
    data = await demo.data("/search/memory", query="膝盖手术", user_id="li.wei@acme.cn")
    assert data["memory_detail_list"][0]["memory_key"] == "膝盖手术"


async def test_odd_parameters_of_a_search(demo: Caller) -> None:
    odd: tuple[tuple[str, Any], ...] = (
        ("memory_limit_number", 26),
        ("memory_limit_number", -1),
        ("memory_limit_number", "9"),
        ("relativity", -0.1),
        ("relativity", "high"),
        ("relativity", True),
        ("context_format", "html"),
        ("context_format", {}),
    )
    for field, value in odd:
        body = {"query": "x", "user_id": MARIA, field: value}
        assert await demo.code("/search/memory", **body) == 40000, field
    assert await demo.code("/search/memory", user_id=MARIA) == 40002
    assert await demo.code("/search/memory", user_id=MARIA, query="") == 40003
    assert await demo.code("/search/memory", query="x") == 40002
