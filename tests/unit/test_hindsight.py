"""A case looked at from another day: as at a date, and as known on a date."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.case import fold
from domain.errors import Malformed, NotFound
from domain.hindsight import TODAY, View, as_at, last_moment
from domain.messages import Recorded
from domain.state import Case
from tests.kit import Given, moment, ordinary, recorded, referred

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def told(case: Given, *late: int, by: str = "") -> list[Recorded]:
    """The record of a case, every event told when it happened but those at these versions, which were told late."""
    at, held = case.case.opened_at, []
    for version, event in enumerate(case.history, 1):
        at = max(at, moment(by) if version in late else event.occurred_at)
        held.append(recorded(event, version).model_copy(update={"recorded_at": at}))
    return held


def at_end_of(day: str) -> datetime:
    return last_moment(moment(f"{day}T12:00"))


def bare(case: Case | None) -> Case | None:
    return case and case.model_copy(update={"version": 0})


SUSPENDED = referred(first_known="2020-06-22").when("impose_restriction", at="2020-06-22T09:00")
REVIEW = "suspension_review_first/A"


def test_a_limit_that_was_missed_later_still_runs_on_its_last_day() -> None:
    events = told(SUSPENDED.on("2020-12-01"))
    due = SUSPENDED.deadline(REVIEW).due
    assert due is not None
    on_the_day = View(as_at=at_end_of(str(due))).case(events).deadlines[REVIEW]
    assert (on_the_day.state, on_the_day.overdue) == ("running", False)
    the_day_after = View(as_at=at_end_of(str(due + DAY))).case(events).deadlines[REVIEW]
    assert (the_day_after.state, the_day_after.overdue) == ("missed", True)


def test_what_was_told_late_had_happened_but_was_not_known() -> None:
    missed = SUSPENDED.on("2020-12-01")
    case = missed.when("review_restriction", at="2020-07-10", officer="A")
    events = told(case, *range(len(missed.history) + 1, len(case.history) + 1), by="2020-12-01")
    august = at_end_of("2020-08-31")
    assert View(as_at=august).case(events).deadlines[REVIEW].state == "met"
    assert View(as_known=august).case(events).deadlines[REVIEW].state == "missed"
    assert View(as_at=at_end_of("2020-07-12"), as_known=august).case(events).deadlines[REVIEW].state == "running"
    assert View(as_at=at_end_of("2020-07-12"), as_known=NOW).case(events).deadlines[REVIEW].state == "met"


def test_what_was_corrected_had_not_happened_but_was_in_the_record() -> None:
    mistaken = referred().up_to("assess_severity", assess_severity={"severity": "misconduct"})
    case = mistaken.when("correct_record", at=mistaken.clock_at + 30 * DAY)
    events, before = told(case), mistaken.clock_at + DAY
    assert View(as_at=before).case(events).officers["A"].severity is None
    assert View(as_known=before).case(events).officers["A"].severity == "misconduct"
    assert View(as_at=before, as_known=before).case(events).officers["A"].severity == "misconduct"


def test_an_act_dated_before_the_officer_was_added_waits_for_the_officer() -> None:
    added = referred().when("add_officer", officer="C", person="person-c")
    case = added.when("impose_restriction", at=added.clock_at - timedelta(seconds=30), officers=["C"])
    assert case.refusal is None
    then = as_at(case.history, added.clock_at - timedelta(seconds=10))
    assert then is not None and "C" not in then.officers
    assert as_at(case.history, case.clock_at) == case.case


@pytest.mark.parametrize("act", ["close_case", "decide_appeal", "review_restriction"])
def test_told_as_it_happens_a_case_stood_then_as_it_was_folded_then(act: str) -> None:
    case = ordinary(act).up_to(act)
    events = told(case)
    moments = sorted({event.recorded_at for event in events})
    assert len(moments) > 2
    for at in moments:
        then = fold([each.event() for each in events if each.recorded_at <= at])
        assert bare(as_at(case.history, at)) == bare(then)
        assert View(as_known=at).case(events) == then


def test_now_is_today_s_view() -> None:
    case = referred().up_to("close_case")
    events = told(case)
    for view in (TODAY, View(as_at=NOW), View(as_known=NOW), View(as_at=NOW, as_known=NOW)):
        assert view.case(events) == case.case
        assert view.happened(events) == events


def test_before_there_was_a_case_there_is_nothing_to_see() -> None:
    events = told(SUSPENDED, *range(1, 99), by="2020-12-01")  # imported: known long after it happened
    with pytest.raises(NotFound, match=r"^Case [A-Z0-9-]+ had not been referred yet by the end of 1 January 2020\.$"):
        View(as_at=at_end_of("2020-01-01")).case(events)
    with pytest.raises(NotFound, match=r"^The record held no case [A-Z0-9-]+ yet by the end of 1 July 2020\.$"):
        View(as_known=at_end_of("2020-07-01")).case(events)
    with pytest.raises(NotFound, match=r"by the end of 1 January 2020, so far as the record held by the end of 1 Dec"):
        View(as_at=at_end_of("2020-01-01"), as_known=at_end_of("2020-12-01")).case(events)


def test_today_may_be_asked_for_and_tomorrow_not() -> None:
    View(as_at=last_moment(NOW), as_known=NOW).check(NOW)
    with pytest.raises(Malformed, match="as_known: 24 November 2026 has not come yet"):
        View(as_known=NOW + DAY).check(NOW)


def test_a_view_says_what_it_is() -> None:
    assert View(as_at=at_end_of("2020-03-31")).tell().startswith("As at the end of 31 March 2020: what had happened")
    assert View(as_known=moment("2020-03-31T09:30")).tell().startswith("As known at 31 March 2020 09:30: what the")
    both = View(as_at=at_end_of("2020-03-31"), as_known=at_end_of("2021-01-02")).tell()
    assert both.startswith("As at the end of 31 March 2020, as known at the end of 2 January 2021: ")
