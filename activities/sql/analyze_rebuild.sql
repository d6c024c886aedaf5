-- Statistics for the fresh tables, before anyone plans by them.
SELECT probity.analyze_rebuild($1)
