"""A consumer of the feed: takes every event once, those of a case in their order, however often it is killed.

python consumer.py http://localhost:8000 taken.db      (with TOKEN in the environment, unless in development mode)
"""

import json
import os
import sqlite3
import sys
import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

address, file = sys.argv[1:]
database = sqlite3.connect(file)
database.executescript("""
    CREATE TABLE IF NOT EXISTS taken (
        number INTEGER PRIMARY KEY, event_id TEXT UNIQUE, reference TEXT, version INTEGER, type TEXT);
    CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT);
""")


def page(after: str) -> dict:
    """The events after this cursor."""
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"} if "TOKEN" in os.environ else {}
    asked = Request(f"{address}/events?{urlencode({'after': after, 'limit': 20})}", headers=headers)
    with urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def take(events: list, cursor: str) -> None:
    """What is done about events, and the place to go on from: in one transaction, so both or neither."""
    with database:
        for event in events:  # one that was taken comes again where the store was restored and its act told anew
            database.execute(
                "INSERT INTO taken (event_id, reference, version, type) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (event["event_id"], event["stream"], event["version"], event["type"]),
            )
        database.execute("INSERT INTO place VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET cursor = ?", (cursor, cursor))


cursor = next((cursor for (cursor,) in database.execute("SELECT cursor FROM place")), "")
while True:
    told = page(cursor)
    if told["events"]:
        take(told["events"], told["cursor"])
        cursor = told["cursor"]
    else:
        time.sleep(0.05)  # in service a second, or follow /events/stream
