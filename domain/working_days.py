"""Working days of England and Wales, and the ways in which the misconduct regulations count a period.

Every answer is a `Count`: the last day, and each day passed over, named, so that a hearing panel can check it by hand.
A working day is "any day other than a Saturday or Sunday or a day which is a bank holiday or public holiday in England
and Wales" (SI 2004/643 reg 1; the 2012 and 2020 Regulations use the same sense). Days are London dates.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from itertools import groupby, islice
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

__all__ = [
    "LONDON",
    "MONTHS",
    "WEEKDAYS",
    "Calendar",
    "Count",
    "Counting",
    "Holiday",
    "OutsideCalendar",
    "count",
    "end_of_day",
    "england_and_wales",
    "london_date",
    "months_after",
]

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
# Not strftime: its names follow the locale of the process, and an explanation is part of the record.
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()


class OutsideCalendar(ValueError):
    """The calendar does not cover a day that was asked about: a defect of the data, not a refusal."""


class Holiday(NamedTuple):
    """A bank or public holiday on a weekday, under the name that a panel knows it by."""

    day: date
    name: str


@dataclass(frozen=True, eq=False)
class Calendar:
    """One immutable version of the holidays, day to name. Years after `proclaimed_to` project the usual eight.

    Every method raises OutsideCalendar for a day outside `first_year` to `last_year`, and ValueError for a datetime.
    """

    version: str
    holidays: Mapping[date, str]
    first_year: int
    last_year: int
    proclaimed_to: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "holidays", MappingProxyType(dict(self.holidays)))

    def why_not(self, day: date) -> str | None:
        """Why `day` is not a working day ('Saturday', 'Christmas Day'), or None when it is one."""
        # A datetime is a date to Python but equals none in the table: it would walk past Christmas unseen.
        if isinstance(day, datetime):
            raise ValueError(f"{day.isoformat()} is a moment, not a day; take its london_date first.")
        if not self.first_year <= day.year <= self.last_year:
            raise OutsideCalendar(f"Calendar {self.version} covers {self.first_year} to {self.last_year}, not {day}.")
        return WEEKDAYS[day.weekday()] if day.weekday() >= 5 else self.holidays.get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is neither a weekend day nor a holiday (SI 2004/643 reg 1)."""
        return self.why_not(day) is None

    def first_working_day_after(self, day: date) -> date:
        """The first working day later than `day`."""
        return next(self.working_days(day + DAY))

    def working_days(self, start: date, step: timedelta = DAY) -> Iterator[date]:
        """The working days from `start` on, itself included; with `step` of minus one day, backwards."""
        while True:
            if self.is_working_day(start):
                yield start
            start += step


def england_and_wales(version: str | None = None) -> Calendar:
    """The frozen calendar of that version, or the newest. Raises ValueError for a version that does not exist."""
    calendars = _calendars()
    wanted = list(calendars)[-1] if version is None else version
    if wanted not in calendars:
        raise ValueError(f"There is no calendar {wanted!r}; there are {', '.join(calendars)}.")
    return calendars[wanted]


@lru_cache
def _calendars() -> Mapping[str, Calendar]:
    """Every version in the package's own data, oldest first."""
    text = files("domain").joinpath("calendars", "england_and_wales.json").read_text("utf-8")
    return {table["version"]: _calendar(table) for table in json.loads(text)["versions"]}


def _calendar(table: dict[str, Any]) -> Calendar:
    holidays = dict(Holiday(date.fromisoformat(row["date"]), row["name"]) for row in table["holidays"])
    return Calendar(table["version"], holidays, min(table["years"]), max(table["years"]), table["proclaimed_to"])


