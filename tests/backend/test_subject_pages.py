"""Readable documents: what strangers said stands in them as text, and becomes no markup at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from memos_admin.backend.display import readable
from memos_admin.backend.subject_access.page import Called, Earlier, Entry, Fact, Page, Said
from memos_admin.backend.subject_access.page_html import HtmlPage
from memos_admin.backend.subject_access.page_markdown import MarkdownPage
from memos_admin.language import written_in
from tests.hostile import HOSTILE, unsafe

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("a0`~<>&\"'[]()!*_#|\\\n\r\t -+=1.:/@\u202e\u200b\x1b\0\ufeff"),
    ),
    max_size=60,
)
MARKUP = (
    "</div></article><script>alert(1)</script>",
    "&lt;script&gt; &#x3c;b&#x3e; &amp;amp; &copy",
    "<!-- <![CDATA[ <?php ]]> -->",
    '" onload="alert(1)" x="',
    "</style><img src=http://evil.example/x.png>",
    "[click](http://evil.example) ![x](http://evil.example/x.png) <http://evil.example>",
    "```\n</pre>\n````\n# heading\n~~~\n<b>\n```",
    "`` ` ``` code",
    "__0__ _a_ a_b a__b__ *_0_*",
    "http://evil.example www.evil.example a@evil.example",
    "[ref]: http://evil.example\n[ref]",
    "    indented\n\tcode\n> quote\n- list\n1. list\n---\n===\n| a | b |\n|---|---|",
    "\n\nbegins and ends blank\n\n",
    "\\` \\[ \\<",
)
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "nav", "ol", "ul", "li", "a"),
    *("h1", "h2", "h3", "h4", "p", "dl", "dt", "dd", "article", "div", "span", "bdi"),
}


def entry(text: str) -> Entry:
    """An entry that has the text wherever text from outside can stand."""
    return Entry(
        "memory",
        Said(text),
        [Fact("Tags", Said(text)), Fact("Came from", "message 1", anchor="c1-1")],
        Said(text),
        anchor="m1",
        before="Messages are missing here.",
        called=[Called("Called the tool {name} with:", Said(text), Said(text), "This is cut.")],
        earlier=[Earlier("Until then it said:", Said(text), Said(text))],
    )


def document(page: Page, text: str) -> str:
    return "".join(
        (
            page.begin("Your data", "en"),
            page.heading(3, "Conversation 1:", text, anchor="c1"),
            page.facts([Fact("User id", Said(text))]),
            page.entry(entry(text)),
            page.end(),
        )
    )


class Reader(HTMLParser):
    """What a browser would make of a page: elements, attributes, and the texts of some of them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.others: list[str] = []
        self.bodies: list[str] = []
        self._within: list[tuple[str, int]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self._within.append((tag, len(self.bodies)))
            self.bodies.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._within.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._within:
            self.bodies[self._within[-1][1]] += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def tokens(found: list[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from tokens(token.children or [])


@given(TEXTS)
@example("")
def test_a_browser_shows_the_text_and_nothing_of_it_is_an_element(text: str) -> None:
    _looks_through_html(text)


@pytest.mark.parametrize("text", [*MARKUP, *HOSTILE.values()], ids=str.__len__)
def test_hostile_texts_in_html(text: str) -> None:
    _looks_through_html(text)


def _looks_through_html(text: str) -> None:
    reader = Reader(document(HtmlPage(), text))
    plain = Reader(document(HtmlPage(), "plain"))
    names = [name for name, _attributes in reader.elements]
    assert set(names) <= TAGS
    assert not reader.others
    shown = readable(text)
    if text.strip():
        assert names == [name for name, _attributes in plain.elements]
        # Heading, fact, title, tag, body, both of a tool call, and both of the earlier version.
        assert reader.bodies.count(shown) == 9
    for name, attributes in reader.elements:
        assert attributes.keys() <= {
            *("lang", "charset", "http-equiv", "content", "name", "id", "class", "dir", "href"),
            *("role", "aria-label"),
        }
        if "href" in attributes:
            assert name == "a"
            assert re.fullmatch(r"#[a-z0-9-]+", attributes["href"] or "")


@given(TEXTS)
@example("`")
@example(" ` ")
@example("a\n```\nb")
def test_readers_of_markdown_show_the_text_as_code(text: str) -> None:
    _looks_through_markdown(text)


@pytest.mark.parametrize("text", [*MARKUP, *HOSTILE.values()], ids=str.__len__)
def test_hostile_texts_in_markdown(text: str) -> None:
    _looks_through_markdown(text)


def _looks_through_markdown(text: str) -> None:
    parsed = list(
        tokens(MarkdownIt("commonmark").enable("table").parse(document(MarkdownPage(), text)))
    )
    kinds = {token.type for token in parsed}
    assert kinds <= {
        *("heading_open", "heading_close", "inline", "text", "paragraph_open", "paragraph_close"),
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
        *("strong_open", "strong_close", "code_inline", "fence"),
        *("blockquote_open", "blockquote_close"),
    }
    shown = readable(text)
    line = re.sub("[ \t\n]+", " ", shown).strip(" ")
    fences = [token.content for token in parsed if token.type == "fence"]
    if text:
        assert fences == [shown if shown.endswith("\n") else f"{shown}\n"] * 4
    assert all(token.info == "" for token in parsed if token.type == "fence")
    codes = [token.content for token in parsed if token.type == "code_inline"]
    assert codes == ([line] * (5 if text else 4) if line else [])


@given(TEXTS)
def test_our_own_words_are_no_markup_either(text: str) -> None:
    _looks_through_our_own(text)


@pytest.mark.parametrize("text", [*MARKUP, *HOSTILE.values()], ids=str.__len__)
def test_hostile_texts_as_our_own_words(text: str) -> None:
    _looks_through_our_own(text)


def _looks_through_our_own(text: str) -> None:
    made = MarkdownPage().paragraph(text) + MarkdownPage().points([text])
    parsed = list(tokens(MarkdownIt("commonmark").enable("table").parse(made)))
    assert {token.type for token in parsed} <= {
        *("inline", "text", "paragraph_open", "paragraph_close", "text_special"),
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    }


@given(TEXTS)
def test_nothing_that_is_unseen_or_turns_text_round_is_left(text: str) -> None:
    shown = readable(text)
    assert not unsafe(shown, newlines=True)
    assert readable(shown) == shown


def test_emoji_and_joined_letters_stay_as_they_were_written() -> None:
    for name in ("zwj family", "emoji", "persian joiner", "devanagari", "arabic", "cjk", "thai"):
        assert readable(HOSTILE[name]) == HOSTILE[name]


def test_a_document_is_written_in_its_own_language() -> None:
    with written_in("zh"):
        assert "（空）" in MarkdownPage().heading(3, "", "") + MarkdownPage().facts(
            [Fact("x", Said(""))]
        )
    assert "(empty)" in MarkdownPage().facts([Fact("x", Said(""))])
    assert '<html lang="zh-CN">' in HtmlPage().begin("x", "zh")
