-- Whose part was handed over to which case: what nobody has taken over is found by it (activities/sql/handed_over.sql). A
-- row for each handing over; every other event passes the index by.
CREATE INDEX event_handed_over ON probity.event ((data ->> 'to')) WHERE type = 'officer_handed_over';
