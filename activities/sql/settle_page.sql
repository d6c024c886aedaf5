-- Settles one page of the feed, if there is one to settle: deploy/migrations/0032_settled_pages.sql says which and why.
SELECT probity.settle_page()
