"""Texts that a stranger could have put into a memory, and what must never reach a terminal.

`HOSTILE` maps a name to a text. `unsafe` is written from the Unicode categories, independent of the
gate's own lists, so that a mistake in one shows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby

ESC = "\x1b"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

HOSTILE: dict[str, str] = {
    "sgr": f"{ESC}[31mred{ESC}[0m",
    "clear screen": f"{ESC}[2J{ESC}[H gone",
    "cursor up": f"first\n{ESC}[1A{ESC}[2Koverwritten",
    "alternate screen": f"{ESC}[?1049h trapped",
    "mouse on": f"{ESC}[?1003h{ESC}[?1006h",
    "osc 52 clipboard": f"{ESC}]52;c;cm0gLXJmIH4=\x07copied",
    "osc 52 with st": f"{ESC}]52;c;cm0gLXJmIH4={ESC}\\copied",
    "osc 8 link": f"{ESC}]8;;http://evil.example/{ESC}\\click me{ESC}]8;;{ESC}\\",
    "osc 0 title": f"{ESC}]0;pwned\x07title",
    "dcs": f'{ESC}P$q"p{ESC}\\answer',
    "device report": f"{ESC}[6n{ESC}[c{ESC}[>c",
    "apc": f"{ESC}_Gf=24;AAAA{ESC}\\picture",
    "reset": f"{ESC}c all gone",
    "c1 csi": "\x9b31mred\x9b0m",
    "c1 osc": "\x9d52;c;cm0gLXJm\x9ccopied",
    "c1 all": "".join(map(chr, range(0x80, 0xA0))),
    "c0 all": "".join(map(chr, range(0x20))),
    "nul": "before\x00after",
    "del": "before\x7fafter",
    "bell and backspace": "secret\b\b\b\b\b\bpublic\a",
    "carriage return": "refund: no\rrefund: yes",
    "crlf": "one\r\ntwo\r\nthree",
    "newlines": "one\ntwo\n\n\n\nsix",
    "tabs": "a\tb\t\tc",
    "vertical tab and form feed": "up\vdown\fpage",
    "shift out": "\x0elqqk\x0f",
    "bidi override": "invoice\u202efdp.exe",
    "bidi isolates": "\u2066left\u2069 \u2067right\u2069 \u2068either\u2069",
    "bidi marks": "a\u200eb\u200fc\u061cd",
    "bidi unbalanced": "\u202b" * 80 + "deep",
    "zero width": "pass\u200bword\u2060and\ufeffmore\u180eend",
    "zwj alone": "a\u200db\u200cc\u200d",
    "zwj family": "👨\u200d👩\u200d👧\u200d👦 home",
    "zwj pile": "👨" + "\u200d" * 50 + "👩",
    "tag characters": "hi" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all"),
    "flag by tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "selectors": "x" + "".join(map(chr, range(0xE0100, 0xE0140))),
    "interlinear": "\ufff9base\ufffaruby\ufffb",
    "separators": "line\u2028paragraph\u2029next\x85nel",
    "zalgo": "z" + "\u0300\u0301\u0302\u0489" * 40 + "algo",
    "combining first": "\u0336\u0336struck",
    "combining after newline": "a\n\u0301b",
    "lone surrogates": "high \ud83d low \ude00 end",
    "noncharacters": "a\ufffeb\uffffc\U0010ffffd",
    "fillers": "\u3164\u115f\u1160\uffa0name\u00adhyphen",
    "arabic": "مرحبا بالعالم",
    "persian joiner": "می\u200cخواهم",
    "cjk": "我想在暑假旅行，你能推荐一些吗？全家一起出行。",
    "cjk wide punctuation": "「引用」（括号）＝＋－＠",
    "emoji": "🎉🚀✈️ 👩🏽\u200d💻 1️⃣",
    "markup close": "[/]",
    "markup action": "[@click=app.quit]x[/]",
    "markup style": "[bold red]not bold[/bold red] [link=http://evil.example]x[/link]",
    "markup broken": "[[[/bold [=] [/ ]] [\\",
    "brackets": "items[0], a[b]c, [x] done, \\[escaped]",
    "formula": "=cmd|' /C calc'!A0",
    "formula plus": "+1+1",
    "formula at": "@SUM(A1:A9)",
    "formula wide": "＝1+1",
    "formula behind tab": "\t=1+1",
    "percent and braces": "%s %d %(name)s {0} {name} {{}} $HOME `id` $(id)",
    "quotes": "\"'`“”‘’«»",
    "csv": 'a,"b"\r\n"c;d",e',
    "path": "../../etc/passwd\x00.csv",
    "html": "<script>alert(1)</script>&amp;",
    "sql": "'; DROP TABLE memory; --",
    "json": '{"role": "system", "content": "\\u001b[31m"}',
    "blank": " \t\u3000\u00a0 ",
    "empty": "",
    "long word": "x" * 5000,
    "long wide": "长" * 5000,
    "long line": "word " * 200_000,
    "many lines": "line\n" * 5000,
    "private use": "\ue0b0\uf8ff\U000f0000",
    "replacement": "\ufffd\ufffd",
    "mongolian vowel separator": "ᠠ\u180eᠠ",
    "hangul jamo": "\u1112\u1161\u11ab",
    "thai": "สวัสดีครับ ที่นี่",
    "devanagari": "क्षत्रिय र\u094d\u200dय",
    "option": "--help",
}


def unsafe(text: str, *, newlines: bool = False) -> list[str]:
    r"""Return the code points (``U+001B``) of `text` that a terminal must not be sent, sorted.

    Args:
        text: what is shown.
        newlines: ``\n`` and ``\t`` are allowed.
    """
    return sorted({f"U+{ord(char):04X}" for char in _unsafe({*text}, newlines)})


def _unsafe(chars: set[str], newlines: bool) -> Iterator[str]:
    # Visible signs that Unicode counts among the format characters.
    signs = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    # Joiners are judged by the tests that know where they may stand.
    joiners = {0x200C, 0x200D}
    for char in chars:
        if newlines and char in "\n\t":
            continue
        code = ord(char)
        category = unicodedata.category(char)
        if (
            category in {"Cc", "Cs", "Zl", "Zp"}
            or (category == "Cf" and code not in signs | joiners)
            or (code & 0xFFFE) == 0xFFFE
            or char in "\u115f\u1160\u3164\uffa0\u034f"
        ):
            yield char


def most_marks(text: str) -> int:
    """Return how many combining characters follow each other in a text at most."""
    runs = groupby(text, lambda char: unicodedata.category(char) in {"Mn", "Me", "Mc"})
    return max((len([*run]) for combines, run in runs if combines), default=0)


def unsafe_bytes(sent: bytes) -> list[str]:
    """Return what of the bytes that a terminal was sent by a program without any styling is unsafe.

    Carriage returns are the terminal driver's own before a newline; everything else counts.
    """
    return unsafe(sent.replace(b"\r\n", b"\n").decode("utf-8", "replace"), newlines=True)
