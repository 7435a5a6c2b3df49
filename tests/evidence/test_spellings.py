"""Numbers, dates and times of day in other spellings: what agrees is not doubted, what does not is."""

from __future__ import annotations

import pytest

from memos_admin.backend.evidence.checking import Check, Said, check
from memos_admin.backend.evidence.facts import known


def checks(memory: str, source: str) -> list[Check]:
    """Return what does not agree, of numbers, dates, times and names."""
    said = [Said(source, "user", 1, 1_772_359_200_000)]  # 2026-03-01
    found = check(memory, said, known([(source, said[0].at)])) or []
    return [one for one in found if one.kind in {"number", "date", "name"}]


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        # Dates in figures, with a year of two of them, in words, feasts.
        ("The user was born on 7 March 1985.", "I was born on 07.03.1985."),
        ("The user was born on 07.03.1985.", "I was born on 7 March 1985."),
        ("The user was born on 7 March 1985.", "I was born on 03/07/85."),
        ("The user was born on 3 July 1985.", "I was born on 03/07/85."),
        ("The party is on 14 March.", "The party is on 3/14."),
        ("The party is on 3/14.", "The party is on 14 March."),
        ("The party is on 14 March.", "The party is on 14/3."),
        ("The user moved in 1998.", "I moved in '98."),
        ("The user moved in ’98.", "I moved in 1998."),
        ("The lease begins in July 2027.", "The lease begins 07/2027."),
        ("The user was born on 4 June.", "I was born on the fourth of June."),
        ("The user was born on June 21.", "I was born on June the twenty-first."),
        ("The user flies on 24 December.", "I fly on Christmas Eve."),
        ("用户1月1日去爬山。", "我元旦去爬山。"),
        ("用户2月17日回家。", "我春节回家。"),
        ("用户1998年毕业。", "我九八年毕业。"),
        ("用户九八年毕业。", "我1998年毕业。"),
        ("用户2008年毕业。", "我08年毕业。"),
        ("用户住了20年。", "我住了二十年。"),
        # Times of day.
        ("Lunch is at 12:00.", "Lunch is at noon."),
        ("Lunch is at noon.", "Lunch is at 12:00."),
        ("The user gets up at 7:30.", "I get up at half past seven."),
        ("The user gets up at 7:45.", "I get up at quarter to eight."),
        ("The user gets up at quarter to eight.", "I get up at 7:45."),
        ("The shift begins at 19:30.", "The shift begins at 1930 hours."),
        ("The shift begins at 6:40.", "The shift begins at 0640."),
        ("The film is at 20:15.", "The film is at eight fifteen pm."),
        ("The film is at 18:30.", "The film is at 18h30."),
        ("The film is at 19.30.", "The film is at 7:30 pm."),
        ("用户7:40起床。", "我七点四十起床。"),
        ("用户2:45开会。", "我差一刻三点开会。"),
        # Numbers.
        ("The house costs 85,000 euros.", "The house costs 85k."),
        ("The house costs 85k.", "The house costs 85,000 euros."),
        ("The house costs 85,000 euros.", "The house costs 85.000 €."),
        ("The piece weighs 85 kilos.", "The piece weighs 85.000 kilos."),
        ("The house costs 85,000 euros.", "The house costs 85 000 €."),
        ("The house costs 85,000 euros.", "The house costs 85'000 francs."),
        ("The house costs 3,000,000 euros.", "The house costs 3 million euros."),
        ("The house costs 3 million euros.", "The house costs 3,000,000 euros."),
        ("The house costs 1,500,000 euros.", "The house costs 1.5M."),
        ("The house costs 1.250.000 euros.", "The house costs 1,250,000 euros."),
        ("The user has half a million.", "I have 500,000."),
        ("The user drinks 1.5 litres.", "I drink 1,5 litres."),
        ("The user ordered 12 eggs.", "I ordered a dozen eggs."),
        ("The user ordered a dozen eggs.", "I ordered 12 eggs."),
        ("The user ordered 24 eggs.", "I ordered two dozen eggs."),
        ("The user has 2 dogs.", "I have a couple of dogs."),
        ("The drive takes 1 hour 45 minutes.", "The drive takes 1h45."),
        ("The drive takes 105 minutes.", "The drive takes 1h45."),
        ("The drive takes 1:45 hours.", "The drive takes 1h45."),
        ("The number is +491715550182.", "The number is +49 171 555 0182."),
        ("The number is 0171 5550182.", "The number is +49 171 555 01 82."),
        ("The number is 02079460018.", "The number is (020) 7946-0018."),
        ("About 33% agree.", "About a third agree."),
        ("About 67 percent of them agree.", "About two thirds of them agree."),
        ("The nap takes 30 minutes.", "The nap takes half an hour."),
        ("The nap takes half an hour.", "The nap takes 30 minutes."),
        ("The walk takes 90 minutes.", "The walk takes an hour and a half."),
        ("The walk takes 2.5 hours.", "The walk takes two and a half hours."),
        ("The trial lasts 14 days.", "The trial lasts two weeks."),
        ("The baby is 6 months old.", "The baby is half a year old."),
        ("The cake needs 3/4 of the sugar.", "The cake needs three quarters of the sugar."),
        ("The user owns 1 car.", "I own a car."),
        ("用户午睡30分钟。", "我午睡半小时。"),
        ("用户午睡半小时。", "我午睡30分钟。"),
        ("用户跑步90分钟。", "我跑步一个半小时。"),
        ("这件大衣七折。", "The coat is 30% off."),
        ("大衣便宜30%。", "大衣打七折。"),
        ("用户付了30%的首付。", "我付了三成首付。"),
        ("About 33% of them agree.", "三分之一的人同意。"),
        ("用户有2个孩子的朋友。", "我有两三个朋友有孩子。"),
        ("用户存了20多万。", "我存了二十几万。"),
    ],
)
def test_another_spelling_is_no_matter_of_doubt(memory: str, source: str) -> None:
    assert checks(memory, source) == []


