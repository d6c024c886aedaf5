"""The read models: what BI tools read, how it is made anew, and what is asked of it over all cases."""
