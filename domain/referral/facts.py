"""The facts of referral: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from domain.duplicates import Comparison
from domain.messages import Event, OfficerEvent, OfficerRef, OpaqueId, Reference, plain
from domain.prose import Prose, SharedProse
from domain.referral.acts import LinkedCase
from domain.vocabulary import Clock, Mode, Origin, PartyKind, ReferralKind, Regime, Standard

__all__ = [
    "AllegationAdded",
    "AllegationWithdrawn",
    "BecameDsi",
    "CalledIn",
    "CaseCompared",
    "CaseLinked",
    "CaseReferred",
    "ModeDecided",
    "OfficerAdded",
    "PartyAdded",
    "PresentRegulationsDirected",
    "ReferralAssessed",
    "ReferredToIopc",
    "ReinvestigationDirected",
    "TreatedAsReferred",
]


class CaseReferred(Event):
    """A matter came in and a case was opened."""

    says: ClassVar[str] = "Case {reference} opened for force {force}: {origin}, first known on {first_known}"
    schema_version: ClassVar[int] = 2
    reference: Reference
    force: OpaqueId
    clock: Clock
    regime: Regime
    origin: Origin
    first_known: date
    about: Prose | None = None
    linked_cases: tuple[LinkedCase, ...] = ()
    restricted: bool = False
    first_known_to_any: date | None = None

    def tell(self) -> str:
        any_of_them = "; to a policing body, a chief officer or the IOPC on "
        return super().tell() + (any_of_them + plain(self.first_known_to_any) if self.first_known_to_any else "")


class CaseLinked(Event):
    """The case belongs with another, whose regulations may govern it while that one is open."""

    says: ClassVar[str] = "Linked to case {reference}: the regulations of {regime} govern"
    reference: Reference
    open_under: Regime | None = None
    regime: Regime
    apart: tuple[OfficerRef, ...] = ()


class CaseCompared(Event):
    """Somebody looked whether another case is the same matter."""

    says: ClassVar[str] = "Compared with case {reference}: {view}. {reasons}"
    reference: Reference
    view: Comparison
    reasons: Prose


class PresentRegulationsDirected(Event):
    """The IOPC brought the matter under the present regulations."""

    says: ClassVar[str] = "The IOPC directs that the regulations of {regime} govern. {reasons}"
    regime: Regime
    reasons: Prose


class ReinvestigationDirected(Event):
    """The IOPC determined that the matter is investigated again."""

    says: ClassVar[str] = "The IOPC has it investigated again, under the regulations of {regime}. {reasons}"
    regime: Regime
    reasons: Prose


class OfficerAdded(OfficerEvent):
    """An officer became part of the case."""

    says: ClassVar[str] = "Officer {officer} is concerned in the case"
    schema_version: ClassVar[int] = 2
    person: OpaqueId
    rank: str | None = None
    regime: Regime | None = None
    investigated: bool = False
    assessed: bool = False
    first_known: date | None = None

    def tell(self) -> str:
        known = f"; the allegation was first known on {plain(self.first_known)}" if self.first_known else ""
        return super().tell() + known + (f"; the regulations of {self.regime} govern" if self.regime else "")


class AllegationAdded(Event):
    """An allegation became part of the case."""

    says: ClassVar[str] = "Allegation {allegation} against {officers}: {summary}"
    allegation: OpaqueId
    summary: SharedProse
    standards: tuple[Standard, ...]
    officers: tuple[OfficerRef, ...]


class AllegationWithdrawn(Event):
    """An allegation is no longer made."""

    says: ClassVar[str] = "Allegation {allegation} withdrawn. {reasons}"
    allegation: OpaqueId
    reasons: Prose


class PartyAdded(Event):
    """Someone is to be kept informed."""

    says: ClassVar[str] = "{kind} {party} is to be kept informed"
    party: OpaqueId
    kind: PartyKind
    handled: bool = False

    @property
    def subject(self) -> str | None:
        return self.party


class ReferralAssessed(Event):
    """Whether the matter has to go to the IOPC was assessed."""

    says: ClassVar[str] = "Referral to the IOPC assessed: {kind}. {reasons}"
    kind: ReferralKind
    origin: Origin
    reasons: Prose


class CalledIn(Event):
    """The IOPC required the matter to be referred to it."""

    says: ClassVar[str] = "The IOPC requires the matter to be referred to it. {reasons}"
    reasons: Prose


class BecameDsi(Event):
    """The matter, which was opened as another, became a death or serious injury matter."""

    says: ClassVar[str] = "The matter has become a death or serious injury matter. {reasons}"
    reasons: Prose


class TreatedAsReferred(Event):
    """A matter that reached the IOPC in another way counts as referred."""

    says: ClassVar[str] = "The IOPC treats the matter as referred to it. {reasons}"
    all_notified: bool
    would_prejudice: bool
    reasons: Prose


class ReferredToIopc(Event):
    """The matter was referred to the IOPC."""

    says: ClassVar[str] = "Referred to the IOPC ({kind})"
    kind: ReferralKind


class ModeDecided(Event):
    """The form of the investigation was decided."""

    says: ClassVar[str] = "Mode of investigation: {mode}. {reasons}"
    mode: Mode
    reasons: Prose
