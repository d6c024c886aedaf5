"""The counts of the regulations: worked examples, then the laws that hold on every day, then known traps."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.working_days import (
    Calendar,
    Count,
    Counting,
    Holiday,
    OutsideCalendar,
    count,
    end_of_day,
    england_and_wales,
    london_date,
)

CALENDAR = england_and_wales()
DAY = timedelta(days=1)
AFTER = Counting.WORKING_DAYS_AFTER
BEGINNING = Counting.WORKING_DAYS_BEGINNING_WITH
BEFORE = Counting.WORKING_DAYS_BEFORE
DAYS_AFTER = Counting.DAYS_AFTER
DAYS_BEGINNING = Counting.DAYS_BEGINNING_WITH
WEEKS = Counting.WEEKS_FROM_FIRST_WORKING_DAY_AFTER
MONTHS = Counting.MONTHS_BEGINNING_WITH
MONTHS_AFTER = Counting.MONTHS_AFTER

# Wide enough for ten years either side of today's cases, and for the longest count below without leaving the table.
triggers = st.dates(date(2010, 1, 1), date(2036, 12, 31))
lengths = st.integers(1, 120)
countings = st.sampled_from(Counting)


def days_between(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


def working(days: list[date]) -> list[date]:
    return [day for day in days if CALENDAR.is_working_day(day)]


# --- Worked examples, counted by hand

WORKED = [
    ("officer's response", AFTER, 15, "2024-12-20", "2025-01-15"),
    ("100 working days", AFTER, 100, "2024-12-20", "2025-05-19"),
    ("2012 response", AFTER, 14, "2019-09-09", "2019-09-27"),
    ("2012 hearing", AFTER, 30, "2019-09-09", "2019-10-21"),
    ("2012, 100 working days", AFTER, 100, "2019-09-09", "2020-01-30"),
    ("appeal, eve of Good Friday", AFTER, 7, "2025-04-17", "2025-04-30"),
    ("oral suspension on a Saturday", AFTER, 3, "2025-05-24", "2025-05-29"),
    ("outcome report", AFTER, 5, "2023-10-25", "2023-11-01"),
    ("barred list", BEGINNING, 5, "2023-10-25", "2023-10-31"),
    ("barred list, dismissed on a Saturday", BEGINNING, 5, "2023-10-28", "2023-11-03"),
    ("public notice", BEFORE, 5, "2023-09-18", "2023-09-11"),
    ("papers to the chair", AFTER, 10, "2025-01-15", "2025-01-29"),
    ("pre-hearing", AFTER, 15, "2025-01-29", "2025-02-19"),
    ("hearing without pre-hearing", AFTER, 30, "2025-01-29", "2025-03-12"),
    ("accelerated hearing, earliest", AFTER, 10, "2025-05-16", "2025-06-02"),
    ("accelerated hearing, latest", AFTER, 15, "2025-05-16", "2025-06-09"),
    ("review of a Friday's suspension", WEEKS, 4, "2025-05-16", "2025-06-15"),
    ("review, Friday before a bank holiday", WEEKS, 4, "2025-05-23", "2025-06-23"),
    ("referral, clear on a Friday", DAYS_AFTER, 1, "2025-05-16", "2025-05-17"),
    ("update to parties", DAYS_AFTER, 28, "2025-05-16", "2025-06-13"),
    ("complainant's review", DAYS_BEGINNING, 28, "2025-05-17", "2025-06-13"),
    ("timeliness report", MONTHS, 12, "2020-07-04", "2021-07-03"),
    ("timeliness, next", MONTHS, 6, "2021-07-04", "2022-01-03"),
    ("timeliness, next again", MONTHS, 6, "2022-01-04", "2022-07-03"),
    ("two-year final warning", MONTHS, 24, "2025-03-01", "2027-02-28"),
    ("six months from 29 August", MONTHS, 6, "2020-08-29", "2021-02-28"),
    ("six months from 30 August", MONTHS, 6, "2020-08-30", "2021-02-28"),
    ("six months from 31 August", MONTHS, 6, "2020-08-31", "2021-02-28"),
    ("six months into a leap February", MONTHS, 6, "2023-08-31", "2024-02-29"),
    ("leap February has its 29th", MONTHS, 6, "2023-08-29", "2024-02-28"),
    ("six months from the first", MONTHS, 6, "2020-09-01", "2021-02-28"),
    ("twelve months from 29 February", MONTHS, 12, "2020-02-29", "2021-02-28"),
    ("one month across the year", MONTHS, 1, "2024-12-31", "2025-01-30"),
    ("twelve months after leaving", MONTHS_AFTER, 12, "2019-07-04", "2020-07-04"),
    ("twelve months after 29 February", MONTHS_AFTER, 12, "2020-02-29", "2021-02-28"),
    ("six months after 31 August", MONTHS_AFTER, 6, "2023-08-31", "2024-02-29"),
]


@pytest.mark.parametrize(
    ("counting", "length", "trigger", "due"), [row[1:] for row in WORKED], ids=[r[0] for r in WORKED]
)
def test_worked_example(counting: Counting, length: int, trigger: str, due: str) -> None:
    assert count(CALENDAR, counting, length, date.fromisoformat(trigger)).due == date.fromisoformat(due)


def test_suspension_reviews_each_done_on_the_last_day() -> None:
    reviews = [date(2025, 4, 17)]
    for _ in range(4):
        reviews.append(count(CALENDAR, WEEKS, 4, reviews[-1]).due)
    assert reviews[1:] == [date(2025, 5, 19), date(2025, 6, 16), date(2025, 7, 14), date(2025, 8, 11)]


def test_documents_chain_when_the_officer_does_not_respond() -> None:
    response = count(CALENDAR, AFTER, 15, date(2024, 12, 20)).due
    papers = count(CALENDAR, AFTER, 10, response).due
    ends = [count(CALENDAR, AFTER, length, papers).due for length in (15, 30)]
    assert [response, papers, *ends] == [date(2025, 1, 15), date(2025, 1, 29), date(2025, 2, 19), date(2025, 3, 12)]


def test_public_notice_has_a_lenient_and_a_clear_days_reading() -> None:
    notice = count(CALENDAR, BEFORE, 5, date(2023, 9, 18))
    assert (notice.first_day, notice.due) == (date(2023, 9, 15), date(2023, 9, 11))
    assert notice.clear_days == notice.schedule_on == date(2023, 9, 8)
    assert "Friday 8 September 2023" in notice.explain()


def test_barred_list_report_falls_one_working_day_before_the_outcome_report() -> None:
    dismissed = date(2023, 10, 25)
    outcome, barred = (count(CALENDAR, counting, 5, dismissed).due for counting in (AFTER, BEGINNING))
    assert CALENDAR.first_working_day_after(barred) == outcome


@pytest.mark.parametrize(
    ("counting", "length", "trigger", "schedule_on"),
    [
        (WEEKS, 4, date(2025, 5, 16), date(2025, 6, 13)),
        (DAYS_AFTER, 1, date(2025, 5, 16), date(2025, 5, 16)),
        (DAYS_AFTER, 1, date(2025, 5, 17), date(2025, 5, 18)),  # Saturday to Sunday: no working day is left
        (AFTER, 15, date(2024, 12, 20), date(2025, 1, 15)),
    ],
)
def test_the_day_to_plan_for(counting: Counting, length: int, trigger: date, schedule_on: date) -> None:
    assert count(CALENDAR, counting, length, trigger).schedule_on == schedule_on


def test_a_count_survives_json() -> None:
    counted = count(CALENDAR, AFTER, 15, date(2024, 12, 20))
    assert Count.model_validate_json(counted.model_dump_json()) == counted


def test_a_count_cannot_be_changed() -> None:
    counted = count(CALENDAR, AFTER, 15, date(2024, 12, 20))
    with pytest.raises(ValidationError, match="frozen"):
        counted.due = date(2025, 1, 16)  # type: ignore[misc]  # the very mistake under test


# --- Explanations -------------------------------------------------------------------------------------------------


def test_explanation_reads_as_a_sentence_and_names_each_day_passed_over() -> None:
    assert count(CALENDAR, AFTER, 15, date(2024, 12, 20)).explain() == (
        "15 working days beginning with Monday 23 December 2024, the first working day after Friday 20 December 2024, "
        "end with Wednesday 15 January 2025. Not counted in 2024: Saturday 21 and Sunday 22 December; "
        "Wednesday 25 December (Christmas Day); Thursday 26 December (Boxing Day); Saturday 28 and Sunday 29 December. "
        "Not counted in 2025: Wednesday 1 January (New Year's Day); weekend days 4-5, 11-12 January. "
        f"Holidays of England and Wales, table {CALENDAR.version}."
    )


def test_explanation_of_weeks_says_that_the_last_day_stays() -> None:
    explanation = count(CALENDAR, WEEKS, 4, date(2025, 5, 16)).explain()
    assert explanation.startswith(
        "4 weeks beginning with Monday 19 May 2025, the first working day after Friday 16 May 2025, "
        "end with Sunday 15 June 2025. Not counted in 2025: Saturday 17 and Sunday 18 May. "
        "From the first day on, every day counts, weekends and holidays included. "
        "The last day is not a working day and does not move: plan for Friday 13 June 2025."
    )


def test_explanation_of_one_day_is_singular() -> None:
    explanation = count(CALENDAR, DAYS_AFTER, 1, date(2025, 5, 16)).explain()
    assert explanation.startswith(
        "1 day beginning with Saturday 17 May 2025, the day after Friday 16 May 2025, ends with Saturday 17 May 2025. "
        "Every day counts, weekends and holidays included."
    )


@pytest.mark.parametrize(("trigger", "projected"), [(date(2028, 12, 1), False), (date(2028, 12, 27), True)])
def test_explanation_says_when_holidays_are_projected(trigger: date, projected: bool) -> None:
    counted = count(CALENDAR, AFTER, 5, trigger)
    assert counted.projected is projected
    assert ("not yet proclaimed" in counted.explain()) is projected


MONTH_NAMES = "January February March April May June July August September October November December".split()


def named_days(explanation: str) -> set[date]:
    """The days that a reader finds under 'Not counted', read without the code that wrote them."""
    passages = re.findall(r"Not counted in (\d{4}): (.*?)\.(?= |$)", re.sub(r" \([^)]*\)", "", explanation))
    return {day for year, passage in passages for day in days_in(int(year), passage)}


def days_in(year: int, passage: str) -> set[date]:
    groups = re.findall(rf"([^;]*?) ({'|'.join(MONTH_NAMES)})", passage)
    numbers = ((MONTH_NAMES.index(month) + 1, re.findall(r"\d+", group)) for group, month in groups)
    return {date(year, month, int(number)) for month, found in numbers for number in found}


@given(triggers, countings, lengths)
def test_explanation_names_exactly_the_excluded_days(trigger: date, counting: Counting, length: int) -> None:
    counted = count(CALENDAR, counting, min(length, 40), trigger)
    assert named_days(counted.explain()) == {day for day, _ in counted.excluded}


@given(triggers, countings)
def test_explanation_calls_each_weekday_by_its_name(trigger: date, counting: Counting) -> None:
    explanation = count(CALENDAR, counting, 3, trigger).explain()
    named = re.findall(r"(\w+day) (\d+) (\w+) (\d{4})", explanation)
    assert named
    # strftime follows the locale, but the tests run in the C locale, where it is an independent witness.
    days = [(name, datetime.strptime(" ".join(rest), "%d %B %Y").replace(tzinfo=UTC)) for name, *rest in named]
    assert all(f"{day:%A}" == name for name, day in days)


# --- Laws that hold on every day ----------------------------------------------------------------------------------


@given(triggers, lengths)
def test_code_a_ends_on_a_working_day_and_counts_n_of_them(trigger: date, length: int) -> None:
    due = count(CALENDAR, AFTER, length, trigger).due
    assert CALENDAR.is_working_day(due)
    assert len(working(days_between(trigger + DAY, due))) == length


@given(triggers, lengths)
def test_code_b_counts_the_trigger_and_n_working_days_in_all(trigger: date, length: int) -> None:
    due = count(CALENDAR, BEGINNING, length, trigger).due
    assert CALENDAR.is_working_day(due)
    assert len(working(days_between(trigger, due))) == length


@given(triggers, lengths)
def test_counting_back_leaves_n_working_days_and_clear_days_n_between(trigger: date, length: int) -> None:
    counted = count(CALENDAR, BEFORE, length, trigger)
    assert counted.clear_days is not None
    assert len(working(days_between(counted.due, trigger - DAY))) == length
    assert len(working(days_between(counted.clear_days + DAY, trigger - DAY))) == length
    assert working([counted.due, counted.clear_days]) == [counted.due, counted.clear_days]


@given(triggers, lengths)
def test_a_day_off_counts_like_the_working_day_before_it(trigger: date, length: int) -> None:
    previous = working(days_between(trigger - DAY * 7, trigger))[-1]
    assert count(CALENDAR, AFTER, length, trigger).due == count(CALENDAR, AFTER, length, previous).due


@given(triggers, lengths)
def test_code_b_is_never_after_code_a(trigger: date, length: int) -> None:
    assert count(CALENDAR, BEGINNING, length, trigger).due <= count(CALENDAR, AFTER, length, trigger).due


@given(triggers, triggers, countings, lengths)
def test_a_later_trigger_never_ends_earlier(one: date, other: date, counting: Counting, length: int) -> None:
    length = min(length, 40)
    earlier, later = (count(CALENDAR, counting, length, trigger).due for trigger in sorted((one, other)))
    assert earlier <= later


@given(triggers, countings, st.integers(1, 40))
def test_neighbouring_triggers_never_end_in_the_wrong_order(trigger: date, counting: Counting, length: int) -> None:
    dues = [count(CALENDAR, counting, length, trigger + DAY * n).due for n in range(5)]
    assert all(earlier <= later for earlier, later in pairwise(dues))


@given(triggers, st.sampled_from([AFTER, BEGINNING, BEFORE]), lengths)
def test_every_day_is_counted_or_excluded_with_its_reason(trigger: date, counting: Counting, length: int) -> None:
    counted = count(CALENDAR, counting, length, trigger)
    spans = {
        AFTER: (trigger + DAY, counted.due),
        BEGINNING: (trigger, counted.due),
        BEFORE: (counted.clear_days or counted.due, trigger - DAY),
    }
    days = days_between(*spans[counting])
    assert list(counted.excluded) == [(day, CALENDAR.why_not(day)) for day in days if not CALENDAR.is_working_day(day)]


@given(triggers, st.integers(1, 52))
def test_weeks_pass_over_only_the_days_before_the_first_working_day(trigger: date, weeks: int) -> None:
    counted = count(CALENDAR, WEEKS, weeks, trigger)
    assert [day for day, _ in counted.excluded] == days_between(trigger + DAY, counted.first_day - DAY)
    assert len(days_between(counted.first_day, counted.due)) == 7 * weeks


@given(triggers, st.integers(1, 1000))
def test_calendar_days_pass_over_nothing(trigger: date, length: int) -> None:
    after, beginning = (count(CALENDAR, counting, length, trigger) for counting in (DAYS_AFTER, DAYS_BEGINNING))
    assert (after.excluded, beginning.excluded) == ((), ())
    assert len(days_between(trigger + DAY, after.due)) == len(days_between(trigger, beginning.due)) == length


@given(triggers, st.integers(1, 40))
def test_months_end_the_day_before_the_same_date_or_with_a_shorter_month(trigger: date, months: int) -> None:
    due = count(CALENDAR, MONTHS, months, trigger).due
    next_day = due + DAY
    assert next_day.day == trigger.day or (next_day.day == 1 and due.day < trigger.day)
    reached = trigger.year * 12 + trigger.month + months
    assert next_day.year * 12 + next_day.month - reached == (next_day.day != trigger.day)


@given(triggers, st.integers(1, 20), st.integers(1, 20))
def test_months_from_the_first_add_up(trigger: date, one: int, other: int) -> None:
    start = trigger.replace(day=1)
    half = count(CALENDAR, MONTHS, one, start).due
    assert count(CALENDAR, MONTHS, other, half + DAY).due == count(CALENDAR, MONTHS, one + other, start).due


@given(triggers, countings, st.integers(1, 40))
def test_the_day_to_plan_for_is_in_time(trigger: date, counting: Counting, length: int) -> None:
    counted = count(CALENDAR, counting, length, trigger)
    assert counted.schedule_on <= counted.due
    assert counting is BEFORE or counted.schedule_on >= trigger
    assert CALENDAR.is_working_day(counted.schedule_on) or not working(days_between(trigger, counted.due))


# --- Known bugs of calendar libraries -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 5, 8), "Early May bank holiday"),  # moved to VE Day: workalendar #381
        (date(2023, 5, 8), "Coronation of King Charles III"),  # workalendar 17 misses it
        (date(2022, 6, 2), "Spring bank holiday"),  # holidays #471, workalendar #712, date-holidays #303
        (date(2022, 6, 3), "Platinum Jubilee of Queen Elizabeth II"),
        (date(2022, 9, 19), "State Funeral of Queen Elizabeth II"),  # QuantLib #1480
        (date(2025, 4, 21), "Easter Monday"),  # holidays without subdiv misses both of these
        (date(2025, 8, 25), "Summer bank holiday"),
        (date(2021, 12, 27), "Christmas Day (substitute day)"),
        (date(2021, 12, 28), "Boxing Day (substitute day)"),
        (date(2020, 12, 28), "Boxing Day (substitute day)"),
        (date(2022, 1, 3), "New Year's Day (substitute day)"),
        (date(2012, 6, 5), "Diamond Jubilee of Queen Elizabeth II"),  # workalendar #315
        (date(2021, 12, 25), "Saturday"),
        (date(2021, 12, 26), "Sunday"),
    ],
)
def test_not_a_working_day(day: date, name: str) -> None:
    assert CALENDAR.why_not(day) == name


@pytest.mark.parametrize(
    "day",
    [
        date(2020, 5, 4),  # the Monday that 8 May 2020 replaced
        date(2022, 5, 30),  # the Monday that 2 June 2022 replaced
        date(2021, 12, 24),
        date(2025, 1, 2),  # a holiday in Scotland only
        date(2025, 3, 17),  # a holiday in Northern Ireland only
    ],
)
def test_a_working_day_here(day: date) -> None:
    assert CALENDAR.why_not(day) is None


@pytest.mark.parametrize("friday", [date(2025, 5, 16), date(2025, 5, 17), date(2025, 5, 18)])
def test_friday_saturday_and_sunday_all_start_on_monday(friday: date) -> None:
    assert CALENDAR.first_working_day_after(friday) == date(2025, 5, 19)  # numpy gives three answers for a Saturday


def test_a_holiday_proclaimed_later_moves_the_last_day_and_is_named() -> None:
    monday = Holiday(date(2025, 1, 13), "Day of mourning")
    changed = Calendar("2026-12", {**CALENDAR.holidays, monday.day: monday.name}, 2008, 2040, 2028)
    moved = count(changed, AFTER, 15, date(2024, 12, 20))
    assert (moved.due, moved.calendar_version) == (date(2025, 1, 16), "2026-12")
    assert "Monday 13 January (Day of mourning)" in moved.explain()


# --- The edges of the calendar, and misuse ------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2007, 12, 31), date(2041, 1, 1)])
def test_a_day_outside_the_calendar_is_an_error_of_one_sentence(day: date) -> None:
    with pytest.raises(OutsideCalendar, match=rf"^Calendar 2026-11 covers 2008 to 2040, not {day}\.$"):
        CALENDAR.is_working_day(day)


@pytest.mark.parametrize(
    ("counting", "length", "trigger"),
    [
        (AFTER, 5, date(2040, 12, 28)),
        (AFTER, 10_000, date(2025, 5, 16)),
        (BEFORE, 5, date(2008, 1, 4)),
        (MONTHS, 10_000, date(2025, 5, 16)),
        (DAYS_AFTER, 1, date(2007, 12, 31)),
    ],
)
def test_a_count_that_leaves_the_calendar_is_an_error(counting: Counting, length: int, trigger: date) -> None:
    with pytest.raises(OutsideCalendar):
        count(CALENDAR, counting, length, trigger)


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("length", [0, -1, 10_001, 10**12])
def test_a_length_must_be_sensible(counting: Counting, length: int) -> None:
    with pytest.raises(ValueError, match="length of 1 to 10,000"):
        count(CALENDAR, counting, length, date(2025, 5, 16))


@pytest.mark.parametrize("counting", Counting)
def test_a_moment_is_not_taken_for_a_day(counting: Counting) -> None:
    with pytest.raises(ValueError, match="take its london_date first"):
        count(CALENDAR, counting, 5, datetime(2024, 12, 25, 9, tzinfo=UTC))


def test_calendar_versions() -> None:
    assert england_and_wales() is england_and_wales("2026-11")
    with pytest.raises(ValueError, match="no calendar '1999-01'"):
        england_and_wales("1999-01")


def test_a_calendar_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CALENDAR.holidays[date(2025, 1, 13)] = "Day off"  # type: ignore[index]  # the very mistake under test


# --- The end of the day in London ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2025, 1, 15), datetime(2025, 1, 16, 0, tzinfo=UTC)),
        (date(2025, 7, 14), datetime(2025, 7, 14, 23, tzinfo=UTC)),
        (date(2025, 3, 29), datetime(2025, 3, 30, 0, tzinfo=UTC)),  # summer time begins at 01:00 on the 30th
        (date(2025, 3, 30), datetime(2025, 3, 30, 23, tzinfo=UTC)),  # a day of 23 hours
        (date(2025, 10, 25), datetime(2025, 10, 25, 23, tzinfo=UTC)),  # summer time ends at 02:00 on the 26th
        (date(2025, 10, 26), datetime(2025, 10, 27, 0, tzinfo=UTC)),  # a day of 25 hours
    ],
)
def test_end_of_day(day: date, end: datetime) -> None:
    assert end_of_day(day) == end
    assert end_of_day(day).tzinfo is UTC


@given(triggers)
def test_the_end_of_a_day_is_the_first_moment_of_the_next(day: date) -> None:
    end = end_of_day(day)
    assert london_date(end) == day + DAY
    assert london_date(end - timedelta(microseconds=1)) == day


def test_a_moment_without_a_zone_has_no_london_date() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        london_date(datetime(2025, 7, 14, 23, 30))  # noqa: DTZ001  # the very mistake under test
