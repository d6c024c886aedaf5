"""What a refusal cites says how it was verified: in every refusal of the domain, whether a story ends in it or not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import REFUSALS
from domain.regimes.provisions import every_provision, since, source_of
from tests.kit import BY_MEETING, Given, Refusal, accelerated, referred, refusal

DOMAIN = sorted((Path(__file__).parents[2] / "domain").rglob("*.py"))
PROVISION = re.compile(r"(PCR|PCMR|PRA|PAT Rules|SI) \d{4}")
REFUSING = {kind.__name__ for kind in REFUSALS.values()}

# What the sheet has from memory only, or read without its place: a mark is not lifted unseen.
UNVERIFIED = {
    "PCR 2020 reg 63(1A)",
    "PCR 2012 reg 41",
    "PCR 2020 Part 5",
    "PCR 2020 reg 2(4)",
    "PCR 2020 reg 23",
    "PCR 2020 reg 25",
    "PCR 2020 reg 27, of what the IOPC directed",
    "PCR 2020 reg 27(3) or 23",
    "PCR 2020 reg 36",
    "PCR 2020 reg 50(1)",
    "PAT Rules 2020 r.10",
}


def cited() -> Iterator[str]:
    """Every provision that stands in the code as a word of its own, and not in a text about it."""
    for path in DOMAIN:
        tree = ast.parse(path.read_text("utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                if PROVISION.match(node.value):
                    yield node.value


def refusals() -> Iterator[tuple[str, ast.expr]]:
    """Every citation with which the code refuses, as it is written."""
    for path in DOMAIN:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSING:
                where = [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "citation")]
                yield from ((f"{path.name}:{node.lineno}", each) for each in where)


def test_every_provision_of_the_code_is_in_the_table_and_every_one_of_the_table_in_the_code() -> None:
    assert set(cited()) == set(every_provision())


@pytest.mark.parametrize("citation", [pytest.param(node, id=place) for place, node in refusals()])
def test_no_refusal_cites_without_a_mark(citation: ast.expr) -> None:
    parts = list(ast.walk(citation))
    given = {id(each) for part in parts if isinstance(part, ast.Call) for each in part.args}
    literal = any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in given for part in parts
    )
    row = any(isinstance(part, ast.Attribute) and part.attr == "citation" for part in parts)
    assert not literal and not row, ast.unparse(citation)


def test_what_rests_on_memory_says_so() -> None:
    assert {name for name, row in every_provision().items() if row.unverified} == UNVERIFIED
    assert source_of("PAT Rules 2020 r.10") == "PAT Rules 2020 r.10 [M h]"
    assert source_of("PCR 2020 reg 2(4)") == "PCR 2020 reg 2(4) [V-frag, place inferred]"
    assert source_of("PCR 2020 reg 39") == "PCR 2020 reg 39 [V]"


def test_a_provision_that_the_table_does_not_hold_is_not_cited() -> None:
    with pytest.raises(KeyError):
        source_of("PCR 2020 reg 1")


def test_the_days_since_which_provisions_are_law_stand_in_the_data() -> None:
    told = {name: str(row.since) for name, row in every_provision().items() if row.since}
    assert told == {
        "PCR 2020 reg 63(1A)": "2024-05-07",
        "PCR 2020 Sch 1 as amended by SI 2025/558; saving reg 64(3)": "2025-05-28",
    }
    in_code = {path.parent.name for path in DOMAIN if re.search(r"\bdate\(20\d\d,", path.read_text("utf-8"))}
    assert in_code == {"regimes"}  # from when on which regulations govern
    with pytest.raises(KeyError):
        since("PCR 2020 reg 39")


def of_2012() -> Given:
    return referred(first_known="2018-01-10")


FROM_MEMORY = {
    "the window of a special case": refusal(
        lambda: accelerated("name_panel", first_known="2018-01-10"),
        "list_hearing",
        "unlawful",
        "PCR 2012 reg 44 [M h]",
        begins_on="2029-12-24",
    ),
    "a late appeal from a meeting of 2012": refusal(
        lambda: of_2012().up_to("notify_officer", **BY_MEETING),
        "lodge_appeal",
        "unlawful",
        "PCR 2012 reg 38 [M h]",
        at="2029-12-24",
    ),
    "the life of a warning of 2012": refusal(
        lambda: of_2012().up_to("conclude_hearing", **BY_MEETING),
        "impose_outcome",
        "unlawful",
        "PCR 2012 reg 35 [M h]",
        sanction="written_warning",
        months=13,
    ),
}


@pytest.mark.parametrize("case", FROM_MEMORY.values(), ids=FROM_MEMORY)
def test_a_row_from_memory_says_so_where_it_refuses(case: Refusal) -> None:
    case.holds()
