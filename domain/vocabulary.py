"""The field's own words, as closed lists. Every name here is one a professional standards department uses."""

from enum import StrEnum

__all__ = [
    "CaseToAnswer",
    "Clock",
    "ConsentGround",
    "Departure",
    "Disposal",
    "Finding",
    "FormerOfficerCondition",
    "ListsOf",
    "Mark",
    "Measure",
    "Mode",
    "Openness",
    "Origin",
    "PartyKind",
    "Proceedings",
    "ReferralKind",
    "Regime",
    "Remission",
    "Resumption",
    "Role",
    "Sanction",
    "Seniority",
    "SessionKind",
    "Severity",
    "SitsAs",
    "Stage",
    "Standard",
    "Telling",
]


class Role(StrEnum):
    """Who acts. Which commands a role may give stands on each command (`Command.given_by`)."""

    INTAKE = "intake"
    APPROPRIATE_AUTHORITY = "appropriate_authority"
    INVESTIGATOR = "investigator"
    IOPC = "iopc"
    CHAIR = "chair"
    PANEL_MEMBER = "panel_member"
    LEGAL_ADVISER = "legal_adviser"
    OFFICER = "officer"
    POLICE_FRIEND = "police_friend"
    COMPLAINANT = "complainant"
    LOCAL_POLICING_BODY = "local_policing_body"
    APPEALS_TRIBUNAL = "appeals_tribunal"
    COLLEGE = "college"
    CLERK = "clerk"
    SYSTEM = "system"


class Clock(StrEnum):
    """How a case meets time: dated in the past without timers, as it happens, or with the server's time skipped."""

    RECORDED = "recorded"
    LIVE = "live"
    REHEARSED = "rehearsed"


class Regime(StrEnum):
    """The body of regulations that governs a matter, named by its year; `2025` is the 2020 regulations as amended."""

    PCR_2012 = "2012"
    PCR_2020 = "2020"
    PCR_2025 = "2025"


class Stage(StrEnum):
    """How far an officer's case has come, in order. A case is where its least advanced open officer is."""

    REFERRAL = "referral"
    INVESTIGATION = "investigation"
    PROCEEDINGS = "proceedings"
    OUTCOME = "outcome"
    CLOSED = "closed"


class Origin(StrEnum):
    """How the matter arose (Police Reform Act 2002, Part 2)."""

    COMPLAINT = "complaint"
    CONDUCT_MATTER = "conduct_matter"
    DSI = "dsi"


class ReferralKind(StrEnum):
    """Why a matter goes to the IOPC, or that it does not have to (PRA 2002 Sch 3 paras 4, 13, 14C)."""

    MANDATORY = "mandatory"
    VOLUNTARY = "voluntary"
    NOT_REQUIRED = "not_required"
    CALLED_IN = "called_in"
    TREATED_AS_REFERRED = "treated_as_referred"


class Mode(StrEnum):
    """Form of the investigation (PRA 2002 Sch 3 paras 15 to 18); managed, supervised: of matters before Feb 2020."""

    LOCAL = "local"
    DIRECTED = "directed"
    INDEPENDENT = "independent"
    MANAGED = "managed"
    SUPERVISED = "supervised"
    RETURNED = "returned"


class Severity(StrEnum):
    """Severity assessment of an officer's alleged conduct, mildest first (PCR reg 14; PCMR reg 16)."""

    PRACTICE_REQUIRING_IMPROVEMENT = "practice_requiring_improvement"
    MISCONDUCT = "misconduct"
    GROSS_MISCONDUCT = "gross_misconduct"


class Measure(StrEnum):
    """A restriction on an officer during the case (PCR 2020 reg 11; restricted duties are practice)."""

    REDEPLOYMENT = "redeployment"
    RESTRICTED_DUTIES = "restricted_duties"
    SUSPENSION = "suspension"


class CaseToAnswer(StrEnum):
    """The decision on the report: whether there is a case to answer, and for what (PCR 2020 reg 23)."""

    NONE = "none"
    MISCONDUCT = "misconduct"
    GROSS_MISCONDUCT = "gross_misconduct"


