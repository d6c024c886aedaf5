"""The reference page of the schema `reporting`: tables and columns in the words of the database, and what to count."""

import re
from pathlib import Path

from activities.reporting.reported import REPORTED
from integration.reference.markdown import MADE, table

__all__ = ["COUNTS", "comments", "reporting"]

MIGRATIONS = Path(__file__).parents[2] / "deploy" / "migrations"
COMMENT = re.compile(r"^COMMENT ON (?:TABLE|COLUMN) reporting\.(\S+) IS '((?:[^']|'')*)';$", re.MULTILINE)

ABOUT = """\
The schema `reporting` of the database holds these tables, for logins in `probity_reader`: opaque references, days and
words from closed lists, no free text. They follow every event in its own transaction; `probity schemas read_models` has
the types. Which clock a case has stands in the register alone: join it, and leave rehearsed cases out of figures."""

COUNTS = {
    "Cases open now": "FROM register WHERE closed_at IS NULL",
    "Duties overdue now": "FROM deadlines WHERE overdue",
    "Duties owed as soon as practicable, which have no day and are never overdue": "FROM deadlines WHERE state = 'due'",
    "Misses that stand, made good late or not": "FROM deadlines WHERE state = 'missed'",
    "Misses of what was extended only after its end": "FROM deadlines WHERE kind = 'duty' AND state <> 'missed' "
    "AND (missed_at AT TIME ZONE 'Europe/London')::date <= due",
    "Officers suspended now": "count(DISTINCT person) FROM restrictions WHERE measure = 'suspension'",
    "Officers whose misconduct was found, and stands": "FROM outcomes WHERE finding <> 'not_proven' AND NOT set_aside",
    "Warnings live today": "FROM outcomes WHERE live_until >= current_date AND NOT set_aside",
}

HANDED_OVER = """\
An officer whose part of a case was handed over stays in the rows of that case, under the same `person`: in `hearings`
and `outcomes` as far as it had come, and in the number of officers of `register`. The row of the case that took the
part over is the live one; no column says which it is, the event `officer_handed_over` does. A restriction leaves the
case that handed over, and is in no row until the part is taken over: `probity handed-over` lists whose is not."""


def reporting() -> str:
    """What BI tools read: each table and each column in a sentence, and what is counted how."""
    says = comments()
    counts = table(("Sought", "Counted"), ([what, f"`{how}`"] for what, how in COUNTS.items()))
    how = f"## What is counted how\n\n{counts}\n\n{HANDED_OVER}"
    tables = (
        f"## {name}\n\n{says[name]}\n\n"
        + table(("Column", "Says"), ([f"`{column}`", says[f"{name}.{column}"]] for column in row.model_fields))
        for name, row in REPORTED.items()
    )
    return "\n\n".join(["# What BI tools read", MADE, ABOUT, how, *tables]) + "\n"


def comments() -> dict[str, str]:
    """Each table, and each column as table.column, with what the last migration that says it says of it."""
    files = sorted(MIGRATIONS.glob("*.sql"))
    return {name: said.replace("''", "'") for file in files for name, said in COMMENT.findall(file.read_text("utf-8"))}
