"""Personal values and secrets, and a text that holds them all."""

EMAIL, PHONE, CARD, KEY = (
    "li.wei@acme.cn",
    "13812345678",
    "4111 1111 1111 1111",
    "sk-4f8Kd92LmQz71XwPq0TnB3",
)
FULL = "１３９１２３４５６７８"
CANARIES = (EMAIL, "li.wei", PHONE, CARD, "4111", KEY, FULL, "hunter2")
TEXT = (
    f"Write to {EMAIL} or call {PHONE}, card {CARD}.\n键 {KEY}，手机{FULL} https://u:hunter2@x.cn/a"
)

JOINED = (
    EMAIL,
    "someone.verylongname@corporate-example-domain.com",
    PHONE,
    CARD,
    KEY,
    FULL,
    "GB82 WEST 1234 5698 7654 32",
    "anna.keller [at] sample [dot] org",
    "password is Winter2026x",
    "验证码 482913",
    "https://a.cn/?token=" + "q7Zk" * 150,
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIiwi" * 12 + ".dozjgNryP4J3jVmNHl0w5N",
)
"""Values with what tells what they are; none has three characters of `FILLING` or a mask behind each other."""

FILLING = ("的", "旅行，", " ", "\n", "夏天去海边。", " 和 ", "海" * 40, "山 " * 300)
