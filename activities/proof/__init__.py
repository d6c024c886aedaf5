"""That a record is as it was written: the check of a case, the signed root of all cases, and its witness."""
