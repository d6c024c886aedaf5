-- A head that is signed comes with its way to the root. Without one, as before 0017, the way is made again for each export and
-- looked at nowhere else: the signer's login could add a later head to an earlier checkpoint, and each export of the case was
-- at fault from then on while `verify` found it whole. A way that leads elsewhere is found.
ALTER TABLE probity.checkpoint_head ADD CONSTRAINT with_its_proof CHECK (proof IS NOT NULL) NOT VALID;
