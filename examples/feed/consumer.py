"""A consumer of the feed: takes every event once, those of a case in their order, however often it is killed.

python consumer.py http://localhost:8000 taken.db      (with TOKEN in the environment, unless in development mode)

While the gateway is away it asks again, by itself. It needs urllib3.
"""

import os
import sqlite3
import sys
import time

import urllib3

address, file = sys.argv[1:]
database = sqlite3.connect(file)
database.executescript("""
    CREATE TABLE IF NOT EXISTS taken (
        number INTEGER PRIMARY KEY, event_id TEXT UNIQUE, reference TEXT, version INTEGER, type TEXT);
    CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT);
""")


# Without end; 503 only with `Retry-After`: a cursor that is not of this store does not become so by asking again.
AWAY = urllib3.Retry(total=sys.maxsize, status_forcelist=[502, 504], backoff_factor=0.1, backoff_max=30)
http = urllib3.PoolManager(
    headers={"Authorization": f"Bearer {os.environ['TOKEN']}"} if "TOKEN" in os.environ else {},
    timeout=30,
    retries=AWAY,
)


def page(after: str) -> dict:
    """The events after this cursor; what it is refused for, as a token that has ended, waiting does not mend."""
    while (answer := http.request("GET", f"{address}/events", fields={"after": after, "limit": "20"})).status != 200:
        if answer.status != 503 or answer.headers.get("Content-Type") == "application/problem+json":
            sys.exit(answer.data.decode())
        time.sleep(5)  # a proxy's 503, or that of a gateway with no connection to spare
    return answer.json()


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
