-- What BI tools read: plain tables without free text, written with the events they follow from and never read back by
-- the engine. A reader needs USAGE on this schema and SELECT on its tables, and nothing of the schema probity.
CREATE SCHEMA reporting;

COMMENT ON SCHEMA reporting IS 'Read models of Probity: opaque references, dates and closed lists of words; no free text.';

-- What is open, per force and stage.
CREATE TABLE reporting.register (
    reference     text        NOT NULL PRIMARY KEY,
    force         text        NOT NULL,
    stage         text        NOT NULL,
    clock         text        NOT NULL,
    regime        text        NOT NULL,
    origin        text        NOT NULL,
    referral_kind text,
    mode          text,
    severity      text,
    officers      integer     NOT NULL,
    officers_open integer     NOT NULL,
    stayed        boolean     NOT NULL,
    overdue       integer     NOT NULL,
    next_due      date,
    first_known   date        NOT NULL,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    illustrative  boolean     NOT NULL
);

CREATE INDEX register_open ON reporting.register (force, stage) WHERE closed_at IS NULL;

COMMENT ON TABLE reporting.register IS 'One row a case: where it stands. Open cases have no closed_at.';
COMMENT ON COLUMN reporting.register.reference IS 'Reference of the case.';
COMMENT ON COLUMN reporting.register.force IS 'Opaque id of the force.';
COMMENT ON COLUMN reporting.register.stage IS 'referral, investigation, proceedings, outcome or closed: that of the least advanced officer still open.';
COMMENT ON COLUMN reporting.register.clock IS 'recorded (imported, no timers), live, or rehearsed (not a real case: leave it out of figures).';
COMMENT ON COLUMN reporting.register.regime IS 'The regulations that govern it, by year: 2012, 2020 or 2025.';
COMMENT ON COLUMN reporting.register.origin IS 'complaint, conduct_matter or dsi.';
COMMENT ON COLUMN reporting.register.referral_kind IS 'mandatory, voluntary or not_required; empty before the assessment.';
COMMENT ON COLUMN reporting.register.mode IS 'local, directed, independent or returned; empty before the decision.';
COMMENT ON COLUMN reporting.register.severity IS 'The gravest severity assessed for any of its officers.';
COMMENT ON COLUMN reporting.register.officers IS 'How many officers are concerned.';
COMMENT ON COLUMN reporting.register.officers_open IS 'About how many of them something is still to be decided.';
COMMENT ON COLUMN reporting.register.stayed IS 'Whether it waits for criminal proceedings.';
COMMENT ON COLUMN reporting.register.overdue IS 'How many duties were missed and are still owed.';
COMMENT ON COLUMN reporting.register.next_due IS 'The nearest day on which a time limit ends; empty when none runs.';
COMMENT ON COLUMN reporting.register.first_known IS 'The day it first came to the appropriate authority''s attention.';
COMMENT ON COLUMN reporting.register.opened_at IS 'When it was referred.';
COMMENT ON COLUMN reporting.register.closed_at IS 'When it was closed.';
COMMENT ON COLUMN reporting.register.illustrative IS 'Whether it was made up to complete an example.';

-- What is overdue, by rule and duty holder.
CREATE TABLE reporting.deadlines (
    reference    text        NOT NULL,
    deadline     text        NOT NULL,
    force        text        NOT NULL,
    rule         text        NOT NULL,
    title        text        NOT NULL,
    kind         text        NOT NULL,
    duty         text        NOT NULL,
    subject      text,
    state        text        NOT NULL,
    overdue      boolean     NOT NULL,
    trigger      date        NOT NULL,
    due          date,
    done_at      timestamptz,
    missed_at    timestamptz,
    ended_at     timestamptz,
    regime       text        NOT NULL,
    citation     text        NOT NULL,
    unverified   boolean     NOT NULL,
    illustrative boolean     NOT NULL,
    PRIMARY KEY (reference, deadline)
);

CREATE INDEX deadlines_overdue ON reporting.deadlines (rule, duty) WHERE overdue;
CREATE INDEX deadlines_due ON reporting.deadlines (due) WHERE state IN ('running', 'extended');

