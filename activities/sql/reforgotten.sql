-- In this generation what had been erased is erased again.
INSERT INTO probity.reforgotten (generation, erasures) VALUES (probity.current_generation(), $1)
ON CONFLICT (generation) DO NOTHING
