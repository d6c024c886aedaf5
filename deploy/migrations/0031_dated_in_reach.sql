-- An event is dated in a year that every reader has. One of the year 200000, or before the first, which whoever may append
-- could put in, ended every page of the feed that holds it, and nothing that is recorded can be taken out again. What is there
-- already is not looked at, as that would hold up every append.
ALTER TABLE probity.event ADD CONSTRAINT dated_in_reach CHECK (
    occurred_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
    AND recorded_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00'
) NOT VALID;
