-- Who is concerned in which cases, by the opaque id of the person: a matter that is told twice is found by it, over all
-- cases, while it is taken in (activities/duplicates.py). A few rows a case; every other event passes the index by.
CREATE INDEX event_person ON probity.event ((data ->> 'person')) WHERE type IN ('officer_added', 'officer_taken_over');
