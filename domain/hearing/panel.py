"""Who sits: the panel that is named, objections to it, and what an objection that is upheld leaves of it.

Which panel is lawful stands in `domain/regimes/panels.toml`. The day decides on which a panel was first named for those
who are heard together, not the day on which the matter was known; what 2024 changed it changed in the 2020 Regulations.
"""

from datetime import date

from domain.errors import AlreadyDone, Malformed, NotFound, Unlawful
from domain.hearing.acts import DecideObjection, HearingAct, NamePanel, ObjectToPanel
from domain.hearing.facts import ObjectionDecided, PanelNamed, PanelObjected
from domain.messages import plain
from domain.regimes import time_limit
from domain.regimes.panels import PanelRule, panel_rule
from domain.regimes.ranks import same_rank, seniority_of
from domain.separation import apart
from domain.state import Case, DeadlineState, Hearing, Officer
from domain.vocabulary import Proceedings, Regime, Role, Seniority, SitsAs
from domain.working_days import london_date

__all__ = ["PanelEvent", "check_panel", "incomplete", "seated"]


PanelEvent = PanelNamed | PanelObjected | ObjectionDecided


def check_panel(case: Case, officer: Officer, hearing: Hearing, command: HearingAct) -> None:
    """Refuse a panel that may not sit, and an objection that may not be made or decided so."""
    match command:
        case NamePanel():
            _check_named(case, officer, hearing, command)
        case ObjectToPanel():
            _check_new_objection(case, officer, hearing, command)
        case DecideObjection():
            _check_objection(hearing, command)


def seated(hearing: Hearing, event: PanelEvent) -> dict[str, object]:
    """Who sits after a fact about the panel."""
    match event:
        case PanelNamed():
            return _named(hearing, event)
        case PanelObjected():
            return {"objections": (*hearing.objections, event.person)}
        case ObjectionDecided():
            return _after_objection(hearing, event)


def _named(hearing: Hearing, event: PanelNamed) -> dict[str, object]:
    sitting = {event.chair, *event.members, event.adviser}
    return {
        **event.model_dump(include={"chair", "members", "adviser", "sits_as"}),
        "panel_since": hearing.panel_since or london_date(event.occurred_at),
        "vacant": (),
        "objections": tuple(person for person in hearing.objections if person in sitting),
    }


def _check_named(case: Case, officer: Officer, hearing: Hearing, command: NamePanel) -> None:
    """No conflict of interest, and a panel that is lawful for these proceedings on that day."""
    seated = [command.chair, *command.members]
    sitting = [*seated, *([command.adviser] if command.adviser else [])]
    if len(set(sitting)) < len(sitting):
        raise Malformed("members: someone is named twice.")
    barred = {officer.person for officer in case.officers.values()} | {case.investigator, *case.parties}
    if barred & set(sitting):
        raise apart("involved_sits")
    if set(hearing.stood_down) & set(sitting):
        raise apart("stood_down_sits")
    if set(command.sits_as) - set(seated):
        raise Malformed("sits_as: names someone who does not sit.")
    rules = _rules(case, officer, hearing, london_date(command.occurred_at))
    if rule := _check_rank(officer, command, rules):
        _check_lawful(hearing, command, rule)
    _check_certifier(case, officer, command)


def _rules(case: Case, officer: Officer, hearing: Hearing, on: date) -> dict[Seniority, PanelRule]:
    """Who may sit, by the officer's seniority and the day on which a panel was first named for those heard together, or
    `on` if none was yet."""
    heard = [other.hearing for other in case.officers.values() if other.hearing and other.hearing.ref == hearing.ref]
    appointed = min((each.panel_since for each in heard if each.panel_since), default=on)
    regime = case.regime_of(officer.ref)
    rules = {seniority: panel_rule(regime, hearing.proceedings, seniority, appointed) for seniority in Seniority}
    return {seniority: rule for seniority, rule in rules.items() if rule}


def _check_rank(officer: Officer, command: NamePanel, rules: dict[Seniority, PanelRule]) -> PanelRule | None:
    """The rule that goes with the officer's rank, which has to be known where it decides: no panel is taken for that of
    an officer of whom it was not said. One that is known is not told otherwise here: the act may name several officers.
    """
    known = seniority_of(officer.rank)
    if command.rank and officer.rank and known and not same_rank(command.rank, officer.rank):
        how = "correct what told it (`correct_record`), or name with it those alone whose rank is not known"
        raise Malformed(f"rank: officer {officer.ref} is known as {officer.rank}: {how}.")
    rank = officer.rank if known else command.rank or officer.rank
    seniority = seniority_of(rank)
    if rules and seniority is None:
        lacks = "is none from which it follows" if rank else "was not told, and by it goes"
        raise Malformed(f"rank: that of officer {officer.ref} {lacks} who sits: tell it with this act, as `sergeant`.")
    return rules.get(seniority) if seniority else None


