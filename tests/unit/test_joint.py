"""Joint proceedings: joined and severed, one chair, one day, and all of them or none."""

from typing import Any

import pytest

from tests.kit import AA, Given, Refusal, referred, refusal

CLERK: dict[str, Any] = {"respond_to_notice": {"by": "clerk"}}


def together(act: str) -> Given:
    """Officers A and B, heard together, up to this act."""
    return referred(officers="AB").up_to(act, **CLERK)


def apart(act: str = "supply_documents") -> Given:
    """Officers A and B, referred to hearings of their own, up to this act for both."""
    case = referred(officers="AB").up_to("decide_case_to_answer")
    case = case.when("refer_to_proceedings", officer="A", hearing="H1")
    return case.when("refer_to_proceedings", officer="B", hearing="H2").up_to(act, **CLERK)


def test_officers_are_heard_together_once_their_proceedings_are_joined() -> None:
    case = apart().when("join_proceedings", officer="B").then("proceedings_joined", hearing="H1", was="H2")
    assert {case.hearing(ref).ref for ref in "AB"} == {"H1"}


def test_who_joins_is_told_anew_who_sits_and_when_it_begins() -> None:
    case = apart().when("name_panel", officer="A").when("name_panel", officer="B", chair="chair-2")
    case = case.when("list_hearing", officer="A", begins_on="2020-09-01")
    case = case.when("join_proceedings", officer="B")
    assert (case.hearing("B").sitting, case.hearing("B").begins_on) == ((), None)
    assert case.hearing("A").chair == "chair-1"
    case.when("name_panel", officer="B").then("panel_named", chair="chair-1")


def test_who_joins_before_the_same_chair_keeps_the_panel_and_its_objections() -> None:
    case = apart("name_panel").when("list_hearing", begins_on="2020-09-01").when("object_to_panel")
    case = case.when("join_proceedings", officer="A", hearing="H2")
    assert case.hearing().chair == "chair-1" and case.hearing().objections == ("member-1",)
    assert str(case.hearing().begins_on) == "2020-09-01"


def test_severed_proceedings_go_on_by_themselves() -> None:
    case = together("list_hearing").when("sever_proceedings").then("proceedings_severed", hearing="H2", was="H1")
    assert case.hearing("A").chair == "chair-1"
    case.when("open_hearing", officer="A").then("hearing_opened")


def test_the_pre_hearing_fixes_one_day_for_all() -> None:
    case = together("supply_chair_documents").when("hold_pre_hearing", begins_on="2020-10-01")
    case.then("pre_hearing_held", "pre_hearing_held")
    assert {str(case.hearing(ref).begins_on) for ref in "AB"} == {"2020-10-01"}


def test_a_chair_is_named_for_one_after_the_other() -> None:
    case = together("supply_documents").when("name_panel", officer="A").when("name_panel", officer="B")
    case.when("list_hearing").when("open_hearing").then("hearing_opened", "hearing_opened")


def test_another_chair_is_named_for_all() -> None:
    case = together("name_panel").when("object_to_panel", person="chair-1")
    case = case.when("decide_objection", officer="A", by=AA, person="chair-1")
    case.when("name_panel", officer="A", chair="chair-2").refused("unlawful", "PCR 2020 reg 25")
    case.when("name_panel", chair="chair-2").then("panel_named", "panel_named", chair="chair-2")


def test_who_died_or_was_withdrawn_holds_nobody_up() -> None:
    for act, facts in (("record_departure", {"departure": "died"}), ("withdraw_from_proceedings", {})):
        case = together("list_hearing").when(act, officer="B", **facts)
        case.when("open_hearing", officer="A").then("hearing_opened")


REFUSED = {
    "one chair": refusal(
        lambda: together("name_panel"), "name_panel", "unlawful", "PCR 2020 reg 25", officer="A", chair="chair-2"
    ),
    "one day, by the pre-hearing": refusal(
        lambda: together("list_hearing"),
        "hold_pre_hearing",
        "unlawful",
        "PCR 2020 reg 33(4)",
        officer="A",
        begins_on="2021-10-01",
    ),
    "one day, by listing": refusal(
        lambda: together("list_hearing"),
        "list_hearing",
        "unlawful",
        "PCR 2020 reg 33(4)",
        officer="B",
        begins_on="2021-10-01",
    ),
    "opened for all": refusal(
        lambda: together("list_hearing"), "open_hearing", "unlawful", "PCR 2020 reg 25", officer="A"
    ),
    "joined to what there is": refusal(apart, "join_proceedings", "not_found", officer="A", hearing="H9"),
    "joined to others": refusal(lambda: together("supply_documents"), "join_proceedings", "wrong_stage", officer="B"),
    "joined once": refusal(apart, "join_proceedings", "already_done", officer="A", hearing="H1"),
    "not to what has begun": refusal(
        lambda: apart("list_hearing").when("open_hearing", officer="B"),
        "join_proceedings",
        "wrong_stage",
        officer="A",
        hearing="H2",
    ),
    "nor once it has begun itself": refusal(
        lambda: apart("list_hearing").when("open_hearing", officer="B"),
        "join_proceedings",
        "wrong_stage",
        officer="B",
        hearing="H1",
    ),
    "not severed from nobody": refusal("supply_documents", "sever_proceedings", "wrong_stage"),
    "severed to a reference of its own": refusal(
        lambda: together("supply_documents"), "sever_proceedings", "already_done", hearing="H1"
    ),
    "not severed once it has begun": refusal(lambda: together("open_hearing"), "sever_proceedings", "wrong_stage"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


def test_a_meeting_is_not_joined_to_a_hearing() -> None:
    case = referred(officers="AB").up_to("submit_report").when("decide_case_to_answer", officer="A")
    case = case.when("decide_case_to_answer", officer="B", decision="misconduct", disposal="meeting")
    case = case.when("refer_to_proceedings", officer="A", hearing="H1")
    case = case.when("refer_to_proceedings", officer="B", hearing="H2")
    case.when("join_proceedings", officer="B").refused("wrong_stage")
    three = referred(officers="ABC").up_to("submit_report").when("decide_case_to_answer", officers=["A", "C"])
    three = three.when("decide_case_to_answer", officer="B", decision="misconduct", disposal="meeting")
    for ref in "ABC":
        three = three.when("refer_to_proceedings", officer=ref, hearing=f"H{ref}")
    three.when("join_proceedings", officer="A", hearing="HB").refused("unlawful")
