"""The example of the service's quick start, to the letter.

``quick_start.json`` has the items as the published answers show them. They have fewer fields than
others: no creation time, no sources. Their relativities are fixed, and below the documented
threshold: the published search had none.
"""

from __future__ import annotations

import json
from importlib import resources

from memos_admin.emulator.demo.cast import Cast
from memos_admin.emulator.demo.screenplay import Line, moment_of
from memos_admin.emulator.records import Record, Subject


def add_quick_start(cast: Cast) -> None:
    """Add ``memos_user_123`` and the conversation ``0610``."""
    file = resources.files("memos_admin.emulator.demo") / "quick_start.json"
    example = json.loads(file.read_text("utf-8"))
    user = Subject("user", example["user_id"])
    play = [
        Line(message, message["content"], moment_of(message["create_time"]))
        for message in example["messages"]
    ]
    cast.add_conversation(user, example["conversation_id"], play)
    for item in example["memories"]:
        relativity = item.pop("relativity")
        cast.records.append(
            Record(
                item["id"],
                "detail_factual",
                (user,),
                item,
                item["status"],
                None,
                item["update_time"],
                conversation_id=item["conversation_id"],
                recall=relativity,
            )
        )
