"""Words that tell of what is sensitive, by topic, English and Chinese.

Lists of words see no meaning: they find *diabetes* in a recipe for diabetics, and miss whatever is said
without such a word. Words that mean something harmless more often are left out: *virus*, *party*, *bank*.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from memos_admin.backend.hygiene.kinds import TOPICS, Topic
from memos_admin.backend.provenance.quotes import CJK, lowered

_ENGLISH: dict[Topic, str] = {
    "health": (
        "cancer|tumou?rs?|chemotherapy|diabet(?:es|ic)|depress(?:ion|ed)|antidepressants?|anxiety disorder|bipolar"
        "|schizophreni\\w+|dementia|alzheimer\\w*|epilep\\w+|asthma|hiv|aids|hepatitis|allerg(?:y|ic|ies)|pregnan\\w+"
        "|miscarriage|abortion|ivf|insulin|medications?|prescri(?:bed|ption)|diagnos(?:ed|is)|surgery|operated on"
        "|therapy|therapists?|psychiatr\\w+|psychologists?|psychological treatment|blood pressure|hypertension|stroke|heart attack"
        "|migraines?|disabilit(?:y|ies)|disabled|wheelchair|addict(?:ed|ion)|alcoholic|rehab|eating disorder|anorexi\\w+"
        "|lactose[- ]intoleran\\w+|c(?:o)?eliac|back pain|chronic"
    ),
    "religion": (
        "muslims?|islam|christians?|catholics?|protestants?|orthodox|jewish|judaism|hindu\\w*|buddhis[tm]s?|atheists?"
        "|ramadan|lent fast\\w*|mosque|synagogue|(?:go(?:es)?|went|going) to church|parish|baptis\\w+|bar mitzvah|halal|kosher"
        "|pray(?:s|ers?|ing)?|religio\\w+"
    ),
    "politics": (
        "vot(?:es?|ed|ing) for|(?:green|labour|conservative|republican|democratic|communist|socialist|liberal) party"
        "|republicans?|democrats?|trade union|union member\\w*|party member\\w*|political\\w*|demonstrates|demonstrated|demonstrations?|protests?"
        "|activists?|left-wing|right-wing"
    ),
    "sexuality": (
        "gay|lesbian|bisexual|homosexual\\w*|transgender|trans (?:man|woman)|queer|lgbt\\w*|sexual\\w*|sex life|erotic\\w*"
        "|porn\\w*|came out as|contracepti\\w+|affair with"
    ),
    "finance": (
        "salar(?:y|ies)|wages?|earns|debts?|loans?|mortgages?|owes?|bankrupt\\w*|insolven\\w+|overdraft|credit score"
        "|net worth|savings of|inherit(?:ed|ance)|unemployment benefits?|tax (?:debt|return)s?|alimony"
    ),
    "minors": (
        "\\d{1,2}[- ](?:year|month)s?[- ]old|(?:son|daughter|child|kid|nephew|niece)\\b[^.;,]{0,20}\\b(?:is|aged?|turned) (?:\\d{1,2}\\b|"
        "one|two|three|four|five|six|seven|eight|nine|ten)|primary school|elementary school|middle school|kindergarten"
        "|nursery school|toddlers?|newborn|paediatric\\w*|pediatric\\w*"
    ),
    "crime": "arrest(?:ed|s)|convict(?:ed|ion)s?|prison|jail|criminal record|probation|lawsuit|restraining order",
    "origin": (
        "asylum|refugees?|undocumented|residence permit|immigration status|ethnic\\w*|race is|skin colou?r|indigenous"
    ),
}
_CHINESE: dict[Topic, str] = {
    "health": (
        "癌|肿瘤|化疗|糖尿病|抑郁|焦虑症|双相|精神分裂|痴呆|阿尔茨海默|癫痫|哮喘|艾滋|肝炎|过敏|怀孕|流产|试管婴儿|胰岛素|服药|吃药"
        "|确诊|诊断|手术|心理咨询|精神科|高血压|血压|血糖|中风|心脏病|偏头痛|残疾|轮椅|成瘾|戒酒|厌食|乳糖不耐|患有|患上|病史|结节|胃病|住院"
    ),
    "religion": "信佛|佛教|基督|天主教|伊斯兰|穆斯林|清真|道教|信教|宗教|教堂做礼拜|做礼拜|祷告|斋月|拜佛|烧香|受洗",
    "politics": "党员|入党|政治|投票给|示威|游行|(?<!护)工会|左派|右派|上访",
    "sexuality": "同性恋|双性恋|跨性别|出柜|性生活|性取向|性行为|避孕|色情|婚外情|出轨",
    "finance": "工资|月薪|年薪|薪水|收入|欠款|欠着|欠债|负债|债务|贷款|房贷|车贷|破产|存款|积蓄|征信|网贷|遗产",
    "minors": (
        "(?:女儿|儿子|孩子|宝宝|外甥|侄子|侄女|弟弟|妹妹)[^。；]{0,6}(?:\\d{1,2}|[一二两三四五六七八九十]{1,2})个?(?:岁|月大)|小学|幼儿园|初中|托儿所"
        "|未成年|新生儿|儿科"
    ),
    "crime": "被捕|判刑|坐牢|监狱|犯罪|案底|拘留|起诉|官司",
    "origin": "难民|庇护|少数民族|民族是|户口|签证身份|居留",
}
_HARMLESS = re.compile(
    r"\b(?:debt collector game|stroke of luck|prison break|heart-?to-?heart)\b|不过敏感|收入囊中|党员干部学习平台"
)
_ENGLISH_WORDS = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{topic}>{_ENGLISH[topic]})' for topic in TOPICS)})\b"
)
_CHINESE_WORDS = re.compile("|".join(f"(?P<{topic}>{_CHINESE[topic]})" for topic in TOPICS))
"""All of these are looked for in small letters."""


class Told(NamedTuple):
    """A word that tells of a topic, with where it stands."""

    topic: Topic
    start: int
    end: int


def words_of(topic: Topic) -> tuple[str, str]:
    """Return what is looked for, English and Chinese, as it is written here."""
    return _ENGLISH[topic], _CHINESE[topic]


def told(text: str, topics: Collection[Topic] = TOPICS) -> Iterator[Told]:
    """Yield the words of a text that tell of one of these topics."""
    plain = _HARMLESS.sub(lambda match: "\x00" * len(match[0]), lowered(text))
    found = [*_ENGLISH_WORDS.finditer(plain)]
    if CJK.search(plain):
        found = sorted([*found, *_CHINESE_WORDS.finditer(plain)], key=re.Match.start)
    for match in found:
        for topic in topics:
            if match.lastgroup == topic:
                yield Told(topic, *match.span())
