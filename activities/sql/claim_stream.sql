-- A row to lock for a case that is being opened; a second opener waits here, then finds the first one's case.
INSERT INTO probity.stream (stream, head, opened_at) VALUES ($1, $2, $3) ON CONFLICT (stream) DO NOTHING
