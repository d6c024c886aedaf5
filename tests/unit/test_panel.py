"""Who may sit: by form of proceedings, seniority of the officer and day of the panel's appointment; objections."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from domain.hearing.evolve import evolve
from domain.regimes.panels import every_panel, panel_rule
from domain.regimes.ranks import every_rank, seniority_of
from domain.vocabulary import Proceedings, Regime, Seniority, SitsAs
from tests.kit import AA, OFFICER, Given, accelerated, referred

IN_2012, IN_2020, IN_2025 = "2018-01-15", "2020-07-04", "2025-05-28"
MEETING: dict[str, Any] = {"decision": "misconduct", "disposal": "meeting"}
LQC = {"chair-1": "legally_qualified_chair", "member-1": "superintendent", "member-2": "independent_member"}
CHIEF = {"chair-1": "chief_officer", "member-1": "independent_member", "member-2": "independent_member"}
AS_MADE = "as PCR 2020 reg 55(1), (2); SI 2024/521 reg 2(1) [M m]"
OF_2016, OF_2024 = (
    "SI 2015/626 reg 5; PCR 2020 reg 28 as made",
    "PCR 2020 reg 28 as amended by SI 2024/521 [M m]",
)


def ready(first_known: str = IN_2020, rank: str | None = None, **facts: Any) -> Given:
    officers = [{"officer": "A", "person": "person-a", "rank": rank}]
    return referred(first_known=first_known, officers=officers).up_to("supply_documents", decide_case_to_answer=facts)


@pytest.mark.parametrize(
    ("first_known", "on", "sits_as", "citation"),
    [
        (IN_2012, "2024-05-06", LQC, None),
        (IN_2012, "2024-05-06", CHIEF, OF_2016),
        (IN_2012, "2024-05-07", LQC, None),
        (IN_2012, "2024-05-07", CHIEF, "SI 2015/626 reg 5; SI 2024/521 reg 2(1) [M m]"),
        (IN_2020, "2024-05-06", LQC, None),
        (IN_2020, "2024-05-06", CHIEF, OF_2016),
        (IN_2020, "2024-05-07", CHIEF, None),
        (IN_2020, "2024-05-07", LQC, OF_2024),
    ],
)
def test_the_day_of_the_appointment_decides_for_hearings_under_the_regulations_that_2024_amended(
    first_known: str, on: str, sits_as: dict[str, str], citation: str | None
) -> None:
    named = ready(first_known).when("name_panel", at=on, sits_as=sits_as)
    named.refused("unlawful", citation) if citation else named.then("panel_named", sits_as=sits_as)


def test_who_conducts_a_special_case_did_not_change_in_2024() -> None:
    case = referred(first_known=IN_2012).up_to("certify_special_conditions")
    case = case.when("refer_to_proceedings", at="2024-12-16").when("supply_documents")
    for kind in ("chief_officer", "delegate"):
        named = case.when("name_panel", at="2024-12-20", members=[], adviser=None, sits_as={"chair-1": kind})
        named.then("panel_named") if kind == "chief_officer" else named.refused("unlawful", AS_MADE)


def test_a_panel_that_was_appointed_before_stays_what_it_was() -> None:
    case = ready().when("name_panel", at="2024-05-03").when("object_to_panel", person="chair-1")
    case = case.when("decide_objection", by=AA, person="chair-1")
    seats = {person: seat for person, seat in LQC.items() if person != "chair-1"} | {"chair-2": LQC["chair-1"]}
    case.when("name_panel", at="2024-05-09", chair="chair-2", sits_as=seats).then("panel_named", replaces=True)


def test_those_heard_together_have_one_kind_of_panel() -> None:
    case = referred(officers="AB").up_to("supply_documents").when("name_panel", at="2024-05-03", officer="A")
    case.when("name_panel", at="2024-05-09", officer="B", sits_as=CHIEF).refused("unlawful", OF_2016)
    case.when("name_panel", at="2024-05-09", officer="B", sits_as=LQC).then("panel_named")


@pytest.mark.parametrize("chair", ["chief_officer", "senior_officer", "former_senior_officer", "equivalent_staff"])
def test_since_2024_the_chief_officer_or_a_delegate_chairs(chair: str) -> None:
    ready().when("name_panel", at="2024-12-20", sits_as={**CHIEF, "chair-1": chair}).then("panel_named")


def test_since_2024_an_adviser_sits_by() -> None:
    ready().when("name_panel", at="2024-12-20", adviser=None).refused("unlawful", OF_2024)
    ready().when("name_panel", at="2023-05-03", adviser=None).then("panel_named", adviser=None)


def test_what_would_be_lawful_is_said() -> None:
    refused = ready().when("name_panel", at="2024-12-20", sits_as=LQC).refusal
    assert "chief officer or senior officer" in str(refused)
    assert "as members 2 independent member; with an adviser; otherwise here: the chair and the members." in str(
        refused
    )


def test_what_of_a_panel_is_otherwise_is_said() -> None:
    """Of three parts somebody who is told the whole rule again finds the one that is wrong by trying."""
    one = {person: seat for person, seat in CHIEF.items() if person != "member-2"}
    refused = ready().when("name_panel", at="2024-12-20", members=["member-1"], sits_as=one, adviser=None)
    assert "otherwise here: the members and the adviser." in str(refused.refusal)


def test_exactly_two_members_sit() -> None:
    one = {person: seat for person, seat in LQC.items() if person != "member-2"}
    ready().when("name_panel", members=["member-1"], sits_as=one).refused("unlawful", OF_2016)


@pytest.mark.parametrize(
    ("conducts", "lawful"), [("higher_rank", True), ("more_senior_staff", True), ("delegate", False)]
)
def test_a_meeting_is_conducted_by_someone_of_a_higher_rank_or_more_senior_staff(conducts: str, lawful: bool) -> None:
    named = ready(**MEETING).when("name_panel", members=[], adviser=None, sits_as={"chair-1": conducts})
    named.then("panel_named") if lawful else named.refused("unlawful", "PCR 2020 reg 28(3)")


@pytest.mark.parametrize(
    ("rank", "chair"),
    [
        ("assistant chief constable", "more_senior_officer_of_another_force"),
        ("Commander", "more_senior_officer_of_another_force"),
        ("Chief Constable", "chief_inspector_of_constabulary"),
        ("commissioner", "inspector_of_constabulary"),
        ("Deputy Commissioner", "chief_inspector_of_constabulary"),
        ("assistant commissioner", "inspector_of_constabulary"),
        ("Deputy Assistant Commissioner", "more_senior_officer_of_another_force"),
        ("Temporary Chief Constable", "chief_inspector_of_constabulary"),
        ("Temporary Assistant Chief Constable", "more_senior_officer_of_another_force"),
        ("ACC", "more_senior_officer_of_another_force"),
    ],
)
def test_a_senior_officer_is_heard_by_someone_from_outside(rank: str, chair: str) -> None:
    case = ready(rank=rank)
    case.when("name_panel", at="2024-12-20", sits_as={**CHIEF, "chair-1": chair}).then("panel_named")
    case.when("name_panel", at="2024-12-20", sits_as=CHIEF).refused("unlawful", OF_2024)


@pytest.mark.parametrize(
    ("told", "seniority"),
    [
        ("chief_constable", Seniority.CHIEF),  # as ranks were recorded once
        ("T/ACC", Seniority.SENIOR),
        ("T-DCC", Seniority.SENIOR),
        ("TACC", Seniority.SENIOR),
        ("Assistant Chief Constable (temporary)", Seniority.SENIOR),
        ("acting commander", Seniority.SENIOR),
        ("A/PS", Seniority.OTHER),
        ("Detective Chief Superintendent", Seniority.OTHER),
        ("DCI", Seniority.OTHER),
        ("special constable", Seniority.OTHER),
        ("DC", None),  # a detective constable, or the deputy commissioner
        ("air marshal", None),
        ("temporary", None),
        (None, None),
    ],
)
def test_a_rank_is_known_by_its_name_or_what_it_is_shortened_to(told: str | None, seniority: Seniority | None) -> None:
    assert seniority_of(told) is seniority


def test_no_rank_has_two_seniorities() -> None:
    named = [name for row in every_rank() for name in (*row.ranks, *row.short)]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("rank", [None, "air marshal"])
def test_no_panel_is_named_for_an_officer_whose_rank_does_not_say_who_sits(rank: str | None) -> None:
    case = ready(rank=rank)
    refused = case.when("name_panel", at="2024-12-20", sits_as=CHIEF, rank=None).refused("malformed")
    assert str(refused.refusal).startswith("rank: that of officer A ")
    named = case.when("name_panel", at="2024-12-20", sits_as=CHIEF, rank="sergeant")
    assert named.then("panel_named", rank="sergeant").officer().rank == "sergeant"


OUTSIDE = {**CHIEF, "chair-1": "more_senior_officer_of_another_force"}


@pytest.mark.parametrize(("known", "told"), [("constable", "ACC"), ("ACC", "constable"), ("sergeant", "constable")])
def test_a_rank_that_is_known_is_not_told_otherwise_with_the_panel(known: str, told: str) -> None:
    for sits_as in (CHIEF, OUTSIDE):
        refused = ready(rank=known).when("name_panel", at="2024-12-20", sits_as=sits_as, rank=told).refused("malformed")
        assert str(refused.refusal).startswith(f"rank: officer A is known as {known}: correct what told it")


@pytest.mark.parametrize("told", ["Temporary Assistant Chief Constable", "assistant chief constable"])
def test_a_rank_that_is_known_may_be_told_again(told: str) -> None:
    case = ready(rank="assistant chief constable")
    named = case.when("name_panel", at="2024-12-20", sits_as=OUTSIDE, rank=told).then("panel_named")
    assert named.officer().rank == "assistant chief constable"


def test_a_rank_told_for_several_makes_nobody_whose_rank_is_known_another() -> None:
    officers = [
        {"officer": "A", "person": "person-a", "rank": "chief constable"},
        {"officer": "B", "person": "person-b"},
    ]
    case = referred(first_known=IN_2020, officers=officers).up_to("supply_documents")
    case.when("name_panel", at="2024-12-20", sits_as=CHIEF, rank="constable").refused("malformed")
    of_b = case.when("name_panel", at="2024-12-20", sits_as=CHIEF, rank="constable", officers=["B"])
    assert {ref: of_b.then("panel_named").officer(ref).rank for ref in "AB"} == {
        "A": "chief constable",
        "B": "constable",
    }


def test_nor_does_one_that_was_recorded_so() -> None:
    """As it was taken for a day: what was told of the rank first stands."""
    case = ready(rank="chief constable").when("name_panel", at="2023-12-20", sits_as={}, rank=None)
    said = case.history[-1 - [fact.name for fact in reversed(case.history)].index("panel_named")]
    folded = evolve(case.case, said.model_copy(update={"rank": "constable"}))
    assert folded.officers["A"].rank == "chief constable"


def test_a_panel_named_before_ranks_were_asked_for_goes_on_as_it_was() -> None:
    case = ready().when("name_panel").when("list_hearing")
    unsaid = case.case.with_officer(case.officer().model_copy(update={"rank": None}))
    replace(case, case=unsaid).when("open_hearing").then("hearing_opened")


def test_a_chief_superintendent_is_no_senior_officer() -> None:
    ready(rank="chief superintendent").when("name_panel", at="2024-12-20", sits_as=CHIEF).then("panel_named")


def test_where_nothing_was_read_nothing_is_asked() -> None:
    before = referred(first_known="2014-01-15").up_to("supply_documents", supply_documents={"at": "2015-12-01"})
    before.when("name_panel", at="2015-12-31", sits_as={}).then("panel_named")
    before.when("name_panel", at="2016-01-01", sits_as={}).refused("malformed")
    ready(rank="commander").when("name_panel", sits_as={}).then("panel_named")


def test_one_row_at_most_fits_any_day() -> None:
    days = {day for row in every_panel() for day in (row.since, row.until) if day}
    for regime in Regime:
        for proceedings in Proceedings:
            for seniority in Seniority:
                for day in days:
                    fit = [
                        row
                        for row in every_panel()
                        if regime in row.regimes
                        and (row.proceedings, row.seniority) == (proceedings, seniority)
                        and (row.since or day) <= day <= (row.until or day)
                    ]
                    assert fit[:1] == [row for row in [panel_rule(regime, proceedings, seniority, day)] if row]
                    assert len(fit) <= 1


@pytest.mark.parametrize("gone", ["member-1", "member-2"])
def test_a_panel_that_lacks_a_member_does_not_begin(gone: str) -> None:
    case = ready().when("name_panel").when("object_to_panel", person=gone).when("decide_objection", person=gone)
    case = case.when("list_hearing")
    case.when("open_hearing").refused("out_of_order", OF_2016)
    members = ["member-3" if person == gone else person for person in ("member-1", "member-2")]
    case.when("name_panel", members=members).when("open_hearing").then("hearing_opened")


def test_nor_one_that_lacks_its_adviser() -> None:
    case = ready().when("name_panel", at="2024-12-20").when("object_to_panel", person="adviser-1")
    case = case.when("decide_objection", by=AA, person="adviser-1").when("list_hearing")
    case.when("open_hearing").refused("out_of_order", OF_2024)
    case.when("name_panel", adviser="adviser-2").when("open_hearing").then("hearing_opened")


def named_as_yesterday() -> Given:
    """A hearing under 2012 with the panel that another release asked for."""
    case = ready(IN_2012).when("name_panel", at="2024-12-20").when("list_hearing")
    hearing = case.hearing().model_copy(update={"sits_as": {who: SitsAs(seat) for who, seat in CHIEF.items()}})
    told = case.officer().model_copy(update={"hearing": hearing})
    return replace(case, case=case.case.with_officer(told))


def test_a_panel_is_measured_by_what_it_was_and_not_by_a_row_of_another_release() -> None:
    opened = named_as_yesterday().when("open_hearing").then("hearing_opened")
    opened.when("adjourn_hearing").when("open_hearing").then("hearing_opened")


def test_one_named_under_another_release_lacks_whom_an_objection_took() -> None:
    case = named_as_yesterday().when("object_to_panel", person="member-1").when("decide_objection", person="member-1")
    refused = case.when("open_hearing").refused("out_of_order", "SI 2015/626 reg 5; SI 2024/521 reg 2(1) [M m]")
    assert "lacks independent member." in str(refused.refusal)


def test_proceedings_that_have_begun_are_resumed_whoever_stood_down_since() -> None:
    case = ready().when("name_panel").when("list_hearing").when("open_hearing").when("adjourn_hearing")
    lacking = case.hearing().model_copy(update={"members": ("member-2",), "vacant": ("member-1",)})
    case = replace(case, case=case.case.with_officer(case.officer().model_copy(update={"hearing": lacking})))
    case.when("open_hearing").then("hearing_opened")


# --- In its time


def test_an_objection_is_made_within_three_working_days() -> None:
    case = ready().when("name_panel", at="2023-04-06")  # Maundy Thursday: until Thursday 13 April
    case.when("object_to_panel", at="2023-04-13T23:59:59").then("panel_objected")
    case.when("object_to_panel", at="2023-04-14T00:00").refused("unlawful", "PCR 2020 regs 30, 35; PCR 2012 reg 21")


def test_the_time_runs_again_for_a_replacement() -> None:
    case = ready().when("name_panel", at="2023-04-06").when("object_to_panel", at="2023-04-12")
    case = case.when("decide_objection", at="2023-04-17").when(
        "name_panel", at="2023-04-18", members=["member-3", "member-2"]
    )
    case.clock("object_to_chair/A/2", due="2023-04-21").when(
        "object_to_panel", at="2023-04-21", person="member-3"
    ).then("panel_objected")
    case.when("object_to_panel", at="2023-04-22", person="member-3").refused(
        "unlawful", "PCR 2020 regs 30, 35; PCR 2012 reg 21"
    )


def test_a_stay_stops_the_time_to_object() -> None:
    case = ready().when("name_panel", at="2023-04-06").when("stay_proceedings", at="2023-04-11")
    case.when("object_to_panel", at="2023-06-01").then("panel_objected")


def test_the_time_to_object_to_who_conducts_an_accelerated_hearing() -> None:
    case = accelerated("name_panel", at="2024-12-02")
    case.when("object_to_panel", at="2024-12-09", person="chair-1").refused("unlawful", "PCR 2020 reg 51(2C), (2K)")


@pytest.mark.parametrize("by", [OFFICER, "clerk"])
def test_nobody_objects_to_who_conducts_an_accelerated_hearing_before_7_may_2024(by: str) -> None:
    def objected(notice: str, at: str, first_known: str = "2020-07-04") -> Given:
        case = accelerated("name_panel", at=notice, first_known=first_known)
        return case.when("object_to_panel", at=at, by=by, officer="A", person="chair-1")

    objected("2024-05-01", "2024-05-06").refused("unlawful", "PCR 2020 reg 51(2C), (2K)")
    objected("2024-05-01", "2024-05-07").then("panel_objected")
    objected("2024-05-07", "2024-05-08").then("panel_objected")
    objected("2024-05-07", "2024-05-08", first_known="2019-01-02").refused("unlawful")


@pytest.mark.parametrize("sits_as", [{}, {**LQC, "stranger-1": "superintendent"}])
def test_it_is_said_of_everyone_who_sits_and_of_nobody_else_as_what(sits_as: dict[str, str]) -> None:
    ready().when("name_panel", sits_as=sits_as).refused("malformed")


WHO_CHAIRS: dict[str | None, set[str]] = {
    None: {"chief_officer", "senior_officer", "former_senior_officer", "equivalent_staff"},
    "commander": {"more_senior_officer_of_another_force"},
    "chief constable": {"chief_inspector_of_constabulary", "inspector_of_constabulary"},
}


@pytest.mark.parametrize("first_known", [IN_2020, IN_2025])
@pytest.mark.parametrize("rank", WHO_CHAIRS, ids=str)
def test_who_chairs_a_hearing_since_2024_and_nobody_else(first_known: str, rank: str | None) -> None:
    case = ready(first_known, rank)
    for kind in SitsAs:
        named = case.when("name_panel", at="2025-12-01", sits_as={**CHIEF, "chair-1": kind})
        named.then("panel_named") if kind in WHO_CHAIRS[rank] else named.refused("unlawful", OF_2024)


@pytest.mark.parametrize("rank", ["commander", "chief constable"])
def test_of_an_adviser_of_a_senior_officer_s_panel_nothing_was_read(rank: str) -> None:
    (chair, *_) = WHO_CHAIRS[rank]
    case = ready(rank=rank).when("name_panel", at="2024-12-20", adviser=None, sits_as={**CHIEF, "chair-1": chair})
    case.then("panel_named", adviser=None)
    ready(rank=rank).when("name_panel", at="2024-05-06", sits_as={}).then("panel_named")


# --- Who sits, written down a second time by hand

# regimes | proceedings | officer | appointed | chair, or who conducts it | members; `any`: not read | an adviser
SITS = """
2020 2025 | meeting | other | always | higher_rank more_senior_staff | |
2012 | meeting | other | always | higher_rank more_senior_staff | |
2012 2020 | hearing | other | 2016-01-01 to 2024-05-06 | legally_qualified_chair | superintendent independent_member |
2012 | hearing | other | since 2024-05-07 | legally_qualified_chair | superintendent independent_member |
2020 2025 | hearing | other | since 2024-05-07 | chief_officer senior_officer former_senior_officer equivalent_staff | independent_member independent_member | adviser
2020 2025 | hearing | senior | since 2024-05-07 | more_senior_officer_of_another_force | any |
2020 2025 | hearing | chief | since 2024-05-07 | chief_inspector_of_constabulary inspector_of_constabulary | any |
2012 2020 | accelerated_hearing | other | until 2024-05-06 | chief_officer assistant_commissioner chief_officer_of_another_force | |
2012 | accelerated_hearing | other | since 2024-05-07 | chief_officer assistant_commissioner chief_officer_of_another_force | |
2020 2025 | accelerated_hearing | other | since 2024-05-07 | chief_officer assistant_commissioner chief_officer_of_another_force delegate | |
"""  # noqa: E501  a row is a line
PERIODS = {
    "always": (date.min, date.max),
    "until 2024-05-06": (date.min, date(2024, 5, 6)),
    "2016-01-01 to 2024-05-06": (date(2016, 1, 1), date(2024, 5, 6)),
    "since 2024-05-07": (date(2024, 5, 7), date.max),
}
DAYS = [date(2013, 1, 2), date(2015, 12, 31), date(2016, 1, 1), date(2024, 5, 6), date(2024, 5, 7), date(2026, 1, 5)]


def sits(regime: Regime, proceedings: Proceedings, seniority: Seniority, day: date) -> list[tuple[object, ...]]:
    """What the table says: who may chair, who are the members, whether an adviser sits by."""
    lines = ([part.strip() for part in line.split("|")] for line in SITS.strip().splitlines())
    return [
        (set(chair.split()), None if members == "any" else sorted(members.split()), bool(adviser))
        for regimes, form, officer, appointed, chair, members, adviser in lines
        if regime in regimes.split() and (form, officer) == (proceedings, seniority)
        if PERIODS[appointed][0] <= day <= PERIODS[appointed][1]
    ]


@pytest.mark.parametrize(
    ("regime", "proceedings", "seniority"), list(product(Regime, Proceedings, Seniority)), ids=lambda value: str(value)
)
def test_who_sits(regime: Regime, proceedings: Proceedings, seniority: Seniority) -> None:
    for day in DAYS:
        row = panel_rule(regime, proceedings, seniority, day)
        found = row and (set(row.chair), None if row.members is None else sorted(row.members), row.adviser)
        assert ([found] if found else []) == sits(regime, proceedings, seniority, day)


def test_a_panel_without_saying_who_sits_as_what_is_told_how_to_say_it() -> None:
    refused = ready().when("name_panel", sits_as={}).refused("malformed")
    assert "as what 3 of the panel sit: it gives each id its word, as ch-1:chief_officer" in str(refused.refusal)
