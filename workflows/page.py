"""The page of a case in the Temporal UI, its *Current Details*: what is wrong first, then what is due, then who.

Officers by their letter, no free text. It says nothing that the clock alone changes ("3 days late"): it is written anew
when something is recorded, not every morning. Lists, no tables: the UI shows those without space between columns.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from domain.case import lawful_next
from domain.messages import plain
from domain.state import Case, Deadline, Officer
from domain.vocabulary import Clock, Mode
from domain.working_days import WEEKDAYS, england_and_wales
from workflows.visibility import ORIGINS

__all__ = ["page"]

AT_MOST = 8  # lines of a list: what is longer is not read
LONGER = 16
FEW = 2  # roles: an act that more may give is mostly about the file, not about what comes next
MANY_ROLES = "several roles (*Queries*, `lawful_next` names them)"

CLOCKS = {Clock.RECORDED: "imported, not live: nothing is enforced", Clock.REHEARSED: "a rehearsal"}
MODES = {
    Mode.LOCAL: "investigated locally",
    Mode.DIRECTED: "investigated under the IOPC's direction",
    Mode.INDEPENDENT: "investigated by the IOPC",
    Mode.RETURNED: "returned by the IOPC to the force",
}


def page(case: Case) -> str:
    """How the case stands, to be read from the top."""
    shown = [each for each in case.deadlines.values() if each.overdue or each.owed_since or each.ticking]
    parts = (_head(case), _overdue(case), _owed(case), _due(case), _officers(case), _next(case), _law(shown))
    return "\n\n".join(part for part in parts if part)


def _head(case: Case) -> str:
    facts = [
        f"**{case.stage.value.capitalize()}**",
        plain(case.severity) if case.severity else "severity not assessed",
        case.mode and MODES.get(case.mode, f"{plain(case.mode)} investigation"),
        f"regulations of {case.regime.value}",
        CLOCKS.get(case.clock),
    ]
    # The introduction says it too, and is lost when the case goes on in another run.
    matter = f"{ORIGINS[case.origin].capitalize()} in {case.force}, known since {plain(case.first_known)}."
    lines = [" · ".join(fact for fact in facts if fact), matter]
    if case.stayed:
        lines.append("**Proceedings are stayed for criminal proceedings.**")
    if case.illustrative or any(deadline.illustrative for deadline in case.deadlines.values()):
        lines.append("*Contains illustrative facts that are not in the public record.*")
    return "\n\n".join(lines)


def _overdue(case: Case) -> str:
    rows = [f"- **{what}**: {whose}, was due {due}{flag}" for due, what, whose, flag in _together(case.overdue)]
    return _section(f"Overdue: {_many(len(case.overdue), 'duty', 'duties')}", _cut(rows, LONGER))


def _owed(case: Case) -> str:
    """What is called for with no day set, so that it is never overdue; the oldest first."""
    owed = [each for each in case.deadlines.values() if each.owed_since]
    owed.sort(key=lambda each: (each.owed_since, each.id))
    rows = [f"- owed since {since}: **{what}**, {whose}{flag}" for since, what, whose, flag in _together(owed)]
    return _section(f"Owed as soon as practicable: {_many(len(owed), 'duty', 'duties')}", _cut(rows, LONGER))


def _due(case: Case) -> str:
    ticking = [f"- {due}: **{what}**, {whose}{flag}" for due, what, whose, flag in _together(case.ticking)]
    return _section("Due next", _cut(ticking)) or "### Due next\n- no time limit runs"


def _together(deadlines: Iterable[Deadline]) -> Iterator[tuple[str, str, str, str]]:
    """Day due or owed since, what for whom, whose and how sure; the same duty for several officers is told once."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for each in deadlines:
        flag = " · *unverified*" if each.unverified else ""
        subjects = groups.setdefault((_day(each.owed_since or each.due), each.title, _whose(each), flag), [])
        subjects += [each.subject] if each.subject else []
    for (due, title, whose, flag), subjects in groups.items():
        yield due, f"{title} ({', '.join(sorted(subjects))})" if subjects else title, whose, flag


def _whose(deadline: Deadline) -> str:
    return f"{plain(deadline.duty)}'s right" if deadline.right else plain(deadline.duty)


def _officers(case: Case) -> str:
    """One line an officer; those who stand alike are told together."""
    alike: dict[str, list[str]] = {}
    for officer in case.officers.values():
        alike.setdefault(_stands(case, officer), []).append(officer.ref)
    rows = [f"- **{', '.join(refs)}**: {stands}" for stands, refs in alike.items()]
    return _section(_many(len(case.officers), "officer", "officers").capitalize(), _cut(rows, LONGER))


def _stands(case: Case, officer: Officer) -> str:
    hearing, outcome = officer.hearing, officer.outcome
    set_aside = outcome is not None and outcome.set_aside
    late = sum(deadline.subject == officer.ref for deadline in case.overdue)
    facts = [
        f"goes on in case {officer.handed_to}" if officer.handed_to else case.stage_of(officer).value,
        officer.severity and plain(officer.severity),
        officer.restriction and f"**{plain(officer.restriction.measure)}**",
        hearing and hearing.pending and _listed(officer),
        hearing and hearing.finding and f"found: {plain(hearing.finding)}{', set aside' if set_aside else ''}",
        plain(outcome.sanction) if outcome and outcome.sanction else "" if hearing else _sent_to(officer),
        plain(officer.departed),
        late and f"{late} overdue",
    ]
    return " · ".join(str(fact) for fact in facts if fact)


def _sent_to(officer: Officer) -> str:
    to = plain(officer.disposal)
    return f"to a {to}, not referred to it yet" if officer.disposal and officer.disposal.to_proceedings else to


def _listed(officer: Officer) -> str:
    hearing = officer.hearing
    if hearing is None:
        return ""
    kind = plain(hearing.proceedings)
    return f"{kind} {_day(hearing.begins_on)}" if hearing.begins_on else f"{kind} not listed"


def _next(case: Case) -> str:
    """What may be done, by who may do it: named as the Updates that *Send an Update* offers."""
    by: dict[str, list[str]] = {}
    for act in lawful_next(case, england_and_wales()):
        some = act.officers and set(act.officers) != set(case.officers)
        told = f"`{act.command}`" + (f" ({', '.join(act.officers)})" if some else "")
        who = " or ".join(map(plain, act.given_by)) if len(act.given_by) <= FEW else MANY_ROLES
        by.setdefault(who, []).append(told)
    groups = sorted(by.items(), key=lambda group: (group[0] == MANY_ROLES, -len(group[1])))
    return _section("May be done next", [f"- {who}: {', '.join(acts)}" for who, acts in groups])


def _law(shown: Iterable[Deadline]) -> str:
    """The sources last: they matter to who doubts a date, and hide the facts from who does not."""
    rows = dict.fromkeys(f"- {each.title}: {each.citation}, {each.mark.meaning}" for each in shown)
    return _section("Where these time limits stand", _cut(list(rows), LONGER))


def _section(title: str, rows: list[str]) -> str:
    return "\n".join([f"### {title}", *rows]) if rows else ""


def _cut(rows: list[str], at_most: int = AT_MOST) -> list[str]:
    more = len(rows) - at_most
    return [*rows[:at_most], f"- and {more} more: *Queries*, `deadlines`"] if more > 1 else rows


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _day(day: date | None) -> str:
    return f"{WEEKDAYS[day.weekday()][:3]} {plain(day)}" if day else ""
