"""The acts of referral: what may be told, by whom, with which facts."""

from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from domain.duplicates import Comparison
from domain.messages import Actor, Command, Day, Model, Moment, OfficerRef, OpaqueId, Reference, Several, Text
from domain.regimes.ranks import Rank
from domain.roles import AUTHORITY, HANDLERS, RECORD_KEEPERS
from domain.vocabulary import Clock, Mode, Origin, PartyKind, ReferralKind, Regime, Role, Standard

__all__ = [
    "AddAllegation",
    "AddOfficer",
    "AddParty",
    "AssessReferral",
    "CallIn",
    "CompareCase",
    "DecideMode",
    "DirectPresentRegulations",
    "DirectReinvestigation",
    "LinkCase",
    "LinkedCase",
    "Rank",
    "RecordDsi",
    "ReferToIopc",
    "Referral",
    "ReferralAct",
    "ReferredAllegation",
    "ReferredOfficer",
    "ReferredParty",
    "TreatAsReferred",
    "WithdrawAllegation",
]

IOPC = frozenset({Role.IOPC})


REFERRERS = RECORD_KEEPERS | {Role.INTAKE}


KNOWN_OF: Any = Field(
    default=None,
    description="The day the allegation against this officer first came to the attention of a local policing body, a "
    "chief officer of police or the IOPC: from 28 May 2025 the amendments of that day govern the officer, though the "
    "matter is older (SI 2025/558 reg 64(1)). Without it, the day of the matter. Of an earlier allegation against the "
    "officer that is still open say by `link_case`, naming the officer.",
)


class ReferredOfficer(Model):
    """An officer concerned: a letter within the case, and the opaque id of the person in the force's own systems."""

    officer: OfficerRef
    person: OpaqueId
    rank: Rank | None = None
    first_known: Day | None = KNOWN_OF


class ReferredAllegation(Model):
    """An allegation against one or more of the officers."""

    allegation: OpaqueId
    summary: Text
    standards: Several[Standard] = ()
    officers: Several[OfficerRef] = Field(min_length=1)


class ReferredParty(Model):
    """Someone to be kept informed."""

    party: OpaqueId
    kind: PartyKind


class LinkedCase(Model):
    """Another matter this one belongs with; while it is open its regime governs (PCMR 2020 reg 2(2)(b)).

    A matter of the 2025 amendments is kept under the 2020 regulations person by person (SI 2025/558 reg 64(1)).
    """

    reference: Reference
    open_under: Regime | None = Field(default=None, description="The regime it is still handled under, if it is open.")
    officers: Several[OfficerRef] = Field(default=(), description="Who is concerned in both; if none, everyone.")


class Referral(Model):
    """A matter as intake hands it over: the input that starts a case."""

    given_by: ClassVar[frozenset[Role]] = REFERRERS

    reference: Reference
    force: OpaqueId
    clock: Clock = Clock.LIVE
    origin: Origin
    first_known: Day = Field(description="The day it first came to the appropriate authority's attention.")
    first_known_to_any: Day | None = Field(
        default=None,
        description="The day it first came to the attention of a local policing body, a chief officer of police or "
        "the IOPC, if before `first_known`: it decides on the amendments of 2025 (SI 2025/558 reg 64(1)), and on whom "
        "the regulations reach after they left (Police Act 1996 s.50(3A) to (3D)).",
    )
    about: Text | None = None
    actor: Actor
    occurred_at: Moment
    officers: Several[ReferredOfficer] = Field(min_length=1, max_length=40)
    allegations: Several[ReferredAllegation] = Field(min_length=1, max_length=200)
    parties: Several[ReferredParty] = ()
    linked_cases: Several[LinkedCase] = ()
    restricted: bool = Field(
        default=False, description="Seen only by those who have the right to see restricted cases, as by no one else."
    )
    illustrative: bool = False

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        officers = [each.officer for each in self.officers]
        refs = officers + [each.party for each in self.parties]
        people = [each.person for each in self.officers]
        if len(set(refs)) < len(refs) or len(set(people)) < len(people):
            raise ValueError("an officer, person or party stands in it twice")
        if len({each.allegation for each in self.allegations}) < len(self.allegations):
            raise ValueError("an allegation stands in it twice")
        if any(officer not in officers for each in self.allegations for officer in each.officers):
            raise ValueError("an allegation names an officer who is not in it")
        if any(officer not in officers for each in self.linked_cases for officer in each.officers):
            raise ValueError("a linked case names an officer who is not in it")
        if self.first_known_to_any and self.first_known_to_any > self.first_known:
            raise ValueError("first_known_to_any: the authority is one of them, so it is no later than first_known")
        return self


