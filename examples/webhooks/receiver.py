"""A receiver of webhooks in Python: verifies, takes each event once, says what it took.

WEBHOOK_SECRET=whsec_... python receiver.py 8000
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
seen = set[str]()  # in service: a unique key in your database, written with what you do about the event


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 when the event is taken; anything else, and it comes again."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Verify the bytes as they came: JSON that is written anew has another signature."""
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = webhook.verify(body, dict(self.headers))
        except WebhookVerificationError as wrong:
            print(f"refused: {wrong}", flush=True)
            return self.answer(400)
        if event["id"] not in seen:
            seen.add(event["id"])
            print(*(event[name] for name in ("type", "subject", "sequence") if name in event), flush=True)
        return self.answer(204)

    def answer(self, status: int) -> None:
        """Without a body."""
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests: only what was taken."""


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
try:
    server = HTTPServer(("127.0.0.1", port), Receiver)
except OSError as taken:
    sys.exit(f"cannot listen on port {port}: {taken.strerror}")
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
