-- A case and an event have the form in which every reader takes them. Whoever may append could open a case under a reference
-- with a quote in it, or give an event a type of several lines, which the lines of the feed, and the stream of the gateway,
-- showed as an event of another case; put in a role or data that no reader takes, so that whoever follows the feed stood
-- there, and every webhook; or date a case in a year that Python has not, so that the watch and `forget` failed on it.
-- A later role is added here, in the release before its first use. What is there already is not looked at, as that would
-- hold up every append.
ALTER TABLE probity.stream ADD CONSTRAINT in_form CHECK (
    stream ~ '^[A-Z0-9][A-Z0-9-]{2,40}$'
    AND opened_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
    AND closed_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
) NOT VALID;

ALTER TABLE probity.event ADD CONSTRAINT in_form CHECK (
    type ~ '^[a-z][a-z0-9_]*$'
    AND command ~ '^[a-z][a-z0-9_]*$'
    AND actor_role IN (
        'intake', 'appropriate_authority', 'investigator', 'iopc', 'chair', 'panel_member', 'legal_adviser', 'officer',
        'police_friend', 'complainant', 'local_policing_body', 'appeals_tribunal', 'college', 'clerk', 'system'
    )
    AND actor_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'
    AND jsonb_typeof(data) = 'object'
    AND NOT data @? 'strict $.**{100}'
    AND NOT data @? 'strict $.** ? (@ > 9007199254740991 || @ < -9007199254740991)'
) NOT VALID;

-- The first event is the first of the array, wherever its numbers begin. Of one that begins at 0 the append took the second
-- for it, and by what that says of the clock a live case could be dated years ago. The rest of the function is that of 0023.
DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('probity.append'::regproc), 'happened[1]', 'happened[array_lower(happened, 1)]');
END
$$;