class Disposal(StrEnum):
    """Where the decision on the report sends an officer."""

    NO_ACTION = "no_action"
    MANAGEMENT_ACTION = "management_action"
    REFLECTIVE_PRACTICE = "reflective_practice"
    PERFORMANCE = "performance"
    MEETING = "meeting"
    HEARING = "hearing"
    ACCELERATED_HEARING = "accelerated_hearing"

    @property
    def to_proceedings(self) -> bool:
        """Whether it sends the officer to misconduct proceedings."""
        return self in (Disposal.MEETING, Disposal.HEARING, Disposal.ACCELERATED_HEARING)


class Proceedings(StrEnum):
    """The forms of misconduct proceedings; the accelerated hearing is the special case hearing of 2012."""

    MEETING = "meeting"
    HEARING = "hearing"
    ACCELERATED_HEARING = "accelerated_hearing"


class Remission(StrEnum):
    """Why a case goes from the accelerated track to the ordinary one (PCR 2020 regs 50, 62; Sch 1 since 2025)."""

    DIRECTION = "direction"
    RETURNED_BY_CHAIR = "returned_by_chair"
    OFFICER_OPTED = "officer_opted"
    AUTHORITY_REQUIRED = "authority_required"


class Resumption(StrEnum):
    """Why proceedings that were stayed go on (PCR 2020 reg 10; 2012 reg 9)."""

    PREJUDICE_ENDED = "prejudice_ended"
    CRIMINAL_PROCEEDINGS_CONCLUDED = "criminal_proceedings_concluded"


class Telling(StrEnum):
    """What an officer has to be told in writing."""

    REMISSION = "remission"
    WITHDRAWAL = "withdrawal"
    SEVERITY_CHANGE = "severity_change"
    DELAY_OF_DECISION = "delay_of_decision"


class ListsOf(StrEnum):
    """Whose list of proposed witnesses was supplied (PCR 2020 reg 31(4): the authority's and the officer's, each)."""

    BOTH = "both"
    AUTHORITY = "authority"
    OFFICER = "officer"


class Openness(StrEnum):
    """Whether a hearing is held in public (PCR 2020 reg 39)."""

    PUBLIC = "public"
    PARTLY_PRIVATE = "partly_private"
    PRIVATE = "private"


class SessionKind(StrEnum):
    """For what a day is specified: the pre-hearing, or the meeting or hearing itself."""

    PRE_HEARING = "pre_hearing"
    PROCEEDINGS = "proceedings"


class SitsAs(StrEnum):
    """As what a person sits, or conducts. Who may, and when, stands in `domain/regimes/panels.toml`."""

    HIGHER_RANK = "higher_rank"
    MORE_SENIOR_STAFF = "more_senior_staff"
    LEGALLY_QUALIFIED_CHAIR = "legally_qualified_chair"
    CHIEF_OFFICER = "chief_officer"
    SENIOR_OFFICER = "senior_officer"
    FORMER_SENIOR_OFFICER = "former_senior_officer"
    EQUIVALENT_STAFF = "equivalent_staff"
    ASSISTANT_COMMISSIONER = "assistant_commissioner"
    CHIEF_OFFICER_OF_ANOTHER_FORCE = "chief_officer_of_another_force"
    DELEGATE = "delegate"
    MORE_SENIOR_OFFICER_OF_ANOTHER_FORCE = "more_senior_officer_of_another_force"
    CHIEF_INSPECTOR_OF_CONSTABULARY = "chief_inspector_of_constabulary"
    INSPECTOR_OF_CONSTABULARY = "inspector_of_constabulary"
    SUPERINTENDENT = "superintendent"
    INDEPENDENT_MEMBER = "independent_member"


class Seniority(StrEnum):
    """An officer's seniority, as far as it decides who sits. With which rank it goes stands in
    `domain/regimes/ranks.toml`."""

    CHIEF = "chief"
    SENIOR = "senior"
    OTHER = "other"


