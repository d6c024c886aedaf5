-- The gateway: which cases only some may see, under which key a caller referred a matter, and the login that serves them.

ALTER TABLE reporting.register ADD COLUMN restricted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN reporting.register.restricted IS 'Whether only those may see it who have the right to see restricted cases.';

-- As in 0007_append.sql, with the new column.
CREATE OR REPLACE FUNCTION probity.publish(case_of text, models jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    model jsonb;
    keys  text[];
    before reporting.register;
BEGIN
    model := models -> 'register';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        -- A worker of the release before does not tell it: then it stays as it is.
        before.restricted := coalesce((SELECT r.restricted FROM reporting.register r WHERE r.reference = case_of), false);
        WITH gone AS (
            DELETE FROM reporting.register WHERE reference = case_of AND reference <> ALL (keys)
        )
        INSERT INTO reporting.register
        SELECT * FROM jsonb_populate_recordset(before, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference) DO UPDATE SET (
            force, stage, clock, regime, origin, referral_kind, mode, severity, officers, officers_open, stayed,
            overdue, next_due, first_known, opened_at, closed_at, illustrative, restricted
        ) = ROW (
            excluded.force, excluded.stage, excluded.clock, excluded.regime, excluded.origin, excluded.referral_kind,
            excluded.mode, excluded.severity, excluded.officers, excluded.officers_open, excluded.stayed,
            excluded.overdue, excluded.next_due, excluded.first_known, excluded.opened_at, excluded.closed_at,
            excluded.illustrative, excluded.restricted
        );
    END IF;

    model := models -> 'deadlines';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.deadlines WHERE reference = case_of AND deadline <> ALL (keys)
        )
        INSERT INTO reporting.deadlines
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.deadlines, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, deadline) DO UPDATE SET (
            force, rule, title, kind, duty, subject, state, overdue, trigger, due, done_at, missed_at, ended_at,
            regime, citation, unverified, illustrative
        ) = ROW (
            excluded.force, excluded.rule, excluded.title, excluded.kind, excluded.duty, excluded.subject,
            excluded.state, excluded.overdue, excluded.trigger, excluded.due, excluded.done_at, excluded.missed_at,
            excluded.ended_at, excluded.regime, excluded.citation, excluded.unverified, excluded.illustrative
        );
    END IF;

    model := models -> 'restrictions';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.restrictions WHERE reference = case_of AND officer <> ALL (keys)
        )
        INSERT INTO reporting.restrictions
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.restrictions, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, officer) DO UPDATE SET (
            force, person, measure, imposed_at, oral, confirmed, last_review, next_review, review_overdue
        ) = ROW (
            excluded.force, excluded.person, excluded.measure, excluded.imposed_at, excluded.oral, excluded.confirmed,
            excluded.last_review, excluded.next_review, excluded.review_overdue
        );
    END IF;

    model := models -> 'hearings';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.hearings WHERE reference = case_of AND officer <> ALL (keys)
        )
        INSERT INTO reporting.hearings
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.hearings, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, officer) DO UPDATE SET (
            force, hearing, person, proceedings, state, begins_on, notice_published, chair, finding
        ) = ROW (
            excluded.force, excluded.hearing, excluded.person, excluded.proceedings, excluded.state,
            excluded.begins_on, excluded.notice_published, excluded.chair, excluded.finding
        );
    END IF;

    model := models -> 'outcomes';
    IF model IS NOT NULL THEN
        keys := ARRAY(SELECT jsonb_array_elements_text(model -> 'keys'));
        WITH gone AS (
            DELETE FROM reporting.outcomes WHERE reference = case_of AND officer <> ALL (keys)
        )
        INSERT INTO reporting.outcomes
        SELECT * FROM jsonb_populate_recordset(NULL::reporting.outcomes, model -> 'rows') WHERE reference = case_of
        ON CONFLICT (reference, officer) DO UPDATE SET (
            force, person, severity, case_to_answer, disposal, proceedings, finding, sanction, notified_on,
            live_until, published, barred_list_reported, appeal_to, set_aside, departed
        ) = ROW (
            excluded.force, excluded.person, excluded.severity, excluded.case_to_answer, excluded.disposal,
            excluded.proceedings, excluded.finding, excluded.sanction, excluded.notified_on, excluded.live_until,
            excluded.published, excluded.barred_list_reported, excluded.appeal_to, excluded.set_aside,
            excluded.departed
        );
    END IF;
END
$$;

-- A referral that is sent again under its key is answered as the first time, however long after. The key is claimed before
-- the case is started, so that of two matters under one key at most one becomes a case; what was referred is compared with
-- the record itself (find_opening.sql), so that nothing of it is kept here.
CREATE TABLE probity.referral_key (
    caller     text        NOT NULL,
    key        text        NOT NULL,
    reference  text        NOT NULL UNIQUE,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);

COMMENT ON TABLE probity.referral_key IS 'Idempotency keys under which matters were referred over HTTP. Append-only.';
COMMENT ON COLUMN probity.referral_key.caller IS 'The subject of the token that it came with; a key is its caller''s own.';
COMMENT ON COLUMN probity.referral_key.reference IS 'The case that it is for, also before that case is open.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON probity.referral_key
    FOR EACH ROW EXECUTE FUNCTION probity.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON probity.referral_key
    FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();

DO $$
BEGIN
    CREATE ROLE probity_gateway LOGIN;
    GRANT probity_gateway TO CURRENT_USER;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

-- It reads cases with their free text, and the read models, for whom it lets; of the record it writes nothing but keys of
-- callers, and in the log of readers.
GRANT probity_opener, probity_reader TO probity_gateway;
GRANT SELECT, INSERT ON probity.referral_key TO probity_gateway;
