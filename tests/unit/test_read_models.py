"""What BI tools read: the rows that a case has, at each point of its life."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from activities.reporting.read_models import TABLES, rows
from domain.case import fold
from tests.kit import EXAMPLES, Given, moment, ordinary, referral, referred


def one(given: Given, table: str) -> dict[str, Any]:
    (row,) = rows(given.case)[table]
    return row


def deadline(given: Given, name: str) -> dict[str, Any]:
    (row,) = [row for row in rows(given.case)["deadlines"] if row["deadline"] == name]
    return row


def test_a_case_that_was_referred_stands_in_the_register_and_nowhere_else() -> None:
    found = rows(referred(officers="AB", parties="").case)
    assert set(found) == set(TABLES)
    assert [found[table] for table in ("restrictions", "hearings", "outcomes")] == [[], [], []]
    assert found["register"] == [
        {
            "reference": "X-2020-0001",
            "force": "force-1",
            "stage": "referral",
            "clock": "recorded",
            "regime": "2020",
            "origin": "complaint",
            "referral_kind": None,
            "mode": None,
            "severity": None,
            "officers": 2,
            "officers_open": 2,
            "stayed": False,
            "restricted": False,
            "overdue": 0,
            "next_due": date(2021, 7, 3),
            "first_known": date(2020, 7, 4),
            "opened_at": moment("2020-07-06"),
            "closed_at": None,
            "illustrative": False,
        }
    ]


def test_the_register_counts_what_is_overdue_and_says_what_is_next() -> None:
    suspended = referred(parties="").when("impose_restriction", at="2020-07-07")
    assert (one(suspended, "register")["overdue"], one(suspended, "register")["next_due"]) == (0, date(2020, 7, 16))
    late = suspended.on("2020-08-10")
    assert (one(late, "register")["overdue"], one(late, "register")["next_due"]) == (1, date(2021, 7, 3))


def test_a_missed_duty_is_overdue_until_it_is_done() -> None:
    late = referred().when("impose_restriction", at="2020-07-07").on("2020-08-10")
    row = deadline(late, "suspension_review_first/A")
    assert (row["state"], row["overdue"], row["kind"], row["duty"]) == ("missed", True, "duty", "appropriate_authority")
    assert deadline(late, "suspension_reps/A")["kind"] == "right"
    assert deadline(late, "timeliness_pcr_first")["kind"] == "period"
    done = deadline(late.when("review_restriction"), "suspension_review_first/A")
    assert (done["state"], done["overdue"], done["done_at"] is None) == ("missed", False, False)


def test_a_miss_is_told_beside_the_extension_that_came_after_it() -> None:
    missed = referred().up_to("name_panel", supply_documents={"at": "2020-08-03"}).on("2020-09-07")
    row = deadline(missed.when("extend_deadline", at="2020-09-07T10:00", until="2020-10-01"), "officer_response/A")
    assert (row["state"], row["due"], row["missed_at"]) == ("extended", date(2020, 10, 1), moment("2020-08-25T00:00"))
    in_time = deadline(missed.when("extend_deadline", at="2020-08-24", until="2020-10-01"), "officer_response/A")
    assert (in_time["state"], in_time["missed_at"]) == ("extended", None)


def test_the_next_review_of_a_restriction_is_told_until_it_ends() -> None:
    suspended = referred().when("impose_restriction", at="2020-07-07")
    row = one(suspended, "restrictions")
    assert (row["person"], row["measure"], row["next_review"]) == ("person-a", "suspension", date(2020, 8, 4))
    assert not row["review_overdue"]
    late = one(suspended.on("2020-08-10"), "restrictions")
    assert (late["next_review"], late["review_overdue"]) == (date(2020, 8, 4), True)
    reviewed = one(suspended.when("review_restriction", at="2020-08-03"), "restrictions")
    assert (reviewed["next_review"], reviewed["review_overdue"]) == (date(2020, 8, 31), False)
    assert rows(suspended.when("lift_restriction").case)["restrictions"] == []


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("refer_to_proceedings", "referred"),
        ("list_hearing", "listed"),
        ("open_hearing", "opened"),
        ("adjourn_hearing", "adjourned"),
        ("conclude_hearing", "concluded"),
        ("withdraw_from_proceedings", "withdrawn"),
    ],
)
def test_a_hearing_stands_as_far_as_it_has_come(act: str, state: str) -> None:
    row = one(referred().up_to(act), "hearings")
    assert (row["state"], row["hearing"], row["proceedings"]) == (state, "H1", "hearing")
    assert (row["begins_on"] is None) == (state in ("referred", "withdrawn"))


def test_an_outcome_is_told_with_the_life_of_its_warning() -> None:
    warned = {"impose_outcome": {"sanction": "final_written_warning"}}
    told = referred().up_to("notify_officer", **warned)
    row = one(told, "outcomes")
    assert (row["sanction"], row["finding"], row["disposal"]) == (
        "final_written_warning",
        "gross_misconduct",
        "hearing",
    )
    assert row["live_until"] == told.outcome().live_until is not None
    assert one(told, "hearings")["finding"] == "gross_misconduct"
    set_aside = told.when("lodge_appeal").when("decide_appeal", result="set_aside")
    assert (one(set_aside, "outcomes")["set_aside"], one(set_aside, "outcomes")["live_until"]) == (True, None)
    assert (one(set_aside, "hearings")["state"], one(set_aside, "hearings")["finding"]) == ("concluded", None)


def test_an_officer_who_left_has_an_outcome_row() -> None:
    row = one(referred().when("record_departure", departure="retired"), "outcomes")
    assert (row["departed"], row["sanction"], row["disposal"]) == ("retired", None, None)


def test_no_officer_is_open_in_a_closed_case() -> None:
    row = one(referred().up_to("close_case"), "register")
    assert (row["stage"], row["officers"], row["officers_open"]) == ("closed", 1, 0)
    assert row["closed_at"] is not None


def texts(value: Any) -> Iterator[str]:
    """Every text in a value that reads like prose."""
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]:
        if isinstance(part, dict | list | tuple):
            yield from texts(part)
        elif isinstance(part, BaseModel):
            yield from texts(part.model_dump(mode="json"))
        elif isinstance(part, str) and " " in part:
            yield part


@pytest.mark.parametrize("last", sorted(set(EXAMPLES) - {"confirm_suspension"}))  # rests on an oral one
def test_no_free_text_is_told_and_rows_follow_from_the_events_alone(last: str) -> None:
    given = ordinary(last, about="A long story.").up_to(last)
    said = {text for act in EXAMPLES.values() for text in texts(dict(act.facts))}
    said |= set(texts(referral(about="A long story.")))
    assert len(said) > 20
    told = set(texts(list(rows(given.case).values())))
    assert not told & said
    assert told <= {text for row in rows(given.case)["deadlines"] for text in (row["title"], row["citation"])}
    assert rows(fold(given.history)) == rows(given.case)
