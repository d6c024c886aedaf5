"""Errors: what callers branch on."""

import pytest

from domain import errors
from domain.errors import REFUSALS, ProbityError, Refused, Unavailable
from domain.messages import Refusal

CODES = {
    "malformed",
    "unknown_case",
    "duplicate_reference",
    "not_permitted",
    "conflict_of_interest",
    "wrong_stage",
    "out_of_order",
    "unlawful",
    "not_found",
    "already_done",
    "stale",
}


def test_the_codes_are_those_that_were_promised() -> None:
    assert set(REFUSALS) == CODES
    assert all(kind.code == code for code, kind in REFUSALS.items())


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_refusal_says_why_and_on_what_it_rests(code: str) -> None:
    refused = REFUSALS[code]("That may not be done.", "PCR 2020 reg 11")
    assert issubclass(REFUSALS[code], Refused) and issubclass(Refused, ProbityError)
    assert str(refused) == "That may not be done. (PCR 2020 reg 11)"
    assert Refusal.of(refused) == Refusal(code=code, sentence="That may not be done.", citation="PCR 2020 reg 11")


def test_a_refusal_carries_what_is_lawful_instead() -> None:
    refused = errors.Unlawful("That may not be done.", lawful=("review_restriction",))
    assert Refusal.of(refused).lawful == ("review_restriction",)


def test_a_refusal_of_a_later_release_can_be_read() -> None:
    told = {"code": "stale", "sentence": "It moved.", "since": 3}
    assert Refusal.model_validate(told).sentence == "It moved."


def test_a_refusal_without_a_provision_says_only_why() -> None:
    assert str(errors.NotFound("There is no officer Z.")) == "There is no officer Z."


def test_what_cannot_be_reached_is_no_refusal() -> None:
    assert not issubclass(Unavailable, Refused)
    assert Unavailable("Postgres is away.").code == "unavailable"


def test_the_tree_of_errors_in_the_docstring_is_the_tree() -> None:
    drawn = {word for line in (errors.__doc__ or "").splitlines() for word in line.split() if word in errors.__all__}
    assert drawn | {"REFUSALS"} == set(errors.__all__)
