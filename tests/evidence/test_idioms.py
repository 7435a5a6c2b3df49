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
        ("用户希望送到公司。", "别忘了送到公司。"),
        ("用户要带护照。", "不要忘记带护照。"),
        ("用户去过云南多次。", "我不止一次去过云南。"),
        ("用户吃过好吃的牛排。", "我从来没吃过这么好吃的牛排。"),
        ("用户喜欢上了画画。", "没想到我会喜欢上画画。"),
        ("用户喜欢自己的孩子。", "我哪能不喜欢自己的孩子。"),
        ("用户赶上了飞机。", "我差点没赶上飞机。"),
        ("用户要去北京。", "我非去北京不可。"),
        ("The user has a red car.", "I want the blue sofa, not the red one."),
        ("The user wants the blue sofa.", "I want the blue sofa, not the red one."),
        ("The cabin costs 250 euros.", "Somebody without id says the cabin costs 250 euros."),
        ("The cabin costs 250 euros.", "A man with no ticket told us the cabin costs 250 euros."),
        ("小屋的房东喜欢养狗和弹钢琴。", "没有证件的客人说小屋的房东喜欢养狗和弹钢琴。"),
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
        ("The user takes coffee with milk.", "I take coffee without milk, he said."),
        ("用户喝咖啡。", "我既不喝牛奶也不喝咖啡。"),
        ("用户去过云南。", "我从来没去过云南。"),
        ("用户养过狗。", "我没养过狗。"),
    ],
)
def test_a_plain_denial_beside_is_told(memory: str, source: str) -> None:
    assert denied(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user buys handbags in the sale.", "I can't resist buying handbags in the sale."),
        ("The user loves cheesecake.", "I can never resist cheesecake."),
        (
            "The user recommends Lisbon for the honeymoon.",
            "You can't go wrong with Lisbon for a honeymoon.",
        ),
        (
            "The user thinks an umbrella for the trip is useful.",
            "An umbrella won't hurt on the trip.",
        ),
        (
            "The user would like a second opinion on the roof.",
            "It can't hurt to get a second opinion on the roof.",
        ),
        (
            "The user wants a reminder for the vaccination.",
            "It doesn't hurt to have a reminder for the vaccination.",
        ),
        ("The user laughs at the dog videos.", "I can't help but laugh at the dog videos."),
        ("The user laughs at the dog videos.", "I couldn't help laughing at the dog videos."),
        (
            "The user agrees with the doctor about sleep.",
            "I couldn't agree more with the doctor about sleep.",
        ),
        (
            "The user looks forward to the concert in Leeds.",
            "I can't wait for the concert in Leeds.",
        ),
        (
            "The user looks forward to meeting the new grandson.",
            "We cannot wait to meet our new grandson.",
        ),
        ("The user will move to Dublin in spring.", "No doubt we will move to Dublin in spring."),
        (
            "The user thinks the red model is the best.",
            "There is no doubt that the red model is the best.",
        ),
        (
            "The user likes the garden of the hotel.",
            "I have nothing but good words for the garden of the hotel.",
        ),
        (
            "The user praises the staff of the clinic.",
            "Nothing but praise for the staff of the clinic.",
        ),
        ("The user eats fruit in the morning.", "I eat nothing but fruit in the morning."),
        (
            "The user watches old westerns in winter.",
            "I do nothing but watch old westerns in winter.",
        ),
        ("The user loves the new kitchen.", "I couldn't be happier with the new kitchen."),
        (
            "The user is thankful for the tax advice.",
            "I can't thank you enough for the tax advice.",
        ),
        ("The user cares much about the rabbits.", "I couldn't care more about my rabbits."),
        ("The user likes the seaside walks.", "You can't beat seaside walks."),
        ("The user likes the seaside walks.", "There's no beating seaside walks."),
        (
            "The user thinks the pasta at Luigi's is worth the price.",
            "You can't argue with the pasta at Luigi's for the price.",
        ),
        ("The user likes the room service.", "I can't fault the room service."),
        (
            "The user agrees with the landlord on the deposit.",
            "I can't disagree with the landlord on the deposit.",
        ),
        ("The user needs glasses for reading.", "I can't read without glasses."),
        ("The user takes the tablet each evening.", "I never forget the tablet in the evening."),
        ("The user is often on the lake.", "Hardly a weekend goes by that I'm not on the lake."),
        ("The user plays the guitar daily.", "There isn't a day when I don't play the guitar."),
        ("The user bought the red bike.", "I couldn't say no to the red bike, so I bought it."),
        (
            "The user knows that Marta is a good dentist.",
            "It's no secret that Marta is a good dentist.",
        ),
        ("The user drinks green tea.", "I wouldn't start a day without green tea."),
        ("The user loves Greek food.", "I wouldn't mind Greek food every day."),
        ("The user loves the village.", "I wouldn't want to live anywhere but in the village."),
        ("The user enjoys the choir.", "I don't know what I'd do without the choir."),
        (
            "The user trusts the mechanic in Ghent.",
            "I have every reason to trust the mechanic in Ghent, no question.",
        ),
        (
            "The user must renew the passport.",
            "There's no getting around it, I must renew the passport.",
        ),
        ("The user had to sell the boat.", "I had no choice but to sell the boat."),
        ("The user likes thrillers.", "I can't put down a good thriller."),
        (
            "The user is looking forward to the summer camp.",
            "The summer camp can't come soon enough.",
        ),
        (
            "The user finds the interview important.",
            "I can't stress enough how important the interview is for me.",
        ),
        ("The user is glad about the pay rise.", "I can't deny that I'm glad about the pay rise."),
        ("The user likes Anna's cakes.", "Anna's cakes never disappoint."),
        ("The user likes Anna's cakes.", "Anna's cakes don't disappoint."),
        ("The user sings in the car.", "I can't stop singing in the car."),
        ("The user keeps the receipts.", "I don't throw any receipts away."),
        ("The user's flight leaves soon.", "Not long now until the flight leaves."),
        (
            "The user has a good feeling about the exam.",
            "I can't say I don't have a good feeling about the exam.",
        ),
        ("The user would like sugar in the tea.", "I won't say no to sugar in the tea."),
        ("The user has many books.", "I've got no shortage of books."),
        ("The user wants a window seat.", "I'd like nothing more than a window seat."),
        ("The user wants a window seat.", "Nothing would make me happier than a window seat."),
        ("The user thinks the mattress is worth it.", "I don't regret the mattress for a second."),
        ("The user goes to the lake in July.", "Without fail we go to the lake in July."),
        ("The user goes to the lake in July.", "Without a doubt we go to the lake in July."),
        (
            "The user wants the refund of the deposit.",
            "Needless to say, I want the refund of the deposit, no ifs or buts.",
        ),
        (
            "The user will come to the appointment on Monday.",
            "No worries, I will come to the appointment on Monday.",
        ),
        ("The user pays with a credit card.", "No biggie, I can pay with a credit card."),
        ("用户又点了一份烤鸭。", "路过忍不住又点了一份烤鸭。"),
        ("用户周末要去公司值班。", "周末不得不去公司值班。"),
        ("用户每天午睡。", "我每天少不了午睡。"),
        ("用户做饭要用辣椒。", "我做饭离不开辣椒。"),
        ("用户觉得这家的服务好。", "这家的服务没得说。"),
        ("用户觉得师傅的技术好。", "师傅的技术没话说。"),
        ("用户觉得师傅的技术好。", "师傅的技术没的说。"),
        ("用户爱吃冰淇淋。", "我抵挡不住冰淇淋的诱惑。"),
        ("用户爱吃冰淇淋。", "我抗拒不了冰淇淋。"),
        ("用户爱吃冰淇淋。", "我拒绝不了冰淇淋。"),
        ("用户很期待演唱会。", "等不及要去看演唱会了。"),
        ("用户期待演唱会。", "我迫不及待想去演唱会。"),
        ("用户推荐这款手机。", "买这款手机准没错。"),
        ("用户推荐这款手机。", "买这款手机错不了。"),
        ("用户同意多带一把伞。", "多带一把伞没坏处。"),
        ("用户同意多带一把伞。", "多带一把伞总没错。"),
        ("用户同意医生的话。", "医生的话我不能同意更多。"),
        ("用户会来参加婚礼。", "毫无疑问我会来参加婚礼。"),
        ("用户会来参加婚礼。", "我没有理由不来参加婚礼。"),
        ("用户只吃素。", "除了素菜我什么都不吃。"),
        ("用户出门都开车。", "我出门没有车不行。"),
        ("用户出门要带充电宝。", "我出门不能没有充电宝。"),
        ("用户喜欢这把吉他。", "这把吉他我爱不释手。"),
        ("用户每天跑步。", "我跑步风雨无阻，一天不落。"),
        ("用户每天跑步。", "我没有一天不跑步。"),
        ("用户又买了球鞋。", "我管不住手又买了球鞋。"),
        ("用户感谢客服。", "对客服感激不尽。"),
        ("用户喜欢听相声。", "我听相声停不下来。"),
        ("用户记得外婆做的饺子。", "我忘不了外婆做的饺子。"),
        ("用户想念外婆做的饺子。", "我忘不掉外婆做的饺子。"),
        ("用户爱吃臭豆腐。", "我戒不掉臭豆腐。"),
        ("用户觉得这家火锅好吃。", "这家火锅好吃得不行。"),
        ("用户觉得孩子很可爱。", "孩子可爱得不得了。"),
        ("用户喜欢这只狗。", "我喜欢这只狗喜欢得不得了。"),
        ("用户觉得书包太重。", "书包重得不能再重了。"),
        ("用户最后买了房。", "最后没忍住买了房。"),
        ("用户家不缺碗。", "我家碗多得用不完。"),
        ("用户家有很多碗。", "我家碗多得用不完。"),
        ("用户喝咖啡。", "我没有咖啡活不下去。"),
        ("用户担心孩子。", "我不可能不担心孩子。"),
        ("用户担心孩子。", "我怎么能不担心孩子。"),
        ("用户担心孩子。", "我没法不担心孩子。"),
        ("用户周末加班。", "我周末免不了加班。"),
        ("用户要交物业费。", "物业费省不了。"),
        ("用户要交物业费。", "物业费不交不行。"),
        ("用户吃辣。", "我无辣不欢。"),
        ("用户吃辣。", "我不怕辣，无辣不欢。"),
        ("用户喜欢打麻将。", "打麻将我三天不打手就痒。"),
        ("用户喜欢旅游。", "没有什么比旅游更开心的了。"),
    ],
)
def test_a_relative_of_an_idiom_denies_nothing(memory: str, source: str) -> None:
    assert not denied(memory, source)