class Finding(StrEnum):
    """What proceedings find against an officer."""

    NOT_PROVEN = "not_proven"
    MISCONDUCT = "misconduct"
    GROSS_MISCONDUCT = "gross_misconduct"


class Sanction(StrEnum):
    """What follows a finding. Which is lawful when stands in `domain/regimes/sanctions.toml`."""

    NO_ACTION = "no_action"
    REFLECTIVE_PRACTICE = "reflective_practice"
    MANAGEMENT_ADVICE = "management_advice"
    WRITTEN_WARNING = "written_warning"
    FINAL_WRITTEN_WARNING = "final_written_warning"
    EXTENSION_OF_FINAL_WRITTEN_WARNING = "extension_of_final_written_warning"
    REDUCTION_IN_RANK = "reduction_in_rank"
    DISMISSAL_WITH_NOTICE = "dismissal_with_notice"
    DISMISSAL_WITHOUT_NOTICE = "dismissal_without_notice"
    WOULD_HAVE_BEEN_DISMISSED = "would_have_been_dismissed"


class Departure(StrEnum):
    """How an officer left the force."""

    RESIGNED = "resigned"
    RETIRED = "retired"
    DIED = "died"


class ConsentGround(StrEnum):
    """Why consent to leave may be given while the case runs (PCR 2012 reg 10A(5))."""

    MEDICALLY_UNFIT = "medically_unfit"
    EXCEPTIONAL_CIRCUMSTANCES = "exceptional_circumstances"


class FormerOfficerCondition(StrEnum):
    """By what the regulations reach who left: after the matter was known, within 12 months before, or longer before."""

    A = "A"
    B = "B"
    C = "C"


class PartyKind(StrEnum):
    """Someone who is kept informed of the case (PCMR 2020 reg 34)."""

    COMPLAINANT = "complainant"
    INTERESTED_PERSON = "interested_person"


class Standard(StrEnum):
    """The Standards of Professional Behaviour (PCR 2020 Sch 2)."""

    HONESTY_AND_INTEGRITY = "honesty_and_integrity"
    AUTHORITY_RESPECT_AND_COURTESY = "authority_respect_and_courtesy"
    EQUALITY_AND_DIVERSITY = "equality_and_diversity"
    USE_OF_FORCE = "use_of_force"
    ORDERS_AND_INSTRUCTIONS = "orders_and_instructions"
    DUTIES_AND_RESPONSIBILITIES = "duties_and_responsibilities"
    CONFIDENTIALITY = "confidentiality"
    FITNESS_FOR_DUTY = "fitness_for_duty"
    DISCREDITABLE_CONDUCT = "discreditable_conduct"
    CHALLENGING_AND_REPORTING = "challenging_and_reporting_improper_conduct"


class Mark(StrEnum):
    """How the source of a time limit was verified; `M` marks are shown as unverified wherever the limit is shown."""

    VERIFIED = "V"
    VERIFIED_FRAGMENT = "V-frag"
    PARALLEL = "V~"
    MEMORY_HIGH = "M h"
    MEMORY_MEDIUM = "M m"
    MEMORY_LOW = "M l"

    @property
    def meaning(self) -> str:
        """The mark in words."""
        return _MEANING[self]

    @property
    def unverified(self) -> bool:
        """Whether the figure rests on memory alone."""
        return self.value.startswith("M")

    def on(self, citation: str, *, place_inferred: bool = False) -> str:
        """A citation with this mark behind it."""
        return f"{citation} [{self}{', place inferred' if place_inferred else ''}]"


_MEANING = {
    Mark.VERIFIED: "read in the instrument",
    Mark.VERIFIED_FRAGMENT: "its words read as a fragment of the instrument",
    Mark.PARALLEL: "read in a parallel instrument or a secondary source",
    Mark.MEMORY_HIGH: "from memory, with high confidence",
    Mark.MEMORY_MEDIUM: "from memory, with medium confidence",
    Mark.MEMORY_LOW: "from memory, with low confidence",
}
