"""Separation of duties: who may not act although the role may, because of who they are or what they did before.

`Command.given_by` says which roles may give a command; here stands what narrows it, each rule once, under its name:
the sentence and code of its refusal, its source, and on which commands it bears. The reference page lists them, and
a test wants a story that ends in each.
"""

from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import ConflictOfInterest, NotPermitted, Refused
from domain.regimes.provisions import source_of
from domain.state import Case
from domain.vocabulary import Role

__all__ = ["FORMER_OFFICERS", "SEPARATIONS", "Bearing", "Separation", "apart"]


class Bearing(NamedTuple):
    """On what a rule bears: these commands (all, if none is named), given in this role (any, if none is named)."""

    commands: tuple[str, ...] = ()
    role: Role | None = None


@dataclass(frozen=True)
class Separation:
    """One rule. `says` may name what the moment fills in; a 2012 source of None means that it has not been read."""

    says: str
    on: Bearing
    source: str | None = None
    source_2012: str | None = None
    kind: type[Refused] = ConflictOfInterest


def apart(name: str, case: Case | None = None, officer: str | None = None, **told: str | None) -> Refused:
    """The refusal for which this rule asks. `source` takes the place of the rule's own; the rest fills the sentence."""
    rule = SEPARATIONS[name]
    cited = (
        case.cite(rule.source, rule.source_2012, officer)
        if case and rule.source
        else rule.source and source_of(rule.source)
    )
    cited = told.pop("source", cited)
    return rule.kind(rule.says.format(officer=officer, **told), cited)


def _on(*commands: str, role: Role | None = None) -> Bearing:
    return Bearing(commands, role)


_RESTRICTING = ("impose_restriction", "review_restriction", "vary_restriction", "lift_restriction")
REG_15, REG_35, REG_50 = "PCR 2020 reg 15", "PCR 2020 reg 35(5)", "PCR 2020 reg 50(1)"
SCH_3 = "PRA 2002 Sch 3 para 15"
FORMER_OFFICERS = "PCR 2020 Sch 1 as amended by SI 2025/558; saving reg 64(3)"

