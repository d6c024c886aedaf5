-- Every case of which anything is there: one whose row was taken away has its events still, or what was signed of them.
SELECT stream FROM probity.stream UNION SELECT stream FROM probity.event UNION SELECT stream FROM probity.checkpoint_head
