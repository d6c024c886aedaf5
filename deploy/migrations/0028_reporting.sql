-- A finding that an appeal set aside stands no more: hearings told it as if it did, since no column there says so. Outcomes
-- keep it beside set_aside.
UPDATE reporting.hearings AS heard SET finding = NULL FROM reporting.outcomes AS came
WHERE came.reference = heard.reference AND came.officer = heard.officer AND came.set_aside;

COMMENT ON COLUMN reporting.hearings.finding IS 'The gravest finding that stands: not_proven, misconduct or gross_misconduct; empty also where it was set aside.';
COMMENT ON COLUMN reporting.outcomes.finding IS 'The gravest finding, also where set_aside says that it stands no more.';

-- Whoever counted misses by missed_at also counted what was done in time and told late, what lapsed, and what fell away.
COMMENT ON COLUMN reporting.deadlines.state IS 'running, due (owed as soon as practicable), extended, paused, met (in time), missed (a duty whose day ended undone, done late since or not), lapsed (a right), withdrawn or not_applicable (it fell away).';
COMMENT ON COLUMN reporting.deadlines.overdue IS 'Missed and still owed: neither done late nor fallen away since.';
COMMENT ON COLUMN reporting.deadlines.missed_at IS 'When its day ended with nothing done, as it looked then. It stays when it turns out that it was done in time, for a right that lapsed, and when it falls away: count misses by state.';
COMMENT ON COLUMN reporting.deadlines.done_at IS 'When it was done, in time or late, or a right was used.';
COMMENT ON COLUMN reporting.deadlines.rule IS 'The time limit it follows from, by its id (docs/reference/time-limits.md).';