SEPARATIONS: dict[str, Separation] = {
    # Conflicts of interest
    "concerned_acts": Separation("An officer concerned cannot act as {role}.", _on()),
    "concerned_refers": Separation("An officer concerned cannot refer the matter.", _on("open_case")),
    "concerned_investigates": Separation(
        "An officer concerned cannot investigate the case.", _on("appoint_investigator"), REG_15
    ),
    "party_investigates": Separation(
        "An interested party cannot investigate the case.", _on("appoint_investigator"), REG_15
    ),
    "managed_investigates": Separation(
        "Someone whom an officer concerned manages cannot investigate the case.", _on("appoint_investigator"), REG_15
    ),
    "sitter_investigates": Separation(
        "Whoever sits in the case, or was to sit, cannot investigate it.", _on("appoint_investigator")
    ),
    "involved_chairs": Separation("The investigator, or a party, cannot act as the chair.", _on(role=Role.CHAIR)),
    "involved_sits": Separation("An officer concerned, a party or the investigator cannot sit.", _on("name_panel")),
    "stood_down_sits": Separation("Someone who had to stand down cannot sit after all.", _on("name_panel")),
    "certifier_sits": Separation(
        "Who certified the special conditions, or authorised that, cannot conduct the hearing as a delegate.",
        _on("name_panel"),
        "PCR 2020 reg 2(4C)",
    ),
    "objected_decides": Separation(
        "Nobody decides on an objection to themselves.", _on("decide_objection", "decide_appeal_objection")
    ),
    "involved_determines_appeal": Separation(
        "An officer concerned, who investigated or sat, or who stood down, cannot determine the appeal.",
        _on("name_appeal_person"),
    ),
    "sitter_decides_appeal": Separation("Whoever sat in the case cannot decide the appeal.", _on("decide_appeal")),
    "concerned_authorises": Separation(
        "An officer concerned cannot authorise a {what} in the case.", _on("certify_special_conditions", *_RESTRICTING)
    ),
    "involved_friend": Separation(
        "Whoever investigates, sits or is a party cannot be the police friend.",
        _on(role=Role.POLICE_FRIEND),
        "PCR 2020 reg 7",
    ),
    "decider_concerned": Separation("That person investigates or sits in the case.", _on("add_officer")),
    "decider_taken_over": Separation("That person investigates, sits or acts in the case.", _on("take_over_officer")),
    "manager_concerned": Separation(
        "That person manages the investigator: another investigator has to be appointed first.",
        _on("add_officer"),
        REG_15,
    ),
    "adds_themselves": Separation("Nobody adds themselves as an officer concerned.", _on("add_officer")),
    # Of those in a role, only one
    "own_officer": Separation(
        "Only officer {officer} may do that as the officer, and acts by the person's id, not by the officer's letter.",
        _on(role=Role.OFFICER),
        kind=NotPermitted,
    ),
    "named_chair": Separation(
        "Only the chair who was named for these proceedings acts as their chair.",
        _on(role=Role.CHAIR),
        kind=NotPermitted,
    ),
    "appointed_investigator": Separation(
        "Only the appointed investigator acts as the investigator.", _on(role=Role.INVESTIGATOR), kind=NotPermitted
    ),
    # Of several roles, now only one
    "mode_of_referred": Separation(
        "The IOPC decides the mode of a matter referred to it.", _on("decide_mode"), SCH_3, SCH_3, NotPermitted
    ),
    "independent_investigator": Separation(
        "The IOPC appoints the investigator of an independent investigation.",
        _on("appoint_investigator"),
        kind=NotPermitted,
    ),
    "directed_decides": Separation(
        "The IOPC has directed the authority, which has to comply; it may direct otherwise.",
        _on("decide_case_to_answer"),
        kind=NotPermitted,
    ),
    "told_by_authority": Separation(
        "It is for the authority to tell the officer of a {of}.", _on("tell_in_writing"), kind=NotPermitted
    ),
    "objection_to_member": Separation(
        "That objection is decided by the chair.", _on("decide_objection"), REG_35, kind=NotPermitted
    ),
    "objection_to_chair": Separation(
        "That objection is decided by the authority or the local policing body.",
        _on("decide_objection"),
        kind=NotPermitted,
    ),
    "adviser_reports": Separation(
        "The adviser submits only the report of an accelerated hearing for which they were named, since 7 May 2024.",
        _on("issue_report", role=Role.LEGAL_ADVISER),
        "PCR 2020 reg 63(1A)",
        kind=NotPermitted,
    ),
    "chair_fixes_day": Separation(
        "After the pre-hearing, at which the chair fixed the day of the hearing, only the chair changes it.",
        _on("list_hearing"),
        kind=NotPermitted,
    ),
    "returned_by_chair": Separation(
        "Once it has begun, the chair returns the case.", _on("remit_to_ordinary_track"), REG_50, kind=NotPermitted
    ),
    "remitted_by_authority": Separation(
        "Before it begins, the authority directs.", _on("remit_to_ordinary_track"), REG_50, kind=NotPermitted
    ),
    "former_officer_opts": Separation(
        "Officer {officer} is no former officer, who alone may opt for that.",
        _on("remit_to_ordinary_track"),
        FORMER_OFFICERS,
        FORMER_OFFICERS,
        NotPermitted,
    ),
    "appeal_to_tribunal": Separation(
        "That appeal is decided by the tribunal.", _on("decide_appeal"), kind=NotPermitted
    ),
    "appeal_person": Separation(
        "An appeal from a meeting is determined by the person who was named for it.",
        _on("determine_grounds", "hold_appeal_meeting", "decide_appeal"),
        kind=NotPermitted,
    ),
    "who_extends": Separation("Only {who} may extend {title!r}.", _on("extend_deadline"), kind=NotPermitted),
    "others_deadline": Separation(
        "{title!r} is set aside by the {whose} alone.",
        _on("set_aside_deadline"),
        kind=NotPermitted,
    ),
}
