"""Which language is spoken, and how texts are put together in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from memos_admin import language
from memos_admin.language import LANGUAGES, counted, first_sentence, known, of_locale, sentences
from memos_admin.language import gettext as _


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("en", "en"),
        ("zh", "zh"),
        ("zh_CN", "zh"),
        ("zh-CN", "zh"),
        ("ZH_cn.UTF-8", "zh"),
        ("zh_Hans_SG", "zh"),
        ("en_GB.UTF-8@euro", "en"),
        ("zh_TW", None),
        ("zh-Hant-HK", None),
        ("de_DE.UTF-8", None),
        ("C.UTF-8", None),
        ("", None),
    ],
)
def test_names_of_languages(name: str, meant: str | None) -> None:
    assert known(name) == meant


@pytest.mark.parametrize(
    ("env", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr:de"}, "zh"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
    ],
)
def test_the_locale_chooses(env: dict[str, str], spoken: str) -> None:
    assert of_locale(env) == spoken


def test_it_speaks_what_was_activated_last() -> None:
    assert _("Users") == "Users"
    language.activate("zh")
    assert (_("Users"), language.active()) == ("用户", "zh")
    assert counted(1, "{count} memory", "{count} memories") == "1 条记忆"
    language.activate("en")
    assert counted(1200, "{count} memory", "{count} memories") == "1,200 memories"
    assert _("Users") == "Users"


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_nothing_stays_nothing_and_an_unknown_text_itself(spoken: str) -> None:
    language.activate(spoken)
    assert _("") == ""
    assert _("{no} such text") == "{no} such text"


def test_what_is_filled_in_is_no_template() -> None:
    language.activate("zh")
    hostile = "{0} {path.__class__} %s"
    assert hostile in _("{path} is not a folder. Move it away, or choose another place.").format(
        path=hostile
    )


def test_sentences_follow_each_other() -> None:
    assert sentences("One.", "", "Two.") == "One. Two."
    assert sentences("一。", "二。", "Three.") == "一。二。Three."
    assert sentences("", "") == ""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Listing failed: 127.0.0.1 is away. Try again.", "Listing failed: 127.0.0.1 is away."),
        ("列出失败：没有响应。请重试。", "列出失败：没有响应。"),
        ("no end", "no end."),
        ("First line\nsecond. line", "First line."),
    ],
)
def test_the_first_sentence_ends_as_its_language_ends_one(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_english_costs_no_catalogue() -> None:
    code = (
        "import sys; from memos_admin import language; language.activate('en'); "
        "print([n for n in ('gettext', 'locale') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
