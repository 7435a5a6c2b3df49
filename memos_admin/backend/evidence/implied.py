"""What a message says without saying it: a yes or a no to a question, and what is only wished for. Pure.

Each comes as a plain sentence, which is compared like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from memos_admin.backend.evidence.denials import Flip, clauses, flips
from memos_admin.backend.evidence.signs import has_any
from memos_admin.backend.provenance.quotes import CJK, lowered


class Implied(NamedTuple):
    """A plain sentence, and where the words stand that imply it."""

    text: str
    start: int
    end: int


_REACH = 400
"""Characters at the end of what was asked, and of an answer, in which they stand."""
_ASKED = re.compile(
    r"(?:^|[.!?;:,\n] ?(?:(?:and|so|or) )?)(?P<aux>do|are|have|can|will|did|were) you (?P<rest>[^.!?;:\n]{3,160})\?\s*$"
)
_NO = re.compile(r"\s*(?:no|nope|nah)\b(?! (?:problem|worries|doubt|idea|need))")
_YES = re.compile(
    r"\s*(?:yes|yeah|yep|yup|of course|definitely|absolutely|i do|i am|i have)\b(?! and no)"
)
_LIMITED = re.compile(
    r"\b(?:but|except|only|though|although|unless|if|sometimes|used to|not really|or|yet|however|actually)\b|但|不过|只|除了|有时|偶尔|其实|还没|可是|如果"
)
"""An answer with one of these says more than yes or no, and a question with ``or`` asks for one of two."""
_CN_ASKED = re.compile(
    r"(?:^|[。！？?!\n，,])(?:请问)?(?P<what>[^。！？?!\n，,]{2,40}?)(?P<ma>吗)?[？?]\s*$"
)
_OR_NOT = re.compile("(?P<verb>[是要能会想])不(?P=verb)|有没有")
_CN_END = r"(?=[，,。！!、\s啊呀哦的]|$)"
_CN_NO = re.compile(rf"\s*(?P<no>没有?|不(?:是|会|能|要|用|需要|想)?){_CN_END}")
_CN_YES = re.compile(rf"\s*(?:有|是|对|会|能|要|可以|嗯|当然){_CN_END}")

_HAVING = re.compile(r"\bhave\b|有")
_HAS = re.compile(r"\b(?:has|have|got|owns?|keeps?|drives?)\b|[有养]")
_WANTS = re.compile(r"\b(?:wants?|wish\w*|like|hopes?|plans?|would|if|needs?)\b|想|希望|打算|要")
_WISHED = re.compile(
    r"\b(?:if (?:only )?(?:i|we) had (?P<if>(?:an?|any|my own|our own) [^,.;!?\n]{2,60}?)(?=,? (?:i|we)(?:['’]d| would| could)\b)"
    r"|(?:i|we) wish (?:i|we) had (?P<wish>(?:an?|any|my own|our own) [^,.;!?\n]{2,60}?)(?=[,.;!\n]| but\b|$))"
)
_CN_WISHED = re.compile(
    "(?:要是|如果|假如)我们?有(?P<what>[^，。；！？\\s就]{1,10})[，,]?(?:我们?)?就[^，。；！？\\n]{1,20}了(?=[，。；！\\s]|$)"
)
"""What nobody has who says so: an open condition has no 了."""


def contradicted(memory: str, implied: Implied) -> Iterator[Flip]:
    """Yield what a memory says of which the opposite is implied, or the other way round; it stands where the words do that imply it.

    All that is denied must be told, and of what somebody does not have that he has it: he may want it.
    """
    (said,) = clauses(implied.text)[:1] or (None,)
    for flip in flips(memory, implied.text):
        if said is not None and not flip.memory_denies:
            if not said.denied <= flip.words:
                continue
            clause = lowered(memory[slice(*flip.memory)])
            if _HAVING.search(implied.text) and (not _HAS.search(clause) or _WANTS.search(clause)):
                continue
        yield flip._replace(source=(implied.start, implied.end))


def answered(question: str, answer: str) -> Implied | None:
    """Return what a yes or a no says of what was asked; None: it is no such answer, or says more."""
    asked, said = lowered(question[-_REACH:]), lowered(answer[:_REACH])
    if _LIMITED.search(said):
        return None
    text = _chinese(asked, said) if CJK.search(asked) else _english(asked, said)
    end = next((at for at, char in enumerate(answer) if char in ".!;\n。！；"), len(answer))
    return None if text is None else Implied(text, 0, end)


def _english(asked: str, said: str) -> str | None:
    found = _ASKED.search(asked)
    if found is None or _LIMITED.search(found["rest"]):
        return None
    is_being = found["aux"] in {"are", "were"}
    if _NO.match(said):
        return f"I {'am' if is_being else 'do'} not {found['rest']}."
    return f"I {'am ' if is_being else ''}{found['rest']}." if _YES.match(said) else None


def _chinese(asked: str, said: str) -> str | None:
    found = _CN_ASKED.search(asked)
    if found is None or not (found["ma"] or _OR_NOT.search(found["what"])):
        return None
    what = _OR_NOT.sub(lambda one: one["verb"] or "有", found["what"])
    what = re.sub("^[您你]们?", "", what)
    if has_any(what, "不没还或") or has_any(what, "您你"):
        return None
    if (no := _CN_NO.match(said)) is not None:
        if what.startswith("有"):
            return f"我没{what}。"
        return f"我{no['no'][0]}{what}。"
    return f"我{what}。" if _CN_YES.match(said) else None


def wished(text: str) -> Iterator[Implied]:
    """Yield that somebody does not have what he tells of as if he had it: ``if I had a car I'd …``, 要是我有车就…了."""
    small = lowered(text)
    for found in _WISHED.finditer(small) if has_any(small, (" had ",)) else ():
        what = found["if"] or found["wish"]
        yield Implied(f"I do not have {what}.", *found.span())
    for found in _CN_WISHED.finditer(small) if has_any(small, ("要是", "如果", "假如")) else ():
        yield Implied(f"我没有{found['what']}。", *found.span())
