"use strict";
// Reads the contract of this very server and makes a form of each operation. Everything is put in as text, never as HTML.

const at = (id) => document.getElementById(id);
const base = new URL("..", location.href);

function made(tag, told = {}, ...inside) {
  const { class: name, ...rest } = told;
  const node = Object.assign(document.createElement(tag), rest);
  if (name) node.className = name;
  node.append(...inside.filter((each) => each !== null));
  return node;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const given = { "Idempotency-Key": newKey, "Probity-Purpose": () => at("purpose").value };

function field(parameter) {
  const schema = (parameter.schema.anyOf || [parameter.schema]).find((each) => each.type !== "null") || {};
  const input = made("input", { name: parameter.name, title: parameter.description || "", required: parameter.required });
  input.dataset.in = parameter.in;
  input.placeholder = (schema.enum || []).join(" | ") || (schema.default ?? "") || (parameter.description || "").slice(0, 60);
  if (parameter.name === "Idempotency-Key") input.value = newKey();
  return made("label", {}, `${parameter.name}${parameter.required ? " *" : ""}`, input);
}

function example(operation) {
  const content = operation.requestBody && operation.requestBody.content["application/json"];
  if (!content) return null;
  const [first] = Object.values(content.examples || {});
  const value = { ...(first ? first.value : {}) };
  const now = new Date().toISOString();
  if (value.occurred_at) value.occurred_at = now;
  if (value.first_known) value.first_known = now.slice(0, 10);
  if (value.reference && value.allegations) value.reference = `NEW-${now.slice(0, 4)}-${newKey().slice(0, 6).toUpperCase()}`;
  return JSON.stringify(value, null, 2);
}

function resolved(document_, schema) {
  return schema && schema.$ref ? document_.components.schemas[schema.$ref.split("/").pop()] : schema;
}

function fieldsOf(document_, operation) {
  const content = operation.requestBody && operation.requestBody.content["application/json"];
  const schema = content && resolved(document_, content.schema);
  if (!schema) return null;
  const rows = Object.entries(schema.properties).map(([name, each]) => {
    const [one] = (each.anyOf || [each]).filter((any) => any.type !== "null");
    const inner = resolved(document_, one.items || one) || one;
    const words = inner.enum ? inner.enum.join(" | ") : inner.title || inner.format || inner.type || "";
    const must = (schema.required || []).includes(name) ? " *" : "";
    return made("tr", {}, made("td", {}, made("code", {}, name + must)), made("td", {}, words), made("td", {}, each.description || ""));
  });
  return made("table", {}, ...rows);
}

async function send(event, method, path) {
  event.preventDefault();
  const form = event.target;
  const url = { path, query: new URLSearchParams(), headers: {} };
  for (const input of form.querySelectorAll("input[data-in]")) {
    const value = input.value || (input.name === "reference" && at("reference").value) || "";
    const told = value || (given[input.name] ? given[input.name]() : "");
    if (input.dataset.in === "path") url.path = url.path.replace(`{${input.name}}`, told.split("/").map(encodeURIComponent).join("/"));
    else if (told && input.dataset.in === "query") url.query.set(input.name, told);
    else if (told) url.headers[input.name] = told;
  }
  if (at("token").value) url.headers.Authorization = `Bearer ${at("token").value}`;
  const body = form.querySelector("textarea");
  if (body) url.headers["Content-Type"] = "application/json";
  const shown = form.querySelector("output");
  shown.replaceChildren("…");
  try {
    const where = new URL(`${url.path.slice(1)}${url.query.size ? `?${url.query}` : ""}`, base);
    const options = { method, headers: url.headers, body: body ? body.value : undefined };
    if (path.endsWith("/stream")) return await followed(where, options, shown);
    const answer = await fetch(where, options);
    show(shown, answer, await answer.text());
  } catch (wrong) {
    shown.replaceChildren(made("p", { class: "bad" }, `No answer: ${wrong.message}`));
  }
}

function show(shown, answer, text) {
  const told = ["etag", "location", "retry-after", "x-request-id"].filter((name) => answer.headers.get(name));
  const head = told.map((name) => `${name}: ${answer.headers.get(name)}`).join("   ");
  let body = text;
  try { body = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it is */ }
  const line = made("p", { class: answer.ok ? "good" : "bad" }, `${answer.status} ${answer.statusText}   ${head}`);
  shown.replaceChildren(line, made("pre", {}, body));
  const opened = answer.headers.get("location");
  if (answer.status === 201 && opened) at("reference").value = opened.split("/").pop();
}

async function followed(where, options, shown) {
  const answer = await fetch(where, options);
  const pre = made("pre");
  shown.replaceChildren(made("p", { class: answer.ok ? "good" : "bad" }, `${answer.status}`), pre);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) pre.append(part.value);
}

function shownAs(document_, method, path, operation) {
  const parameters = (operation.parameters || []).filter((each) => each.name !== "If-None-Match");
  const text = example(operation);
  const body = text === null ? null : made("textarea", { rows: Math.min(20, text.split("\n").length + 1), value: text, spellcheck: false });
  const form = made("form", {},
    made("div", {}, operation.description || ""),
    made("div", { class: "fields" }, ...parameters.map(field)),
    fieldsOf(document_, operation), body, made("button", {}, "Send"), made("output"));
  form.addEventListener("submit", (event) => send(event, method, path));
  const name = made("summary", {}, made("b", {}, method.toUpperCase()), made("code", {}, path), made("span", {}, `  ${operation.summary || ""}`));
  const details = made("details", {}, name, form);
  details.dataset.words = `${path} ${operation.summary} ${operation.description}`.toLowerCase();
  return details;
}

function find() {
  const sought = at("find").value.trim().toLowerCase();
  for (const each of document.querySelectorAll("details")) each.hidden = !each.dataset.words.includes(sought);
}

async function begin() {
  const answer = await fetch(new URL("openapi.json", base));
  const contract = await answer.json();
  const mode = answer.headers.get("probity-mode");
  if (mode) Object.assign(at("mode"), { hidden: false, textContent: `NOT FOR REAL CASES: ${mode}.` });
  at("title").textContent = `${contract.info.title} ${contract.info.version}`;
  at("about").textContent = contract.info.description.replaceAll("**", "").replaceAll("`", "");
  const parts = contract.tags.map((tag) => {
    const mine = [];
    for (const [path, methods] of Object.entries(contract.paths))
      for (const [method, operation] of Object.entries(methods))
        if ((operation.tags || []).includes(tag.name)) mine.push(shownAs(contract, method, path, operation));
    return made("section", {}, made("h2", {}, tag.name), made("p", {}, tag.description), ...mine);
  });
  at("operations").replaceChildren(...parts);
  at("find").addEventListener("input", find);
}

begin().catch((wrong) => at("operations").replaceChildren(made("p", { class: "bad" }, `The contract cannot be read: ${wrong.message}`)));
