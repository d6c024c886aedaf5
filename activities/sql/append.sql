-- Events, command, head and snapshot in one statement: one round trip under the lock, and nothing between them to fail.
WITH appended AS (
    INSERT INTO probity.event (
        stream, version, event_id, type, schema_version, occurred_at, recorded_at,
        actor_role, actor_id, command, command_id, correlation_id, causation_id, data, hash
    )
    SELECT $1, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at,
           e.actor ->> 'role', e.actor ->> 'id', e.command, e.command_id,
           coalesce((SELECT event_id FROM probity.event WHERE stream = $1 AND version = 1), $2),
           e.command_id, e.data, decode(e.hash, 'hex')
    FROM jsonb_to_recordset($3) AS e (
        version bigint, event_id uuid, type text, schema_version integer, occurred_at timestamptz,
        recorded_at timestamptz, actor jsonb, command text, command_id text, data jsonb, hash text
    )
    ORDER BY e.version
), told AS (
    INSERT INTO probity.command (stream, command_id, name, body_hash, first_version, last_version, recorded_at)
    VALUES ($1, $4, $5, $6, $7, $8, $9)
)
UPDATE probity.stream
SET version = $8, head = $10, snapshot = $11, snapshot_version = $8, snapshot_code = $12, closed_at = $13
WHERE stream = $1
