"""Which tokens hold; and while their issuer is slow or away, whoever makes up tokens holds up nobody else."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, ClassVar

import pytest

from domain.errors import Unavailable
from integration import bearer
from integration.bearer import Bearer, NotAuthentic, Tokens
from tests.issuer import AUDIENCE, ISSUER, Issuer, keys, token

LONG = 4.0  # seconds, less than the issuer is waited for


class Slow(Issuer):
    """An issuer who answers when the test lets it, and may be out of order."""

    asked, may_answer, works = Event(), Event(), True
    times: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.times.append(self.path)
        self.asked.set()
        self.may_answer.wait(30)
        if self.works:
            super().do_GET()
        else:
            self.send_error(500)


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    monkeypatch.setattr(Slow, "works", True)
    Slow.asked.clear()
    Slow.may_answer.set()
    Slow.times.clear()
    with keys(Slow) as address:
        yield Tokens(address, ISSUER, AUDIENCE)
        Slow.may_answer.set()


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as others:
        yield others
        Slow.may_answer.set()


class Odd(Issuer):
    """One that answers, with something that is no keys."""

    says = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.says)


@pytest.mark.parametrize(
    "says", [b"", b"<html>Sign in</html>", b"\xff", b"[]", b"{}", b'{"keys": [7]}', b'{"keys": []}']
)
def test_an_issuer_that_shows_something_else_than_keys_is_as_one_that_is_away(
    says: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Odd, "says", says)
    with keys(Odd) as address, pytest.raises(Unavailable, match="cannot be fetched"):
        read(Tokens(address, ISSUER, AUDIENCE))


def read(tokens: Tokens, **of: Any) -> Bearer:
    return tokens.read(f"Bearer {token(**of)}")


def test_while_a_made_up_key_is_asked_for_nobody_else_waits(
    tokens: Tokens, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(tokens)
    monkeypatch.setattr(bearer, "COOLDOWN", 0)
    Slow.asked.clear()
    Slow.may_answer.clear()
    made_up: Future[Bearer] = others.submit(read, tokens, kid="made-up")
    assert Slow.asked.wait(LONG)
    assert others.submit(read, tokens).result(LONG).subject == "operator-7"
    with pytest.raises(NotAuthentic):
        others.submit(read, tokens, kid="another").result(LONG)
    assert not made_up.done() and len(Slow.times) == 2


@pytest.mark.parametrize("works", [True, False])
def test_the_issuer_is_not_asked_again_at_once(tokens: Tokens, monkeypatch: pytest.MonkeyPatch, works: bool) -> None:
    read(tokens)
    with monkeypatch.context() as soon:
        soon.setattr(bearer, "COOLDOWN", 0)
        soon.setattr(Slow, "works", works)
        with pytest.raises(NotAuthentic if works else Unavailable):
            read(tokens, kid="made-up")
    for each in range(3):
        with pytest.raises(NotAuthentic):
            read(tokens, kid=f"made-up-{each}")
    assert read(tokens).subject == "operator-7" and len(Slow.times) == 2


def test_who_comes_before_there_are_keys_waits_for_them_and_asks_once(
    tokens: Tokens, others: ThreadPoolExecutor
) -> None:
    Slow.may_answer.clear()
    early = [others.submit(read, tokens) for _ in range(4)]
    assert Slow.asked.wait(LONG) and not any(each.done() for each in early)
    Slow.may_answer.set()
    assert {each.result(LONG).subject for each in early} == {"operator-7"} and len(Slow.times) == 1


def test_an_issuer_who_is_away_is_unavailable_and_not_asked_by_everyone(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slow, "works", False)
    for _ in range(3):
        with pytest.raises(Unavailable):
            read(tokens)
    assert len(Slow.times) == 1
    monkeypatch.setattr(Slow, "works", True)
    monkeypatch.setattr(bearer, "COOLDOWN", 0)
    assert read(tokens).subject == "operator-7"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_an_access_token_says_that_it_is_one(tokens: Tokens, typ: str) -> None:
    assert read(tokens, typ=typ).subject == "operator-7"


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "", None])
def test_another_token_of_the_issuer_gives_nothing(tokens: Tokens, typ: str | None) -> None:
    with pytest.raises(NotAuthentic, match="access token"):
        read(tokens, typ=typ)


@pytest.mark.parametrize("sub", ["", "operator-7\n", "operator\n7", "Jane Roe", "a" * 65])
def test_the_subject_is_an_opaque_id(tokens: Tokens, sub: str) -> None:
    with pytest.raises(NotAuthentic, match="opaque id") as refused:
        read(tokens, sub=sub)
    assert not sub or sub not in str(refused.value)
