-- Look over every case, before the locks: then the swap has to look at those alone that may have moved since.
SELECT probity.look_over_rebuild($1)
