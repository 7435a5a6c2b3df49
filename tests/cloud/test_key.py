import copy
import io
import pickle
import traceback

import pytest
from rich.console import Console
from rich.traceback import Traceback

from memos_admin.cloud.key import ApiKey, BadKey

SECRET = "mpg-0123456789abcdefSECRET"


def test_it_is_revealed_only_on_demand() -> None:
    key = ApiKey(f"  {SECRET}\n")
    assert key.reveal() == SECRET
    shown = (
        repr(key),
        str(key),
        f"{key}",
        f"{key:>60}",
        f"{key!s}",
        "{} {!r}".format(*[key, key]),
        repr([key]),
    )
    assert not any(SECRET in text for text in shown)


def test_the_fingerprint_is_the_start_of_the_sha256() -> None:
    assert ApiKey("mpg-demo").fingerprint == "55e7e3707c655d47"
    assert ApiKey("mpg-demo").fingerprint != ApiKey("mpg-demo2").fingerprint


def test_keys_compare_by_their_text() -> None:
    assert ApiKey(SECRET) == ApiKey(SECRET)
    assert len({ApiKey(SECRET), ApiKey(SECRET), ApiKey("mpg-other")}) == 2
    assert ApiKey(SECRET) != SECRET


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(ApiKey(SECRET), protocol)


@pytest.mark.parametrize("copying", [copy.copy, copy.deepcopy])
def test_it_is_not_copied(copying: object) -> None:
    assert callable(copying)
    with pytest.raises(TypeError):
        copying(ApiKey(SECRET))


@pytest.mark.parametrize(
    "text", ["", " \n", "mpg-a b", "Token mpg-a", "mpg-\x00", "mpg-é", "mpg-a\r\nX: y", "m" * 1025]
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadKey) as caught:
        ApiKey(text)
    assert text.strip() == "" or text.strip() not in str(caught.value)


def test_a_traceback_with_local_variables_does_not_show_it() -> None:
    key = ApiKey(SECRET)

    def failing(given: ApiKey) -> None:
        raise RuntimeError("no")

    console = Console(file=io.StringIO(), width=200)
    try:
        failing(key)
    except RuntimeError as error:
        console.print(
            Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
        )
        plain = "".join(traceback.format_exception(error))
    assert isinstance(console.file, io.StringIO)
    assert "given = ApiKey(" in console.file.getvalue()
    # The source line that holds the constant is not printed here: only values could leak.
    assert SECRET not in console.file.getvalue()
    assert SECRET not in plain


def test_it_is_taken_out_of_a_text() -> None:
    key = ApiKey(SECRET)
    assert key.hidden_in(f"bad {SECRET}, {SECRET.lower()}!") == "bad [API key], [API key]!"