COMMENT ON TABLE reporting.deadlines IS 'One row a deadline, running or over.';
COMMENT ON COLUMN reporting.deadlines.reference IS 'Reference of the case.';
COMMENT ON COLUMN reporting.deadlines.deadline IS 'Its id within the case, as suspension_review_first/A.';
COMMENT ON COLUMN reporting.deadlines.force IS 'Opaque id of the force.';
COMMENT ON COLUMN reporting.deadlines.rule IS 'The rule it follows from: a row of domain/regimes/time_limits.toml.';
COMMENT ON COLUMN reporting.deadlines.title IS 'The rule in words.';
COMMENT ON COLUMN reporting.deadlines.kind IS 'duty, right (a chance that lapses unused) or period (at its end a duty is owed).';
COMMENT ON COLUMN reporting.deadlines.duty IS 'Role that owes it, or that has the right.';
COMMENT ON COLUMN reporting.deadlines.subject IS 'Officer or party it is about, by the reference within the case; empty when it is about the case.';
COMMENT ON COLUMN reporting.deadlines.state IS 'running, due (as soon as practicable), extended, paused, met, missed, lapsed, withdrawn or not_applicable.';
COMMENT ON COLUMN reporting.deadlines.overdue IS 'Missed and still owed.';
COMMENT ON COLUMN reporting.deadlines.trigger IS 'The day it is counted from.';
COMMENT ON COLUMN reporting.deadlines.due IS 'The day with whose end in London it ends; empty when it is owed as soon as practicable.';
COMMENT ON COLUMN reporting.deadlines.done_at IS 'When the duty was done, in time or late.';
COMMENT ON COLUMN reporting.deadlines.missed_at IS 'When it was missed; kept when it was done late.';
COMMENT ON COLUMN reporting.deadlines.ended_at IS 'When it fell away.';
COMMENT ON COLUMN reporting.deadlines.regime IS 'The regulations it follows from, by year.';
COMMENT ON COLUMN reporting.deadlines.citation IS 'Where the law says so.';
COMMENT ON COLUMN reporting.deadlines.unverified IS 'Whether the figure has not been checked against the instrument.';
COMMENT ON COLUMN reporting.deadlines.illustrative IS 'Whether it follows from something made up to complete an example.';

-- Who is restricted, and when the next review is due.
CREATE TABLE reporting.restrictions (
    reference      text        NOT NULL,
    officer        text        NOT NULL,
    force          text        NOT NULL,
    person         text        NOT NULL,
    measure        text        NOT NULL,
    imposed_at     timestamptz NOT NULL,
    oral           boolean     NOT NULL,
    confirmed      boolean     NOT NULL,
    last_review    timestamptz,
    next_review    date,
    review_overdue boolean     NOT NULL,
    PRIMARY KEY (reference, officer)
);

CREATE INDEX restrictions_review ON reporting.restrictions (next_review);

COMMENT ON TABLE reporting.restrictions IS 'One row an officer who is restricted now; it goes when the restriction ends.';
COMMENT ON COLUMN reporting.restrictions.reference IS 'Reference of the case.';
COMMENT ON COLUMN reporting.restrictions.officer IS 'The officer, by the letter within the case.';
COMMENT ON COLUMN reporting.restrictions.force IS 'Opaque id of the force.';
COMMENT ON COLUMN reporting.restrictions.person IS 'The officer, by the opaque id of the force''s own systems.';
COMMENT ON COLUMN reporting.restrictions.measure IS 'redeployment, restricted_duties or suspension.';
COMMENT ON COLUMN reporting.restrictions.imposed_at IS 'When this measure was imposed.';
COMMENT ON COLUMN reporting.restrictions.oral IS 'Whether it was imposed by word of mouth.';
COMMENT ON COLUMN reporting.restrictions.confirmed IS 'Whether it was confirmed in writing since.';
COMMENT ON COLUMN reporting.restrictions.last_review IS 'When it was last reviewed.';
COMMENT ON COLUMN reporting.restrictions.next_review IS 'The day by which its next review is due, past when review_overdue; empty when no day is set.';
COMMENT ON COLUMN reporting.restrictions.review_overdue IS 'Whether a review was missed and is still owed.';

-- Which hearings and meetings are listed.
CREATE TABLE reporting.hearings (
    reference        text    NOT NULL,
    officer          text    NOT NULL,
    force            text    NOT NULL,
    hearing          text    NOT NULL,
    person           text    NOT NULL,
    proceedings      text    NOT NULL,
    state            text    NOT NULL,
    begins_on        date,
    notice_published boolean NOT NULL,
    chair            text,
    finding          text,
    PRIMARY KEY (reference, officer)
);

