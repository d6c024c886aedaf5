-- A reading of each of some cases ($1): who ($2, $3), what ($4) and why ($5).
SELECT probity.log_readings($1::text[], $2, $3, $4, $5)
