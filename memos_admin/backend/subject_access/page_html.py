"""Pages as HTML: one file without scripts, that loads nothing, to be read by eye or ear, and printed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from memos_admin.backend.display import readable
from memos_admin.backend.subject_access.page import Called, Entry, Fact
from memos_admin.language import gettext as _

_LANGUAGES = {"en": "en", "zh": "zh-CN"}

# What the browser is to load is nothing, whatever a text in the page says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei",
  sans-serif; color: #1b1b1b; background: #fff; max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 2px solid #1b1b1b; }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h1, h2, h3, h4, dd, .text, .called { overflow-wrap: anywhere; }
a { color: #0b57a4; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: #555; }
dd { margin: 0; }
article { margin: .75rem 0; padding: .6rem .9rem .7rem; border: 1px solid #c9c9c9; border-left-width: 5px;
  border-radius: 4px; }
article h4 { margin: 0; font-size: 1rem; }
article dl { font-size: .875rem; }
.you { border-left-color: #0b57a4; background: #f2f7fc; }
.assistant { border-left-color: #8a6d00; }
.other { border-left-color: #6b6b6b; border-left-style: dashed; }
.memory { border-left-color: #2e6b34; }
.text { white-space: pre-wrap; margin: .4rem 0 0; overflow: hidden; }
.when { font-weight: normal; font-size: .875rem; color: #555; margin-left: .5rem; }
.none { color: #555; font-style: italic; }
.missing { margin: 1rem 0; padding: .5rem .9rem; border: 1px dashed #a33; color: #7a1f1f; }
.earlier { margin: .75rem 0 0; padding-left: .9rem; border-left: 2px solid #c9c9c9; color: #333; }
.called { margin: .4rem 0 0; }
.earlier p, .called p { margin: 0; font-size: .875rem; color: #555; }
nav ol { padding-left: 1.5rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  a { color: inherit; text-decoration: none; }
  article { break-inside: auto; background: none; }
  h2, h3, h4, dl { break-after: avoid; }
}
"""


class HtmlPage:
    """A page of HTML; see `memos_admin.backend.subject_access.page.Page`."""

    def begin(self, title: str, language: str) -> str:
        """Return what stands before everything."""
        return (
            f'<!DOCTYPE html>\n<html lang="{_LANGUAGES[language]}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        )

    def end(self) -> str:
        """Return what stands behind everything."""
        return "</main>\n</body>\n</html>\n"

    def heading(self, level: int, text: str, said: str = "", anchor: str = "") -> str:
        """Return a heading."""
        behind = f" <bdi>{_text(said)}</bdi>" if said else ""
        return f"<h{level}{_id(anchor)}>{_text(text)}{behind}</h{level}>\n"

    def paragraph(self, text: str) -> str:
        """Return a paragraph."""
        return f"<p>{_text(text)}</p>\n"

    def facts(self, facts: Iterable[Fact]) -> str:
        """Return a list of names and values."""
        return "".join(["<dl>\n", *map(_fact, facts), "</dl>\n"])

    def points(self, texts: Iterable[str]) -> str:
        """Return a list of sentences."""
        return "".join(["<ul>\n", *(f"<li>{_text(text)}</li>\n" for text in texts), "</ul>\n"])

    def contents(self, title: str, entries: Iterable[tuple[str, str]]) -> str:
        """Return links to headings."""
        links = (f'<li><a href="#{anchor}">{_text(text)}</a></li>\n' for anchor, text in entries)
        label = _text(title)
        return "".join([f'<nav aria-label="{label}">\n<ol>\n', *links, "</ol>\n</nav>\n"])

    def entry(self, entry: Entry) -> str:
        """Return a message or a memory as an article."""
        before = f'<p class="missing" role="note">{_text(entry.before)}</p>\n'
        pieces = [
            before if entry.before else "",
            f'<article class="{entry.voice}"{_id(entry.anchor)}>\n',
            f"<h4><bdi>{_text(entry.title)}</bdi>{_byline(entry)}</h4>\n",
            self.facts(entry.facts) if entry.facts else "",
            _body(entry.text) if entry.text or not entry.called else "",
            *map(_called, entry.called),
        ]
        for earlier in entry.earlier:
            title = "" if earlier.title is None else _body(earlier.title)
            text = "" if earlier.text is None else _body(earlier.text)
            changed = self.facts(earlier.changed) if earlier.changed else ""
            label = f"<p>{_text(earlier.label)}</p>\n"
            pieces.append(f'<div class="earlier">\n{label}{title}{text}{changed}</div>\n')
        pieces.append("</article>\n")
        return "".join(pieces)


def _text(text: str) -> str:
    """Return text that is text, also within quotes."""
    return escape(readable(text), quote=True)


def _id(anchor: str) -> str:
    return f' id="{anchor}"' if anchor else ""


def _byline(entry: Entry) -> str:
    return f' <span class="when">{_text(entry.byline)}</span>' if entry.byline else ""


def _fact(fact: Fact) -> str:
    value = _text(fact.value)
    if fact.anchor:
        value = f'<a href="#{fact.anchor}">{value}</a>'
    return f'<dt>{_text(fact.name)}</dt><dd dir="auto">{value}</dd>\n'


def _called(call: Called) -> str:
    label = _text(call.label).replace("{name}", f"<bdi>{_text(call.name)}</bdi>")
    sent = "" if call.sent is None else _body(call.sent)
    cut = f"<p>{_text(call.cut)}</p>\n" if call.cut else ""
    return f'<div class="called">\n<p>{label}</p>\n{sent}{cut}</div>\n'


def _body(text: str) -> str:
    if not text:
        nothing = _text(_("(no text)"))
        return f'<div class="text none">{nothing}</div>\n'
    return f'<div class="text" dir="auto">{_text(text)}</div>\n'