CREATE INDEX hearings_listed ON reporting.hearings (begins_on) WHERE state IN ('listed', 'opened', 'adjourned');

COMMENT ON TABLE reporting.hearings IS 'One row an officer referred to proceedings; a joint hearing has a row for each officer.';
COMMENT ON COLUMN reporting.hearings.reference IS 'Reference of the case.';
COMMENT ON COLUMN reporting.hearings.officer IS 'The officer, by the letter within the case.';
COMMENT ON COLUMN reporting.hearings.force IS 'Opaque id of the force.';
COMMENT ON COLUMN reporting.hearings.hearing IS 'Reference of the hearing within the case.';
COMMENT ON COLUMN reporting.hearings.person IS 'The officer, by the opaque id of the force''s own systems.';
COMMENT ON COLUMN reporting.hearings.proceedings IS 'meeting or hearing.';
COMMENT ON COLUMN reporting.hearings.state IS 'referred, listed, opened, adjourned, concluded or withdrawn.';
COMMENT ON COLUMN reporting.hearings.begins_on IS 'The day it is listed for.';
COMMENT ON COLUMN reporting.hearings.notice_published IS 'Whether the public notice was published.';
COMMENT ON COLUMN reporting.hearings.chair IS 'Opaque id of the chair.';
COMMENT ON COLUMN reporting.hearings.finding IS 'The gravest finding: not_proven, misconduct or gross_misconduct.';

-- What outcomes there were, and which warnings are live until when.
CREATE TABLE reporting.outcomes (
    reference            text    NOT NULL,
    officer              text    NOT NULL,
    force                text    NOT NULL,
    person               text    NOT NULL,
    severity             text,
    case_to_answer       text,
    disposal             text,
    proceedings          text,
    finding              text,
    sanction             text,
    notified_on          date,
    live_until           date,
    published            boolean NOT NULL,
    barred_list_reported boolean NOT NULL,
    appeal_to            text,
    set_aside            boolean NOT NULL,
    departed             text,
    PRIMARY KEY (reference, officer)
);

CREATE INDEX outcomes_live ON reporting.outcomes (person, live_until) WHERE live_until IS NOT NULL AND NOT set_aside;

COMMENT ON TABLE reporting.outcomes IS 'One row an officer about whom something was decided at the end of the investigation or after, or who left.';
COMMENT ON COLUMN reporting.outcomes.reference IS 'Reference of the case.';
COMMENT ON COLUMN reporting.outcomes.officer IS 'The officer, by the letter within the case.';
COMMENT ON COLUMN reporting.outcomes.force IS 'Opaque id of the force.';
COMMENT ON COLUMN reporting.outcomes.person IS 'The officer, by the opaque id of the force''s own systems.';
COMMENT ON COLUMN reporting.outcomes.severity IS 'The last severity assessment.';
COMMENT ON COLUMN reporting.outcomes.case_to_answer IS 'none, misconduct or gross_misconduct; empty when it was not decided.';
COMMENT ON COLUMN reporting.outcomes.disposal IS 'Where the decision on the report sent the officer.';
COMMENT ON COLUMN reporting.outcomes.proceedings IS 'meeting or hearing, if there were any.';
COMMENT ON COLUMN reporting.outcomes.finding IS 'The gravest finding.';
COMMENT ON COLUMN reporting.outcomes.sanction IS 'What was imposed; empty before proceedings end.';
COMMENT ON COLUMN reporting.outcomes.notified_on IS 'The day the officer was told.';
COMMENT ON COLUMN reporting.outcomes.live_until IS 'The last day of a warning''s life; live when not past and not set aside.';
COMMENT ON COLUMN reporting.outcomes.published IS 'Whether the report of the hearing was published.';
COMMENT ON COLUMN reporting.outcomes.barred_list_reported IS 'Whether the dismissal was reported for the barred list.';
COMMENT ON COLUMN reporting.outcomes.appeal_to IS 'Before whom an appeal is pending; empty when none is.';
COMMENT ON COLUMN reporting.outcomes.set_aside IS 'Whether an appeal set the outcome aside.';
COMMENT ON COLUMN reporting.outcomes.departed IS 'resigned, retired or died, if the officer left.';