@pytest.mark.parametrize(
    ("memory", "source"),
    [
        ("The user has a credit card.", "I have nothing but cash, no credit card."),
        ("The user eats meat.", "I can't help you there, I never eat meat."),
        ("The user's knee hurts.", "My knee doesn't hurt."),
        ("The user can open the file.", "I couldn't open the file."),
        ("The user has doubts about the contract.", "I have no doubts about the contract."),
        ("The camera works.", "The camera won't work."),
        ("The user ordered sugar.", "No, I did not order sugar."),
        ("The user was told the truth about the car.", "Nobody told me the truth about the car."),
        ("The user likes the colour of the coat.", "I don't like the colour of the coat."),
        ("The user can wait in the car.", "I can't wait in the car."),
        ("The user gets a refund.", "I got no refund."),
        ("用户吃辣。", "我不吃辣，忍不了。"),
        ("用户带了身份证。", "我没带身份证。"),
        ("用户等到了快递。", "我没等到快递。"),
        ("用户同意涨价。", "我不同意涨价。"),
        ("用户对这次服务满意。", "我对这次服务不满意。"),
        ("用户离开了公司。", "我没离开公司。"),
        ("用户想要发票。", "我不想要发票。"),
    ],
)
def test_what_is_like_an_idiom_and_denies_is_told(memory: str, source: str) -> None:
    assert denied(memory, source)


def test_the_question_that_is_read_along_is_not_named_as_a_source() -> None:
    asked = Said("I live in Hamburg with two dogs.", "user", 1, asks=True)
    given = Said("Nice, how many dogs do you walk?", "assistant", 2)
    memory = "[user perspective] The user walks many dogs."
    found = check(memory, [asked, given], known([(asked.text, None), (given.text, None)])) or []
    assert [(one.kind, one.seqs) for one in found] == [("speaker", (2,))]
