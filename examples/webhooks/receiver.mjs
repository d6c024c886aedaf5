// A receiver of webhooks in JavaScript: verifies, takes each event once, says what it took.
//
//   npm ci && WEBHOOK_SECRET=whsec_... node receiver.mjs 8000
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? "");
const seen = new Set(); // in service: a unique key in your database, written with what you do about the event

/** @typedef {{ id: string, type: string, subject?: string, sequence?: string }} CloudEvent */

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8"); // the bytes as they came: JSON written anew has another signature
  let event;
  try {
    const headers = /** @type {Record<string, string>} */ (request.headers);
    event = /** @type {CloudEvent} */ (webhook.verify(body, headers));
  } catch (wrong) {
    console.log(`refused: ${wrong}`);
    return response.writeHead(400).end();
  }
  if (!seen.has(event.id)) {
    seen.add(event.id);
    console.log(`${event.type} ${event.subject ?? ""} ${event.sequence ?? ""}`.trim());
  }
  response.writeHead(204).end();
});
server.on("error", (taken) => {
  console.error(`cannot listen: ${taken.message}`);
  process.exit(1);
});
server.listen(Number(process.argv[2] ?? 8000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`listening on ${port}`);
});
