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