class Counting(StrEnum):
    """The statutory ways of counting a period of N from a day D. The last day runs to its end: `end_of_day`."""

    WORKING_DAYS_AFTER = "working_days_after"
    """Code A: "before the end of N working days beginning with the first working day after" D. SI 2020/4 reg 31(1)."""
    WORKING_DAYS_BEGINNING_WITH = "working_days_beginning_with"
    """Code B: "before the end of N working days beginning with" D. SI 2017/1135 regs 3(1), 12(1). D is day 1 if it is a
    working day; if not, the next working day is (a reading: the text is silent)."""
    WORKING_DAYS_BEFORE = "working_days_before"
    """ "No less than N working days before the day" D. SI 2020/4 reg 36, in the words of the Tribunal Rules of 2015. If
    these are clear days is unsettled: `due` is the Nth working day before D, `clear_days` the one before that."""
    DAYS_AFTER = "days_after"
    """Code C: "not later than the end of the day following" D is N = 1 (SI 2020/2 regs 4, 7, 9); "28 days starting with
    the day after" and "within four weeks of" D are N = 28 (regs 29(2), 34(2)). Every day counts; no roll-forward."""
    DAYS_BEGINNING_WITH = "days_beginning_with"
    """N days of which D is the first: the last is D + N - 1. Every day counts; no roll-forward."""
    WEEKS_FROM_FIRST_WORKING_DAY_AFTER = "weeks_from_first_working_day_after"
    """ "Before the end of 4 weeks beginning with the first working day after" D. SI 2020/4 regs 11(8), 17 (place
    inferred). Only days before that one are passed over; the last day may be a weekend or a holiday, and stays."""
    MONTHS_BEGINNING_WITH = "months_beginning_with"
    """ "12 months beginning with the day" D. SI 2020/4 regs 19(2), 42(9). The last day is the day before the date that
    answers to D (4 July: 3 July); in a month without that date, its own last day. So 6 months beginning with 30 or 31
    August end with 28 February, not 27: no day is lost for want of a date, and the next period begins on 1 March."""
    MONTHS_AFTER = "months_after"
    """ "Did not exceed 12 months" from D. SI 2017/1134 reg 5. The last day is the date that answers to D (4 July: 4
    July); in a month without that date, its own last day."""


class Count(BaseModel):
    """A period as counted, in London dates; `due` is the last day, the whole of it included.

    `first_day` is day 1 (the latest day, when counting back). `schedule_on` is the day to plan for: the working day on
    or before `due` but never before the trigger, or `clear_days` where there is one. `excluded` pairs each day passed
    over (from `clear_days` on) with its reason. `projected`: the holidays of its last year are not proclaimed yet.
    """

    model_config = ConfigDict(frozen=True)

    counting: Counting
    length: int
    trigger: date
    first_day: date
    due: date
    schedule_on: date
    clear_days: date | None = None
    excluded: tuple[tuple[date, str], ...] = ()
    calendar_version: str
    projected: bool = False

    def explain(self) -> str:
        """The count in plain words for a panel member, naming every day that was passed over."""
        every_day = "" if _RULES[self.counting].unit == "working day" else self._every_day()
        return " ".join(filter(None, (self._period(), self._passed_over(), every_day, self._provenance())))

    def _period(self) -> str:
        _, unit, words = _RULES[self.counting]
        n, end = (f"1 {unit}", "ends") if self.length == 1 else (f"{self.length} {unit}s", "end")
        days = (self.first_day, self.trigger, self.due, self.clear_days or self.due)
        return words.format(*map(_long, days), n=n, end=end) + "."

    def _passed_over(self) -> str:
        years = groupby(self.excluded, key=lambda passed: passed[0].year)
        return " ".join(f"Not counted in {year}: {_listing(passed)}." for year, passed in years)

    def _every_day(self) -> str:
        plan = f" The last day is not a working day and does not move: plan for {_long(self.schedule_on)}."
        since = "From the first day on, every" if self.excluded else "Every"
        return f"{since} day counts, weekends and holidays included.{plan if self.schedule_on != self.due else ''}"

    def _provenance(self) -> str:
        projected = " It reaches a year whose holidays are projected, not yet proclaimed." if self.projected else ""
        return f"Holidays of England and Wales, table {self.calendar_version}.{projected}"


def count(calendar: Calendar, counting: Counting, length: int, trigger: date) -> Count:
    """Count `length` days, weeks or months (as `counting` says) from `trigger`, the London date that started them.

    Raises ValueError for a length outside 1 to 10,000 or a datetime, OutsideCalendar for a day that is not covered.
    """
    if not 1 <= length <= 10_000:
        raise ValueError(f"A period has a length of 1 to 10,000, not {length}.")
    calendar.why_not(trigger)  # refused when not covered, even where only the days after it are looked up
    first_day, due, walked, clear_days = _RULES[counting].measure(calendar, length, trigger)
    return Count(
        counting=counting,
        length=length,
        trigger=trigger,
        first_day=first_day,
        due=due,
        schedule_on=clear_days or _plan(calendar, trigger, due),
        clear_days=clear_days,
        excluded=tuple((day, why) for day in walked if (why := calendar.why_not(day))),
        calendar_version=calendar.version,
        projected=max(trigger, due).year > calendar.proclaimed_to,
    )


def end_of_day(day: date) -> datetime:
    """The first moment after `day` in London, in UTC: what happened earlier was done on that day or before it."""
    return datetime.combine(day + DAY, time.min, LONDON).astimezone(UTC)


