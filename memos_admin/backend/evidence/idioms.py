"""Negations that deny nothing, or not what stands behind them: no problem eating, never without, 不由得, 从来没这么. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from memos_admin.backend.provenance.quotes import CJK, lowered

_NUMBER_SIGN = re.compile(
    r"\b(?P<no>no)(?:s?\.|(?= ?#?\d))(?=\s*#?(?:[a-z]{1,4}[ -]?)?\d)", re.IGNORECASE
)
"""``no. 4711``, ``no 12``, ``No. AB 12``."""

_NOT = r"(?:n['’]?t|not|cannot|cant|wont|dont|never|no|nothing|nobody|none|nowhere)"
_CANT = r"(?:\b(?:ca|could)n['’]?t|\bcannot|\b(?:can|could) (?:not|never)|\bnever could)"
_BIG_VERBS = r"(?:miss|skip|forget|fail|regret|tire|tired?|cease|stop|doubt|mind|hesitate|refuse|decline|complain|disappoint|let)"
_HELD_BACK = r"resist|help|stop|contain|put down|keep from|hold back|tear|say no|turn down|do without|live without"
_OBJECTED = r"complain|(?:find )?fault|be faulted|argue|disagree|deny|dispute|blame|quarrel|go (?:far )?wrong"
_OUTDONE = (
    r"beat|be beaten|top|overstate|overestimate|stress|emphasi[sz]e|imagine|picture|wish|ask|have (?:been|asked|wished|hoped|picked|chosen|too)"
    r"|be (?:more|any|\w+er)|get (?:any|better|enough|over)|think of (?:anything|anyone|a better)|go (?:a|one) (?:day|week)"
    r"|come (?:soon|fast|quick\w*) enough|(?:\w+ ){1,2}more|say (?:that )?\w+ \w+n['’]?t"
)
"""What nobody can keep from, object to, or have more of: ``can't resist``, ``can't go wrong``, ``couldn't agree more``."""
_ENGLISH = re.compile(
    # What nobody minds: I have no trouble walking.
    r"\bno (?:problems?|trouble|difficult(?:y|ies)|issues?|qualms?|hesitation|objections?|regrets?|complaints?|shame|harm"
    r"|question|doubt|choice|option|alternative|need to|time like|strangers?|exceptions?|way (?:around|past|that|i)|end of|limit|lack"
    r"|shortage|secret|fool|more|less|fewer|sooner|later|other than|match for|substitute|such thing|telling|denying|point in denying"
    r"|beating|getting (?:around|over)|going wrong|stopping|resisting|arguing|wonder|worries|biggie|sweat)\b"
    r"|\bwithout (?:(?:an?|any|the slightest|the shadow of a) )?(?:doubt|fail|question|exceptions?|hesitation|hesitating|delay)\b"
    # What is never left out: I never miss it, wouldn't trade it.
    rf"|\b(?:never|nor|n['’]?t|not|cannot)(?: (?:ever|once|even|really|want to|dare|let))* {_BIG_VERBS}(?:e?[sd]|ing)?\b"
    rf"|n['’]t (?:ever |once |even |really |want to |dare )*{_BIG_VERBS}(?:e?[sd]|ing)?\b"
    r"|\bwould(?:n['’]?t| not|nt| never) (?:trade|swap|change|exchange|have it|give|be without|dream|want it|part with|say no|go anywhere)\b"
    r"|\bnever (?:say|says|said|gets? old|get enough|gets? enough|not|better|more|bet|(?:resist|regret|disappoint)\w*)\b"
    # What does no harm: it wouldn't hurt to ask. That a knee does not hurt is denied.
    r"|\b(?:ca|could|wo|would)n['’]?t (?:ever |really )?(?:hurt|harm)\b|(?:n['’]?t|\bnot|\bnever) (?:hurts? to|do any harm)\b"
    rf"|{_CANT} (?:ever |possibly |really |quite |just |simply |seem to )?(?:{_HELD_BACK}|{_OBJECTED}|{_OUTDONE})\b"
    r"|\bcould never have too\b"
    # Comparisons: never been happier, no better place, not so much.
    rf"|{_NOT}\b(?:.{{0,80}} )?(?:than|better|worse|happier|as \w+ as|half as)\b"
    r"|\b(?:never|n['’]t|not) (?:ever )?been (?:so|this|that|as|more|less|any|\w+er)\b"
    rf"|\b{_NOT}\b(?:.{{0,80}} )?(?:so|this|that) (?:much|many|good|well|happy|long|hard|fast|often|great|proud|fun)\b|n['’]t\b(?:.{{0,80}} )?(?:so|this|that) (?:much|many|good|well|happy|long|hard|fast|often|great|proud|fun)\b"
    r"|\bnever (?:\w+ ){0,3}(?:so|such)\b"
    r"|\b(?:nothing|nobody|no one|none|no \w+|nowhere)\b(?: \w+)? (?:beats?|compares?|compared|tops?|comes? close|match(?:es)?|rivals?|like|but|quite)\b"
    r"|\bnothing (?:short of|if not|against|wrong|better|more|to complain|else)\b|\bnone other\b"
    r"|\b(?:any(?:where|thing|one|body)|choice|option|alternative) but\b"
    # Questions that ask nothing, and conditions.
    r"|\b(?:why|who|what|how) (?:\w+ ){0,2}(?:do|does|did|would|could|should|is|are)(?:n['’]?t| not)\b"
    r"|\b(?:is|are|was|were|do|does|did|have|has|had|would|could|should|wo|ca)n['’]?t (?:i|you|we|he|she|it|they|that|this|there|everyone|everybody)\b"
    r"|\b(?:if|unless|whether|until|till|lest|in case|as though)\b"
    # What is not the half of it.
    r"|\bnot (?:a (?:day|week|month|year|night|morning|single)|one (?:day|week|single)|the least|least|for nothing|half|to mention|even)\b"
    r"|\b(?:n['’]?t|not) (?:at all )?(?:un\w+|in(?:significant|different|frequent\w*|capable|expensive|correct|sane\w*)|dis\w+|im(?:possible|polite|partial)|only|just|merely|uncommon|without|half|bad|averse|above|beneath|for nothing)\b"
    r"|\bn['’]t (?:only|just|merely|say (?:that )?(?:i|he|she|we|they|it)|think (?:that )?(?:i|he|she|we|they|it)|know (?:how|what)|believe)\b"
    r"|\b(?:hardly|scarcely|barely|rarely|seldom)\b"
)
_CHINESE = re.compile(
    "无比|不由[得自]|不禁|情不自禁|不自觉|百.不[厌腻烦]|不厌|[恨巴]不得|无时无刻|无[一]?不|无所不|别提|[不何]止|不下[百千万\\d一二三四五六七八九十]"
    "|从来?[没未].{0,20}(?:[这那]么|如此|更|比)|没(?:有)?.{0,8}(?:[这那]么|如此)|没有?比.{1,20}更|没想到|想不到|没料到|不料|不承想"
    "|[哪怎岂焉][么里]?能?会?不|何尝不|何不|谁不|谁没|谁说.{0,12}[不没]|差一?点儿?没|险些没|几乎没|非.{1,12}不(?:可|行|成)|不.{1,8}[就也]?不(?:可|行|成|舒服|自在)$"
    # What nobody can hold back, forget or do without, what nobody finds fault with, and how much.
    "|(?:[忍禁管憋按耐]|控制|克制|抑制|把持|按捺|抗拒|抵挡|抵抗|阻挡|拒绝)不(?:住|了)|没(?:有)?(?:[忍管憋按]|控制|克制|抵挡|抵抗|把持)住"
    "|(?:[忘戒省缺躲逃错]|否认|替代|取代|形容)不(?:了|掉|开)|没错(?!过)|没得[说挑比]|没[话的]说|没(?:什么|啥)(?:可|好)?(?:说|挑|抱怨|怨)|得不行|没坏处|没毛病$"
    "|不要太|好不|再.{1,4}不过|舍不得|离不[开了]|[少免]不了|不得[了已]|不愧|不妨|不如|要不|不是吗|不就是|不枉|不失为|无疑|无法自拔|无可|无与伦比"
    "|不过如此|不知不觉|不介意|不反对|不排斥|不拒绝|没问题|没意见|没说不|不一定|不见得|未尝不|不服不行|爱不释手|赞不绝口|念念不忘|必不可少|不可或缺"
    "|缺一不可|(?:别|不要|不能|不可|勿)忘|停不下来|不在话下|无话不|没完没了|说不出的|不能再|不能更|不要更|没法再|不可多得|少不得|免不得|如果|要是|除非|假如|万一"
)
_LINKS = re.compile(r"(?:\b(?:and|or|nor|but)\b|[也又和或既、])[^不没无别未勿]{0,8}$")
"""What stands before a negation that goes on with a list, and does not deny the one before."""
_LINKING = re.compile(r"n?or\b|neither\b", re.IGNORECASE)


def without_number_signs(text: str) -> str:
    """Return a text of the same length in which the ``no.`` of ``no. 4711`` is no word."""
    return _NUMBER_SIGN.sub(lambda found: "_" * len(found[0]), text)


def denies_otherwise(part: str, negations: list[tuple[int, int]]) -> bool:
    """Whether a clause with negations denies something else than what stands behind them, as far as is known here.

    That is so of idioms, and where one negation stands behind another and is no further thing of a list.
    """
    small = lowered(part)
    plain = small.strip("，。！？；：,.!?;: \n")
    if _ENGLISH.search(small) or (CJK.search(small) and _CHINESE.search(plain)):
        return True
    for (_, before), (start, end) in pairwise(negations):
        is_list = _LINKING.match(small, start) or _LINKS.search(small, before, start)
        if not is_list and end > before:
            return True
    return False