@pytest.mark.parametrize(
    ("memory", "source", "kind", "wrong"),
    [
        ("The user was born on 8 March 1985.", "I was born on 07.03.1985.", "date", "8 March 1985"),
        ("The user was born on 8 July 1985.", "I was born on 03/07/85.", "date", "8 July 1985"),
        ("The user was born on 07.03.1986.", "I was born on 7 March 1985.", "date", "07.03.1986"),
        ("The party is on 13 March.", "The party is on 3/14.", "date", "13 March"),
        ("The party is on 3/15.", "The party is on 14 March.", "date", "3/15"),
        ("The user moved in 1989.", "I moved in '98.", "date", "in 1989"),
        ("用户1月2日去爬山。", "我元旦去爬山。", "date", "1月2日"),
        ("用户7月17日回家。", "我春节回家。", "date", "7月17日"),
        ("用户1989年毕业。", "我九八年毕业。", "date", "1989年"),
        ("Lunch is at 1:00 pm.", "Lunch is at noon.", "date", "1:00 pm"),
        ("The user gets up at 8:30.", "I get up at half past seven.", "date", "8:30"),
        ("The user gets up at 8:15.", "I get up at quarter to eight.", "date", "8:15"),
        ("The shift begins at 20:30.", "The shift begins at 1930 hours.", "date", "20:30"),
        ("The house costs 58,000 euros.", "The house costs 85k.", "number", "58,000"),
        ("The house costs 86,000 euros.", "The house costs 85.000 €.", "number", "86,000"),
        ("The house costs 4 million euros.", "It costs 3,000,000 euros.", "number", "4 million"),
        ("The user ordered 13 eggs.", "I ordered a dozen eggs.", "number", "13"),
        ("The drive takes 1 hour 54 minutes.", "It takes 1h45.", "number", "1 hour 54 minutes"),
        ("The number is 0171 5550183.", "It is +49 171 5550182.", "number", "0171 5550183"),
        ("About 43% of them agree.", "About a third of them agree.", "number", "43"),
        ("The nap takes 40 minutes.", "The nap takes half an hour.", "number", "40"),
        ("用户午睡40分钟。", "我午睡半小时。", "number", "40"),
        ("大衣便宜40%。", "大衣打七折。", "number", "40"),
    ],
)
def test_another_number_or_date_is_told(memory: str, source: str, kind: str, wrong: str) -> None:
    assert [(one.kind, one.memory) for one in checks(memory, source)] == [(kind, (wrong,))]
