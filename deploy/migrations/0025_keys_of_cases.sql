-- A key of free text is of a case that is there. One of no case, which the engine's login could add, could not be erased or
-- deleted, and under a master key that nobody has it kept every worker from starting. A case is opened in one transaction
-- with its keys, so they are looked at when that ends.

-- Keys that were left where a case was not opened after all have sealed nothing; an opening takes three seconds at most.
ALTER TABLE probity.text_key DISABLE TRIGGER never_deleted;
DELETE FROM probity.text_key k
WHERE k.made_at < clock_timestamp() - interval '1 minute'
  AND NOT EXISTS (SELECT FROM probity.stream s WHERE s.stream = k.stream);
ALTER TABLE probity.text_key ENABLE TRIGGER never_deleted;

ALTER TABLE probity.text_key ADD CONSTRAINT of_a_case
    FOREIGN KEY (stream) REFERENCES probity.stream DEFERRABLE INITIALLY DEFERRED;
