-- Whoever is to sign or to write down what was signed waits here, to the end of the transaction, for whoever does.
SELECT probity.hold_signing()
