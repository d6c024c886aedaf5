"""The frozen table of holidays against the packages that know them: a newly proclaimed holiday turns this red.

When it does, append `regenerated(version)` to `domain/calendars/england_and_wales.json` as a new version. Never change
an old one: counts that were recorded under it must stay explainable.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import version as version_of
from importlib.resources import files
from typing import Any

import holidays
import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays  # type: ignore[import-untyped]  # ships no py.typed

from domain.working_days import england_and_wales

FIRST_YEAR, LAST_YEAR = 2008, 2040
TABLE = files("domain").joinpath("calendars", "england_and_wales.json")
GOV_UK_NAMES = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "Wedding of William and Catherine": "Royal wedding of Prince William and Catherine Middleton",
    "Diamond Jubilee of Elizabeth II": "Diamond Jubilee of Queen Elizabeth II",
    "Platinum Jubilee of Elizabeth II": "Platinum Jubilee of Queen Elizabeth II",
    "Coronation of Charles III": "Coronation of King Charles III",
}


def regenerated(version: str) -> dict[str, Any]:
    """The table that the installed packages would freeze today, as one entry of the file's `versions`."""
    return {
        "version": version,
        "source": f"holidays {version_of('holidays')}, GB/ENG; checked against GOV.UK to {proclaimed_to()}",
        "years": [FIRST_YEAR, LAST_YEAR],
        "proclaimed_to": proclaimed_to(),
        "holidays": [{"date": day.isoformat(), "name": name} for day, name in weekday_holidays()],
    }


def weekday_holidays() -> Iterator[tuple[date, str]]:
    known = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1), language="en_GB")
    return ((day, readable(name)) for day, name in sorted(known.items()) if day.weekday() < 5)


def readable(name: str) -> str:
    """One name as a panel knows it: `holidays` joins names that share a day and says 'observed'."""
    plain = name.split("; ")[0].removesuffix(" (observed)")
    substitute = " (substitute day)" if "(observed)" in name else ""
    return GOV_UK_NAMES.get(plain, plain) + substitute


def proclaimed() -> set[date]:
    """Every holiday in GOV.UK's own list, from the copy inside the package: no network."""
    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"] for holiday in known}


def proclaimed_to() -> int:
    return max(proclaimed()).year


def newest() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))["versions"][-1]
    return table


def test_the_newest_table_is_what_the_holidays_package_knows_today() -> None:
    expected = regenerated(newest()["version"])
    assert newest() | {"source": None} == expected | {"source": None}


def test_every_weekday_agrees_with_gov_uk() -> None:
    calendar, listed = england_and_wales(), proclaimed()
    first = date(min(listed).year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(proclaimed_to(), 12, 31) - first).days + 1))
    assert [day for day in days if day.weekday() < 5 and calendar.is_working_day(day) == (day in listed)] == []


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_every_year_has_its_eight_holidays_on_weekdays(year: int) -> None:
    in_year = [day for day in england_and_wales().holidays if day.year == year]
    extra = {2011: 1, 2012: 1, 2022: 2, 2023: 1}  # royal occasions
    # 2008 on: a New Year's Day on a Saturday or Sunday is taken in its own year, so no year borrows from the next.
    assert len(in_year) == 8 + extra.get(year, 0)
    assert all(day.weekday() < 5 for day in in_year)


def test_versions_stand_oldest_first_and_each_is_named_once() -> None:
    versions = [table["version"] for table in json.loads(TABLE.read_text("utf-8"))["versions"]]
    assert versions == sorted(set(versions))


def test_the_last_proclaimed_year_is_stated() -> None:
    assert england_and_wales().proclaimed_to == proclaimed_to()