def london_date(moment: datetime) -> date:
    """The date in London at that moment. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone, so it has no date in London.")
    return moment.astimezone(LONDON).date()


def months_after(day: date, months: int) -> date:
    """The day so many months after another, or the last of a month without it; of any year, holidays or not."""
    return _months_on(day, months, day.day)


class _Period(NamedTuple):
    first_day: date
    due: date
    walked: Iterable[date] = ()
    clear_days: date | None = None


class _Rule(NamedTuple):
    measure: Callable[[Calendar, int, date], _Period]
    unit: str
    words: str


def _plan(calendar: Calendar, trigger: date, due: date) -> date:
    """A referral due on Sunday, after a Saturday's discovery, has no working day to plan for: it keeps its Sunday."""
    day = next(calendar.working_days(due, step=-DAY))
    return day if day >= trigger else due


def _working_days(calendar: Calendar, length: int, start: date) -> _Period:
    counted = list(islice(calendar.working_days(start), length))
    return _Period(counted[0], counted[-1], _days(start, counted[-1]))


def _working_days_before(calendar: Calendar, length: int, trigger: date) -> _Period:
    *counted, clear_days = islice(calendar.working_days(trigger - DAY, step=-DAY), length + 1)
    return _Period(counted[0], counted[-1], _days(clear_days, trigger - DAY), clear_days)


def _weeks(calendar: Calendar, length: int, trigger: date) -> _Period:
    first = calendar.first_working_day_after(trigger)
    return _Period(first, first + timedelta(weeks=length) - DAY, _days(trigger + DAY, first - DAY))


def _months(_: Calendar, length: int, first: date) -> _Period:
    return _Period(first, _months_on(first, length, first.day - 1))


def _months_after(_: Calendar, length: int, day: date) -> _Period:
    return _Period(day + DAY, _months_on(day, length, day.day))


def _months_on(start: date, months: int, day: int) -> date:
    """That day, which may be 0, of the month so many months later, or the last of a month that is shorter."""
    years, month = divmod(start.month - 1 + months, 12)
    first = date(start.year + years, month + 1, 1)
    return min(first + timedelta(days=day - 1), (first + timedelta(days=31)).replace(day=1) - DAY)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


_AFTER = "{n} beginning with {0}, the first working day after {1}, {end} with {2}"
_BEFORE = "At least {n} before {1} means {2} at the latest; with {n} clear in between, the safer reading, it means {3}"
_BEGINNING = "{n} beginning with {0} {end} with {2}"
_FOLLOWING = "{n} beginning with {0}, the day after {1}, {end} with {2}"
_RECURRING = f"{_BEGINNING}, the day before that date comes round, or the last day of a month without it"
_ANSWERING = "{n} after {1} {end} with {2}, when that date comes round, or the last day of a month without it"
_RULES: Mapping[Counting, _Rule] = {
    Counting.WORKING_DAYS_AFTER: _Rule(lambda c, n, day: _working_days(c, n, day + DAY), "working day", _AFTER),
    Counting.WORKING_DAYS_BEGINNING_WITH: _Rule(_working_days, "working day", _BEGINNING),
    Counting.WORKING_DAYS_BEFORE: _Rule(_working_days_before, "working day", _BEFORE),
    Counting.DAYS_AFTER: _Rule(lambda _, n, day: _Period(day + DAY, day + n * DAY), "day", _FOLLOWING),
    Counting.DAYS_BEGINNING_WITH: _Rule(lambda _, n, day: _Period(day, day + (n - 1) * DAY), "day", _BEGINNING),
    Counting.WEEKS_FROM_FIRST_WORKING_DAY_AFTER: _Rule(_weeks, "week", _AFTER),
    Counting.MONTHS_BEGINNING_WITH: _Rule(_months, "month", _RECURRING),
    Counting.MONTHS_AFTER: _Rule(_months_after, "month", _ANSWERING),
}


def _listing(passed: Iterable[tuple[date, str]]) -> str:
    """Holidays one by one; weekend days in runs, which a holiday or the end of the month breaks."""
    runs = groupby(passed, key=lambda pair: (pair[0].month, pair[0].weekday() < 5 and pair[0].day))
    return "; ".join(_named(*zip(*run, strict=True)) for _, run in runs)


def _named(days: tuple[date, ...], reasons: tuple[str, ...]) -> str:
    weekends = groupby(days, key=lambda day: day.isocalendar().week)
    run = f"weekend days {', '.join('-'.join(str(day.day) for day in weekend) for _, weekend in weekends)}"
    holiday = f" ({reasons[0]})" if days[0].weekday() < 5 else ""
    return f"{' and '.join(map(_weekday, days)) if len(days) <= 2 else run} {MONTHS[days[0].month - 1]}{holiday}"


def _weekday(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day}"


def _long(day: date) -> str:
    return f"{_weekday(day)} {MONTHS[day.month - 1]} {day.year}"
