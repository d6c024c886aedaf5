-- The fresh tables in the place of the live ones, if no case has moved.
SELECT probity.swap_rebuild($1)