def _check_lawful(hearing: Hearing, command: NamePanel, rule: PanelRule) -> None:
    if unsaid := {command.chair, *command.members} - set(command.sits_as):
        some = f"{len(unsaid)} of the panel {'sits' if len(unsaid) == 1 else 'sit'}"
        raise Malformed(f"sits_as: it is not said as what {some}: it gives each id its word, as ch-1:chief_officer.")
    members = [command.sits_as[person] for person in command.members]
    if amiss := rule.amiss(command.sits_as[command.chair], members, bool(command.adviser)):
        form, other = plain(hearing.proceedings), " and ".join(amiss)
        raise Unlawful(f"On the panel of that {form} sit {rule.told()}; otherwise here: {other}.", rule.source)


def _check_certifier(case: Case, officer: Officer, command: NamePanel) -> None:
    """A delegate; who conducts the hearing in their own right, as an assistant commissioner does, is not barred."""
    delegate = command.sits_as.get(command.chair) is SitsAs.DELEGATE
    certified = officer.certified_by and (officer.certified_by, officer.certification_authorised_by)
    if delegate and certified and command.chair in certified:
        raise apart("certifier_sits", case, officer.ref)


def incomplete(case: Case, officer: Officer, hearing: Hearing) -> tuple[str, str] | None:
    """What a panel lacks since someone stood down, and where it stands that it needs it; None when it is complete, or
    it is not said who sits as what.

    It is measured against the panel as it was named: which panel is lawful was settled then, by the rows of that day,
    and a release whose rows say otherwise takes nobody away. Of proceedings that have begun it is asked no more.
    """
    if hearing.panel_since is None or not hearing.sits_as or hearing.opened:
        return None
    # A panel that was named before ranks were asked for goes on as that of an officer of no senior rank.
    rule = _rules(case, officer, hearing, hearing.panel_since).get(seniority_of(officer.rank) or Seniority.OTHER)
    if rule is None or rule.members is None:
        return None
    members = [plain(hearing.sits_as[person]) for person in hearing.vacant if person in hearing.sits_as]
    adviser = rule.adviser and not hearing.adviser and any(each not in hearing.sits_as for each in hearing.vacant)
    lacking = [*members, *(["adviser"] if adviser else [])]
    return (", ".join(lacking), rule.source) if lacking else None


def _check_new_objection(case: Case, officer: Officer, hearing: Hearing, command: ObjectToPanel) -> None:
    """An objection is to someone who sits, is made once, and in its time: again, if someone else was named since."""
    if command.person not in hearing.sitting:
        raise NotFound("That person is not to sit.")
    if command.person in hearing.objections:
        raise AlreadyDone("That objection has been made already.")
    _check_right(case, officer, hearing, command)
    rights = [
        d for d in case.deadlines.values() if d.right and (d.triggered_by, d.subject) == ("panel_named", officer.ref)
    ]
    last = max(rights, key=lambda right: right.set_at, default=None)
    if last and last.due and last.state is not DeadlineState.PAUSED and command.occurred_at >= last.due_at:
        raise Unlawful(f"The time to object ended with {plain(last.due)}.", last.source)


def _check_right(case: Case, officer: Officer, hearing: Hearing, command: ObjectToPanel) -> None:
    """To an accelerated hearing's the right came in 2024; one of the special case of 2012 was not read."""
    if hearing.proceedings is not Proceedings.ACCELERATED_HEARING:
        return
    if case.regime_of(officer.ref) is Regime.PCR_2012:
        raise Unlawful("No right to object to who conducts a special case hearing was read in the 2012 Regulations.")
    row = time_limit(case.regime_of(officer.ref), "amh_objection")
    if row.since and not row.is_in_force(london_date(command.occurred_at)):
        raise Unlawful(f"Who conducts an accelerated hearing may be objected to since {plain(row.since)}.", row.source)


def _check_objection(hearing: Hearing, command: DecideObjection) -> None:
    """The chair decides on a member, the authority or policing body on the chair or an adviser."""
    if command.person not in hearing.objections:
        raise NotFound("There is no objection to that person.")
    by_chair = command.person in hearing.members
    if by_chair != (command.actor.role is Role.CHAIR):
        raise apart("objection_to_member" if by_chair else "objection_to_chair")
    if command.actor.id == command.person:
        raise apart("objected_decides")


def _after_objection(hearing: Hearing, event: ObjectionDecided) -> dict[str, object]:
    """Whoever was objected to with success stands down, and does not come back."""
    left = tuple(person for person in hearing.objections if person != event.person)
    if not event.upheld:
        return {"objections": left}
    return {
        "objections": left,
        "stood_down": (*hearing.stood_down, event.person),
        "vacant": (*hearing.vacant, event.person),
        "chair": None if hearing.chair == event.person else hearing.chair,
        "members": tuple(person for person in hearing.members if person != event.person),
        "adviser": None if hearing.adviser == event.person else hearing.adviser,
    }
