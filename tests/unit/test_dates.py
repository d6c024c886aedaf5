"""When proceedings are held and how open they are: alternative dates, privacy, adjournment, listing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import AA, OFFICER, Given, Refusal, accelerated, referred, refusal

MEETING: dict[str, Any] = {
    "decide_case_to_answer": {"decision": "misconduct", "disposal": "meeting"},
    "name_panel": {"members": [], "adviser": None},
}


def arranged() -> Given:
    """The pre-hearing is arranged for Monday 14 April 2025, before Easter."""
    return referred().up_to("arrange_pre_hearing", arrange_pre_hearing={"at": "2025-03-31", "held_on": "2025-04-14"})


def listed(first_known: str, *, meeting: bool) -> Given:
    case = referred(first_known=first_known).up_to("name_panel", **(MEETING if meeting else {}))
    return case.when("list_hearing", at="2019-03-29", begins_on="2019-04-15")


def test_what_the_chair_fixed_at_the_pre_hearing_only_the_chair_changes() -> None:
    case = referred().up_to("hold_pre_hearing", hold_pre_hearing={"begins_on": "2029-06-01"})
    for by in (AA, "clerk"):
        case.when("list_hearing", by=by, begins_on="2029-12-01").refused("not_permitted", "PCR 2020 reg 33")
    assert str(case.when("list_hearing", begins_on="2029-12-03").hearing().begins_on) == "2029-12-03"


@pytest.mark.parametrize("day", ["2029-05-01", "2029-12-03"])
def test_another_day_that_the_chair_fixes_after_the_pre_hearing_is_the_limit_from_then_on(day: str) -> None:
    case = referred().up_to("hold_pre_hearing", hold_pre_hearing={"begins_on": "2029-06-01"})
    case = case.when("list_hearing", begins_on=day).clock("hearing_date_at_prehearing/A", state="withdrawn")
    case = case.clock("hearing_date_at_prehearing/A/2", due=day, state="running").no_clock("hearing_no_prehearing/A/2")
    case.when("open_hearing", at=day).clock("hearing_date_at_prehearing/A/2", state="met")


def test_without_a_pre_hearing_the_day_listed_is_no_limit_of_its_own() -> None:
    case = referred().up_to("supply_chair_documents").when("list_hearing", begins_on="2029-06-01")
    case.no_clock("hearing_date_at_prehearing/A").clock("hearing_no_prehearing/A", state="running")


@pytest.mark.parametrize("by", [AA, "clerk"])
def test_before_a_pre_hearing_and_without_one_the_authority_lists_too(by: str) -> None:
    referred().up_to("arrange_pre_hearing").when("list_hearing", by=by).then("hearing_listed")
    referred().up_to("name_panel", **MEETING).when("list_hearing", by=by).then("hearing_listed")
    accelerated("name_panel").when("list_hearing", by=by, begins_on="2020-08-17").then("hearing_listed")


@pytest.mark.parametrize("day", ["2025-04-15", "2025-04-23"])
def test_the_pre_hearing_is_postponed_to_the_day_that_the_officer_proposes(day: str) -> None:
    case = arranged().when("propose_alternative_date", proposed_for=day).then("alternative_date_proposed")
    assert str(case.hearing().pre_hearing_on) == day
    case.clock("pre_hearing_alternative/A", state="met")


@pytest.mark.parametrize(("first_known", "meeting"), [("2018-01-15", True), ("2018-01-15", False)])
def test_a_meeting_or_2012_hearing_is_postponed_too(first_known: str, meeting: bool) -> None:
    case = listed(first_known, meeting=meeting)
    case = case.when("propose_alternative_date", of="proceedings", proposed_for="2019-04-24")
    assert str(case.hearing().begins_on) == "2019-04-24"
    if not meeting:
        case.clock("public_notice_hearing/A/2", due="2019-04-15")


def test_a_meeting_is_postponed_under_2020() -> None:
    case = referred().up_to("name_panel", **MEETING).when("list_hearing", at="2023-03-30", begins_on="2023-04-05")
    case = case.when("propose_alternative_date", of="proceedings", proposed_for="2023-04-14")
    case.when("open_hearing", at="2023-04-13").refused("out_of_order")
    case.when("open_hearing", at="2023-04-14").then("hearing_opened")


@pytest.mark.parametrize(("held", "restricted"), [("private", False), ("public", True), ("partly_private", True)])
def test_the_chair_directs_how_open_the_hearing_is(held: str, restricted: bool) -> None:
    case = referred().up_to("name_panel").when("direct_privacy", held=held, reporting_restricted=restricted)
    case.then("privacy_directed", held=held, reporting_restricted=restricted)
    assert (case.hearing().held, case.hearing().reporting_restricted) == (held, restricted)


def test_it_may_be_directed_in_session_and_undone() -> None:
    case = referred().up_to("open_hearing").when("direct_privacy", held="private")
    assert case.when("direct_privacy", held="public").hearing().held == "public"


def test_a_direction_is_told() -> None:
    case = referred().up_to("name_panel").when("direct_privacy", reporting_restricted=True)
    (told,) = (fact.tell() for fact in case.facts if fact.name == "privacy_directed")
    assert told == "Officer A: hearing to be held: partly private. A witness is a child Reporting is restricted."


REQUIRED: dict[str, Any] = {"held": "public", "notice_required": True, "reasons": "The public should know"}
WITHHELD: dict[str, Any] = {"notice_withheld": True, "representations_considered": True}


def test_no_notice_is_owed_that_the_chair_withheld() -> None:
    case = referred().up_to("list_hearing", list_hearing={"begins_on": "2020-09-01"}).when("direct_privacy", **WITHHELD)
    case.clock("public_notice_hearing/A", state="withdrawn")
    case.when("publish_hearing_notice").refused("unlawful", "PCR 2020 reg 36")


def test_nor_of_an_accelerated_hearing() -> None:
    case = accelerated("name_panel").no_clock("amh_public_notice/A").when("direct_privacy", **REQUIRED)
    case = case.clock("amh_public_notice/A", state="due").when("direct_privacy", **WITHHELD)
    case.clock("amh_public_notice/A", state="withdrawn")


def test_the_notice_of_an_accelerated_hearing_is_owed_once_its_chair_requires_it() -> None:
    case = accelerated("list_hearing").no_clock("amh_public_notice/A").when("direct_privacy", **REQUIRED)
    case.then("privacy_directed", notice_required=True, held="public").clock("amh_public_notice/A", state="due")
    (told,) = (fact.tell() for fact in case.facts if fact.name == "privacy_directed")
    assert "Its notice is to be published." in told
    again = case.when("direct_privacy", **REQUIRED).no_clock("amh_public_notice/A/2")
    again.when("publish_hearing_notice").clock("amh_public_notice/A", state="met")


@pytest.mark.parametrize(
    ("so_far", "facts"),
    [
        (lambda: referred().up_to("name_panel"), {}),
        (lambda: accelerated("name_panel", first_known="2019-01-02"), {}),
        (lambda: accelerated("name_panel"), {"notice_withheld": True, "representations_considered": True}),
    ],
)
def test_no_notice_is_required_that_is_owed_anyway_that_2012_does_not_know_or_that_is_withheld(
    so_far: Callable[[], Given], facts: dict[str, Any]
) -> None:
    so_far().when("direct_privacy", **REQUIRED, **facts).refused("malformed")


def test_a_hearing_is_adjourned_to_a_day() -> None:
    case = referred().up_to("open_hearing").when("adjourn_hearing", at="2020-09-01", until="2020-09-15")
    case.then("hearing_adjourned", solely_for_attendance=False)


def test_it_is_adjourned_for_a_witness_only_in_exceptional_circumstances() -> None:
    case = referred().up_to("open_hearing")
    case.when("adjourn_hearing", solely_for_attendance=True).refused("unlawful", "PCR 2020 reg 41(3), (4)")
    case.when("adjourn_hearing", solely_for_attendance=True, exceptional_circumstances="An only witness is ill").then(
        "hearing_adjourned"
    )
    before = referred(first_known="2019-01-02").up_to("open_hearing")
    before.when("adjourn_hearing", solely_for_attendance=True).then("hearing_adjourned")


REFUSED = {
    "not beyond five working days": refusal(
        arranged, "propose_alternative_date", "unlawful", "PCR 2020 reg 33(2)-(4)", proposed_for="2025-04-24"
    ),
    "nor the day itself": refusal(
        arranged, "propose_alternative_date", "unlawful", "PCR 2020 reg 33(2)-(4)", proposed_for="2025-04-14"
    ),
    "no second time": refusal(
        lambda: arranged().when("propose_alternative_date", proposed_for="2025-04-15"),
        "propose_alternative_date",
        "unlawful",
        proposed_for="2025-04-16",
    ),
    "no day, no other day": refusal(
        "supply_chair_documents", "propose_alternative_date", "out_of_order", "PCR 2020 reg 33(2)-(4)"
    ),
    "nor for what has none": refusal(
        arranged, "propose_alternative_date", "not_found", of="proceedings", proposed_for="2025-04-16"
    ),
    "the chair fixes the day of a 2020 hearing": refusal(
        lambda: referred().up_to("list_hearing", list_hearing={"begins_on": "2025-04-14"}),
        "propose_alternative_date",
        "unlawful",
        of="proceedings",
        proposed_for="2025-04-15",
    ),
    "and of any where several are heard": refusal(
        lambda: referred(officers="AB").up_to(
            "arrange_pre_hearing",
            respond_to_notice={"by": "clerk"},
            arrange_pre_hearing={"at": "2025-03-31", "held_on": "2025-04-14"},
        ),
        "propose_alternative_date",
        "unlawful",
        "PCR 2020 regs 33(4), 34(8)",
        by=OFFICER,
        proposed_for="2025-04-15",
    ),
    "a pre-hearing is not arranged for the past": refusal(
        "supply_chair_documents", "arrange_pre_hearing", "malformed", at="2020-07-10", held_on="2020-07-09"
    ),
    "nor once it was held": refusal("hold_pre_hearing", "arrange_pre_hearing", "already_done"),
    "nor before the chair has the documents": refusal(
        "name_panel", "arrange_pre_hearing", "out_of_order", "PCR 2020 reg 33(1)(a), (10)"
    ),
    "a meeting has no pre-hearing": refusal(
        lambda: referred().up_to("supply_chair_documents", **MEETING),
        "arrange_pre_hearing",
        "unlawful",
        "PCR 2020 reg 39",
    ),
    "nor has an accelerated hearing": refusal(
        lambda: accelerated("supply_chair_documents"), "arrange_pre_hearing", "unlawful", "PCR 2020 Part 5"
    ),
    "nor had 2012": refusal(
        lambda: referred(first_known="2019-01-02").up_to("supply_chair_documents"), "arrange_pre_hearing", "unlawful"
    ),
    "a meeting is private in any case": refusal(
        lambda: referred().up_to("name_panel", **MEETING), "direct_privacy", "unlawful", "PCR 2020 reg 39"
    ),
    "nothing to direct": refusal("name_panel", "direct_privacy", "malformed", held="public"),
    "nobody to direct": refusal(
        "supply_documents", "direct_privacy", "out_of_order", "PCR 2020 regs 30, 35; PCR 2012 reg 21"
    ),
    "no notice is withheld unheard": refusal(
        "name_panel", "direct_privacy", "unlawful", "PCR 2020 reg 36(3), (5)", notice_withheld=True
    ),
    "not adjourned to the past": refusal(
        "open_hearing", "adjourn_hearing", "malformed", at="2020-09-01", until="2020-08-31"
    ),
    "what the IOPC directed is not withdrawn": refusal(
        lambda: referred().up_to("name_panel", decide_case_to_answer={"directed": True}),
        "withdraw_from_proceedings",
        "unlawful",
        "PCR 2020 reg 27, of what the IOPC directed [M h]",
    ),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


REG_29 = "PCR 2020 reg 29(5)-(7)"


def asked() -> Given:
    """The chair has the documents on 20 July 2020, so the hearing begins by 1 September; the officer asks for more."""
    case = referred().up_to("supply_chair_documents", supply_chair_documents={"at": "2020-07-20"})
    case = case.clock("hearing_no_prehearing/A", due="2020-09-01")
    return case.when("apply_for_later_date", by=OFFICER).then("later_date_asked")


def test_a_party_may_apply_for_a_later_hearing_and_the_limit_moves_with_the_day_that_is_granted() -> None:
    case = asked().when("decide_later_date", granted=True, begins_on="2020-10-05").then("later_date_decided")
    case = case.clock("hearing_no_prehearing/A", due="2020-10-05", state="extended")
    case = case.clock("public_notice_hearing/A", state="running")
    case.when("open_hearing", at="2020-10-05").then("hearing_opened")
    assert case.on("2020-10-06").deadline("hearing_no_prehearing/A").overdue


def test_a_refused_application_changes_nothing() -> None:
    case = asked().when("decide_later_date").then("later_date_decided", granted=False)
    case.clock("hearing_no_prehearing/A", due="2020-09-01", state="running")
    case.when("apply_for_later_date").then("later_date_asked")


LATER = {
    "one application at a time": refusal(asked, "apply_for_later_date", "already_done"),
    "no decision without one": refusal("supply_chair_documents", "decide_later_date", "out_of_order", REG_29),
    "none where the chair fixed the day at a pre-hearing": refusal(
        "hold_pre_hearing", "apply_for_later_date", "out_of_order", REG_29
    ),
    "none before the limit runs": refusal("name_panel", "apply_for_later_date", "out_of_order", REG_29),
    "none under 2012": refusal(
        lambda: referred(first_known="2019-01-02").up_to("supply_chair_documents"),
        "apply_for_later_date",
        "out_of_order",
    ),
    "a grant names the day": refusal(asked, "decide_later_date", "malformed", granted=True),
    "which is later than the limit": refusal(
        asked, "decide_later_date", "malformed", granted=True, begins_on="2020-09-01"
    ),
    "a refusal names none": refusal(asked, "decide_later_date", "malformed", begins_on="2020-10-05"),
}


@pytest.mark.parametrize("law", LATER.values(), ids=LATER)
def test_a_later_date_is_refused(law: Refusal) -> None:
    law.holds()
