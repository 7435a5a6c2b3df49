import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.cloud.origin import REGIONS, BadAddress, check_base_url, is_loopback, origin
from tests.cloud.conftest import UNHURRIED


@pytest.mark.parametrize(
    ("given_url", "normalised"),
    [
        (REGIONS["cn"], "https://memos.memtensor.cn/api/openmem/v1"),
        (REGIONS["global"] + "/", "https://api.memt.ai/platform/api/openmem/v1"),
        (" HTTPS://API.Memt.AI:443/v1// \n", "https://api.memt.ai/v1"),
        ("https://memos.example:8443", "https://memos.example:8443"),
        ("http://localhost:8000/api/openmem/v1", "http://localhost:8000/api/openmem/v1"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.8.9.10:9", "http://127.8.9.10:9"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("https://10.0.0.7/v1", "https://10.0.0.7/v1"),
    ],
)
def test_good_addresses_are_normalised(given_url: str, normalised: str) -> None:
    assert check_base_url(given_url) == normalised
    assert check_base_url(normalised) == normalised


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("", "empty"),
        ("memos.memtensor.cn/api", "https://"),
        ("https:/memos.memtensor.cn", "https://"),
        ("ftp://memos.memtensor.cn", "https://"),
        ("file:///etc/passwd", "https://"),
        ("http://memos.memtensor.cn/api", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("http://127.1", "plain http"),
        ("http://0.0.0.0:8000", "plain http"),
        ("http://[::ffff:10.0.0.1]", "plain http"),
        ("http://2130706433", "plain http"),
        ("https://user:pa55@memos.example", "user name"),
        ("https://127.0.0.1:80@evil.example", "user name"),
        ("https://memos.example/?a=b", "? or #"),
        ("https://memos.example/#x", "? or #"),
        ("https://memos.example?", "? or #"),
        ("https://", "host"),
        ("https:///v1", "host"),
        ("https://a..b/v1", "host"),
        ("https://memos.example:0", "port"),
        ("https://memos.example:99999", "not an address"),
        ("https://memos.example:x", "not an address"),
        ("https://[::1", "not an address"),
        ("https://[fe80::1%25eth0]/", "network interface"),
        ("https://memos.example/a b", "space"),
        ("https://memos.example\\@evil.example", "backslash"),
        ("https://memos.exa\tmple/", "control"),
        ("https://mémos.example", "ASCII"),
        ("https://memos.example/a/../b", "path"),
        ("https://memos.example/a//b", "path"),
        ("https://memos.example/mpg-w2emukey0123456789abcdefghij", "API key"),
        ("https://memos.example/%2e%2e", "path"),
    ],
)
def test_bad_addresses_say_what_to_do(url: str, hint: str) -> None:
    with pytest.raises(BadAddress, match=hint.replace("?", r"\?")) as caught:
        check_base_url(url)
    assert "pa55" not in str(caught.value)


def test_the_origin_leaves_out_the_path() -> None:
    assert origin(REGIONS["cn"]) == "https://memos.memtensor.cn"
    assert origin("http://[::1]:8000/a/b") == "http://[::1]:8000"
    assert origin("https://memos.example:443") == "https://memos.example"


def test_loopback_is_this_machine_only() -> None:
    assert is_loopback("http://localhost:1/v1")
    assert is_loopback("https://[::1]")
    assert not is_loopback(REGIONS["global"])


@UNHURRIED
@given(st.text() | st.text().map("https://".__add__) | st.text("htps:/@?#[]%.1a\\ ", max_size=30))
def test_any_text_is_an_address_or_a_bad_address(url: str) -> None:
    try:
        checked = check_base_url(url)
    except BadAddress:
        return
    assert check_base_url(checked) == checked
    assert checked.startswith(origin(checked))
    assert checked.startswith("https://") or is_loopback(checked)
