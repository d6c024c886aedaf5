"""The page of a case in the Temporal UI: what a stranger has to see first, and what must never be in it."""

from domain.summary import standing
from tests.kit import Given, ordinary, referred
from workflows.page import page
from workflows.visibility import attributes, introduction


def suspended(officers: str = "A") -> Given:
    return referred(first_known="2025-04-10", clock="live", officers=officers).when(
        "impose_restriction", at="2025-04-17", officers=list(officers)
    )


def section(told: str, title: str) -> list[str]:
    return told.partition(f"### {title}")[2].partition("\n\n")[0].splitlines()[1:]


def test_what_is_missed_comes_first_then_what_is_due_then_who() -> None:
    told = page(suspended().on("2025-06-20").case)
    places = [told.index(f"### {title}") for title in ("Overdue", "Due next", "1 officer", "May be done next")]
    assert places == sorted(places)
    assert "was due Mon 19 May 2025" in told
    assert "appropriate authority" in section(told, "Overdue")[0]


def test_it_says_what_the_introduction_says_which_a_later_run_lacks() -> None:
    case = suspended("ABC").case
    lines = page(case).split("\n\n")
    assert lines[1] == f"Complaint in {case.force}, known since 10 April 2025."
    assert lines[1].split(", ")[1].rstrip(".") in introduction(case)["static_details"]


def test_a_duty_owed_for_several_officers_is_told_once() -> None:
    late = section(page(suspended("ABC").on("2025-06-20").case), "Overdue")
    assert sum("Review the suspension" in line for line in late) <= 1
    assert any("(A, B, C)" in line for line in late)


def test_a_time_limit_for_what_someone_may_do_is_called_their_right() -> None:
    due = section(page(referred().up_to("serve_notice").case), "Due next")
    assert any("**Make representations to the investigator (A)**, officer's right" in line for line in due)


def test_what_is_owed_without_a_day_is_told_since_when_and_before_what_is_due() -> None:
    told = referred(first_known="2025-04-10", clock="live", officers="AB")
    told = told.when("impose_restriction", at="2025-04-15", officers=["A", "B"], measure="restricted_duties")
    told = told.when("lift_restriction", at="2025-04-20", officers=["B"]).on("2025-05-14")
    (row,) = section(page(told.case), "Owed as soon as practicable: 1 duty")
    assert row.startswith(
        "- owed since Wed 14 May 2025: **Look at the restriction again (force policy, not statute) (A)**"
    )
    assert page(told.case).index("### Owed as soon") < page(told.case).index("### Due next")


def test_the_oldest_of_what_is_owed_without_a_day_comes_first() -> None:
    told = referred(first_known="2025-04-10", clock="live", officers="AB")
    told = told.when("impose_restriction", at="2025-04-15", officer="B", measure="restricted_duties")
    told = told.when("impose_restriction", at="2025-04-17", officer="A")
    told = told.when("record_restriction_representations", at="2025-04-22", officer="A").on("2025-05-14")
    rows = section(page(told.case), "Owed as soon as practicable: 2 duties")
    assert [row.partition(":")[0] for row in rows] == ["- owed since Tue 22 April 2025", "- owed since Wed 14 May 2025"]
    assert "Review the suspension because of what was said against it (A)" in rows[0]


def test_words_are_plain_and_sources_come_last() -> None:
    told = page(ordinary("record_finding").case)
    assert "gross_misconduct" not in told
    facts, law = told.split("### Where these time limits stand")
    assert "PCR" not in facts
    assert "PCR" in law


def test_a_figure_from_memory_is_shown_as_unverified_where_it_is_shown() -> None:
    case = suspended().on("2025-06-20").case
    shown = [each for each in case.deadlines.values() if each.overdue or each.ticking]
    told = page(case)
    for deadline in shown:
        line = next(line for line in told.splitlines() if f"**{deadline.title}" in line)
        assert ("*unverified*" in line) == deadline.unverified


def test_neither_page_nor_attributes_nor_introduction_hold_a_person_or_free_text() -> None:
    story = suspended("AB").when("stay_proceedings", at="2025-05-01", reasons="The trial of Jane Roe.")
    introduced = introduction(story.case)
    seen = " ".join([page(story.case), str(attributes(standing(story.case))), str(introduced)])
    assert not any(officer.person in seen for officer in story.case.officers.values())
    assert "Jane Roe" not in seen


def test_a_stay_and_a_case_that_is_not_live_are_said_at_the_top() -> None:
    stayed = suspended().when("stay_proceedings", at="2025-05-01", reasons="A trial.")
    assert "stayed" in page(stayed.case).partition("###")[0]
    assert "not live" in page(referred(clock="recorded").case).partition("###")[0]


def test_a_long_list_is_cut_and_says_so() -> None:
    lines = section(page(ordinary("record_finding").case), "Due next")
    assert len(lines) <= 18


def test_a_finding_that_was_set_aside_is_said_to_be() -> None:
    found = referred().up_to("report_to_barred_list").up_to("lodge_appeal")
    assert "found: gross misconduct ·" in page(found.case)
    assert "found: gross misconduct, set aside ·" in page(found.when("decide_appeal", result="set_aside").case)