class ReferralAct(Command):
    """An act of referral."""


class AddOfficer(ReferralAct):
    """Add an officer to the case.

    Whoever is drawn in since 28 May 2025 is under the amendments of that day only if `first_known` says so; without it,
    the day of the matter governs the officer too (SI 2025/558 reg 64(1)).
    """

    given_by: ClassVar[frozenset[Role]] = REFERRERS | {Role.INVESTIGATOR}
    officer: OfficerRef
    person: OpaqueId
    rank: Rank | None = None
    first_known: Day | None = KNOWN_OF


class AddAllegation(ReferralAct):
    """Add an allegation against officers of the case."""

    given_by: ClassVar[frozenset[Role]] = REFERRERS | {Role.INVESTIGATOR}
    allegation: OpaqueId
    summary: Text
    standards: Several[Standard] = ()
    officers: Several[OfficerRef] = Field(min_length=1)


class AddParty(ReferralAct):
    """Add someone who is to be kept informed."""

    given_by: ClassVar[frozenset[Role]] = REFERRERS | {Role.INVESTIGATOR}
    party: OpaqueId
    kind: PartyKind


class AssessReferral(ReferralAct):
    """Assess whether the matter must, or should, be referred to the IOPC (PCMR 2020 regs 4, 7)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    kind: ReferralKind = Field(description="`mandatory`, `voluntary` or `not_required`; the others are the IOPC's.")
    reasons: Text

    @field_validator("kind")
    @classmethod
    def _is_the_authority_s(cls, kind: ReferralKind) -> ReferralKind:
        if kind in (ReferralKind.CALLED_IN, ReferralKind.TREATED_AS_REFERRED):
            raise ValueError("that is for the IOPC to say, by an act of its own")
        return kind


class ReferToIopc(ReferralAct):
    """Refer the matter to the IOPC."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.LOCAL_POLICING_BODY}


class CallIn(ReferralAct):
    """Require the authority to refer the matter to the IOPC (PRA 2002 Sch 3 paras 4(1)(c), 13(1)(c))."""

    given_by: ClassVar[frozenset[Role]] = IOPC
    reasons: Text


class RecordDsi(ReferralAct):
    """Record that the matter has become a death or serious injury matter (PRA 2002 Sch 3 para 14C): it is referred."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


class TreatAsReferred(ReferralAct):
    """Treat a matter that reached the IOPC in another way as referred to it (PRA 2002 Sch 3 paras 4A, 13A, 14CA)."""

    given_by: ClassVar[frozenset[Role]] = IOPC
    all_notified: bool = Field(
        default=False, description="The authority, the complainant and the person under investigation were told."
    )
    would_prejudice: bool = Field(default=False, description="Telling them might prejudice an investigation.")
    reasons: Text


class WithdrawAllegation(ReferralAct):
    """Record that an allegation is no longer made; nothing is decided on it any more. No provision has been read."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    allegation: OpaqueId
    reasons: Text


class LinkCase(ReferralAct):
    """Link the case to another matter; while that is open, its older regulations govern (PCMR 2020 reg 2(2)(b))."""

    given_by: ClassVar[frozenset[Role]] = REFERRERS
    reference: Reference
    open_under: Regime | None = Field(default=None, description="The regime it is still handled under, if it is open.")
    officers: Several[OfficerRef] = Field(default=(), description="Who is concerned in both; if none, everyone.")


class CompareCase(ReferralAct):
    """Record whether another case that looks alike is the same matter. No provision asks for it, and nothing follows.

    If it is the same, one of the two goes on: link them, and withdraw from or hand over what stands in the other.
    """

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    reference: Reference
    view: Comparison
    reasons: Text


class DirectReinvestigation(ReferralAct):
    """Determine that the matter is investigated again (PRA 2002 s.13B); the present regulations govern from then on."""

    given_by: ClassVar[frozenset[Role]] = IOPC
    reasons: Text


class DirectPresentRegulations(ReferralAct):
    """Direct that the present regulations govern an older matter (PRA 2002 s.28A(1) or (4))."""

    given_by: ClassVar[frozenset[Role]] = IOPC
    reasons: Text


class DecideMode(ReferralAct):
    """Decide the form of the investigation: the IOPC for a referred matter, else the authority (Sch 3 para 15)."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    mode: Mode
    reasons: Text
