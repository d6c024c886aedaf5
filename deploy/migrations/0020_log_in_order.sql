-- The log of a subscriber is read the latest first, by when a delivery was tried or else noted: so it is indexed.
DROP INDEX probity.delivery_log;
CREATE INDEX delivery_log ON probity.delivery (subscription, (coalesce(tried_at, noted_at)), version);
