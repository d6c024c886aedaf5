-- Work over all cases that had no index to go by, and read the whole table as the record grew: which erasures there are, in
-- the order of the feed; the keys of a case, also those that were destroyed, case after case; and those that are still under
-- one master key, in the order in which they are wrapped anew.
CREATE INDEX event_erased ON probity.event (generation, transaction_id, position) WHERE type = 'text_erased';
CREATE INDEX text_key_stream ON probity.text_key (stream, subject);
CREATE INDEX text_key_master ON probity.text_key (master, key) WHERE wrapped IS NOT NULL;
