"""Negations that deny nothing, and those beside them that still do."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Said, check
from memos_admin.backend.evidence.facts import known


def denied(memory: str, source: str) -> bool:
    """Whether a negation is told of a memory and its source."""
    found = check(memory, [Said(source, "user", 1)], known([(source, None)])) or []
    return "negation" in {one.kind for one in found}


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("Order 4711 arrived broken.", "Order no. 4711 arrived broken."),
        ("House 12 has a red door.", "House no. 12 has a red door."),
        ("Order AB 12 345 was late.", "Order no. AB 12 345 was late."),
        ("The user eats shellfish and oysters.", "I have no problem eating shellfish and oysters."),
        ("The user walks long distances.", "I have no trouble walking long distances."),
        ("The user always travels with a laptop.", "I never travel without my laptop."),
        (
            "The user drinks strong coffee in the morning.",
            "I can't imagine a morning without strong coffee.",
        ),
        ("The user needs strong coffee.", "I can't live without strong coffee."),
        ("The user attends the yoga class on Mondays.", "I never miss the yoga class on Mondays."),
        (
            "The user goes to the summer festival.",
            "I wouldn't miss the summer festival for anything.",
        ),
        (
            "The user is happy with the new job in Leeds.",
            "I've never been happier with my new job in Leeds.",
        ),
        ("The user is proud of the daughter.", "I couldn't be prouder of my daughter."),
        ("The user loves hiking in the Alps.", "Nothing beats hiking in the Alps."),
        ("The user thinks Porto is a good place.", "There's no better place than Porto for me."),
        (
            "The user's grandmother makes good lasagne.",
            "No one makes better lasagne than my grandmother.",
        ),
        ("用户喜欢打篮球。", "我无比喜欢打篮球。"),
        ("用户喜欢上了打篮球。", "我不由得喜欢上了打篮球。"),
        ("用户爱上了这座城市。", "我不禁爱上了这座城市。"),
        ("用户又买了一双球鞋。", "我忍不住又买了一双球鞋。"),
        ("用户喜欢吃四川火锅。", "我百吃不厌四川火锅。"),
        ("用户想马上去西藏。", "我恨不得马上去西藏。"),
        ("用户想念家乡。", "我无时无刻不想念家乡。"),
        ("用户喜欢这只小狗。", "别提我多喜欢这只小狗了。"),
        ("用户去过云南多次。", "我不止一次去过云南。"),
        ("用户吃过好吃的牛排。", "我从来没吃过这么好吃的牛排。"),
        ("用户喜欢上了画画。", "没想到我会喜欢上画画。"),
        ("用户喜欢自己的孩子。", "我哪能不喜欢自己的孩子。"),
        ("用户赶上了飞机。", "我差点没赶上飞机。"),
        ("用户要去北京。", "我非去北京不可。"),
        ("The user has a red car.", "I want the blue sofa, not the red one."),
        ("The user wants the blue sofa.", "I want the blue sofa, not the red one."),
    ],
)
def test_an_idiom_denies_nothing(memory: str, source: str) -> None:
    assert not denied(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user eats rye bread.", "I never eat rye bread."),
        ("The user has a laptop.", "I have no laptop, but no problem with paper."),
        ("The user travels with a laptop.", "I never travel with my laptop."),
        ("The user drinks and smokes.", "I don't drink and don't smoke."),
        ("The user wants the red sofa.", "I want the blue sofa, not the red one."),
        ("用户喝咖啡。", "我既不喝牛奶也不喝咖啡。"),
        ("用户去过云南。", "我从来没去过云南。"),
        ("用户养过狗。", "我没养过狗。"),
    ],
)
def test_a_plain_denial_beside_is_told(memory: str, source: str) -> None:
    assert denied(memory, source)


def test_the_question_that_is_read_along_is_not_named_as_a_source() -> None:
    asked = Said("I live in Hamburg with two dogs.", "user", 1, asks=True)
    given = Said("Nice, how many dogs do you walk?", "assistant", 2)
    memory = "[user perspective] The user walks many dogs."
    found = check(memory, [asked, given], known([(asked.text, None), (given.text, None)])) or []
    assert [(one.kind, one.seqs) for one in found] == [("speaker", (2,))]
