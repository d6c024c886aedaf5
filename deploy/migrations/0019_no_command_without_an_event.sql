-- A command that is recorded gave an event. Without one, probity.append would let the engine's login close a case, open it
-- again or take a reference, and no event would say so; a case whose reference was taken so could never be opened.
ALTER TABLE probity.command DROP CONSTRAINT command_check;
ALTER TABLE probity.command ADD CONSTRAINT gave_an_event CHECK (last_version >= first_version);
