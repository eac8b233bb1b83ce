// @ts-check
/**
 * Which jobs are meant: the fields that say it, what the URL holds of it, and what the API is asked.
 */

import * as format from "../format.js";
import { setQuery } from "../router.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { statuses } from "./statuses.js";

const names = ["status", "type", "queue", "q", "id", "fingerprint", "since", "from", "to"];
const spans = /** @type {Record<string, [string, number]>} */ ({
  "15m": ["last 15 minutes", 900_000],
  "1h": ["last hour", 3_600_000],
  "24h": ["last 24 hours", 86_400_000],
  "7d": ["last 7 days", 604_800_000],
});
const LONGEST_TEXT = 200;

/** @typedef {Readonly<Record<string, string>>} Query */

/** What of the query says which jobs are meant. @param {Query} query @returns {Query} */
export function filtersOf(query) {
  return Object.fromEntries(names.flatMap((name) => query[name] ? [[name, query[name]]] : []));
}

/** The statuses that are chosen; none for all. @param {Query} query */
export function statusesOf({ status = "" }) {
  return status.split(",").filter((one) => statuses.includes(one));
}

/** The same as the API has it, with a list of statuses. @param {Query} query */
export function searchOf(query) {
  const { type, queue, q, id = "", fingerprint, since = "", from, to } = query;
  const status = statusesOf(query);
  const isWhole = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id);
  const span = spans[since];
  return {
    status: status.length === 0 ? undefined : status,
    type,
    queue,
    q,
    id: isWhole ? id : undefined,
    id_prefix: isWhole || id === "" ? undefined : id,
    fingerprint,
    from_ms: span ? Date.now() - span[1] : from ? Number(from) : undefined,
    to_ms: !span && to ? Number(to) : undefined,
  };
}

/** What they say in words, but for the statuses. @param {Query} query */
export function inWords(query) {
  const { type, queue, q, id, fingerprint, since = "", from, to } = query;
  return [
    type && `type ${type}`,
    queue && `queue ${queue}`,
    q && `with the text "${q}"`,
    id && `id ${id}…`,
    fingerprint && "with the same failure",
    spans[since]?.[0],
    from && !spans[since] && `from ${format.time(Number(from))}`,
    to && !spans[since] && `before ${format.time(Number(to))}`,
  ].filter(Boolean).join(" · ");
}

/** Changes what is looked for: what was chosen of what was found is not chosen any more. @param {Record<string, string | number>} changes */
function look(changes) {
  setQuery({ ...changes, chosen: "" });
}

/** @param {{ query: Query, types?: readonly any[] }} props `types`: as GET /api/v1/types has them, once they are known. */
export function Filters({ query, types = [] }) {
  const [isOpen, setOpen] = useState(false);
  const chosen = statusesOf(query);
  const queues = types.flatMap((one) => one.queues).map(({ queue }) => queue);
  const seen = types.filter(({ type }) => !query.type || type === query.type)
    .flatMap((one) => one.queues).filter(({ queue }) => !query.queue || queue === query.queue);
  const n = Object.keys(filtersOf({ ...query, status: "", q: "" })).length;
  /** @param {string} status */
  const toggle = (status) => {
    const next = statuses.filter((one) => chosen.includes(one) !== (one === status));
    look({ status: next.join(",") });
  };
  return html`
    <form class="job-filters" role="search" aria-label="Jobs" onSubmit=${(
      /** @type {Event} */ event,
    ) => event.preventDefault()}>
      <div class="chips" role="group" aria-label="Status">${statuses.map((status) =>
        html`
          <button type="button" key=${status} class="chip" aria-pressed=${chosen.includes(status)}
            onClick=${() => toggle(status)}>${format.statusName(
              status,
            )} <span class="faint">${types.length > 0 &&
              format.count(seen.reduce((sum, one) => sum + one[status], 0))}</span></button>
        `
      )}</div>
      <div class="bar">
        <${Text} label="Text" name="q" value=${query.q} hint="in payload, result, error" />
        <button type="button" class="button fold" aria-expanded=${isOpen} onClick=${() =>
          setOpen(!isOpen)}>Filters${n > 0 && ` (${n})`}</button>
        <div class=${`bar ${isOpen ? "" : "is-folded"}`}>
          <${Text} label="Id" name="id" value=${query.id} hint="whole, or how it begins" />
          <${Choice} label="Type" name="type" value=${query.type} choices=${types.map(({ type }) =>
            type
          )} />
          <${Choice} label="Queue" name="queue" value=${query.queue} choices=${[...new Set(queues)]
            .sort()} />
          <${Span} query=${query} />
        </div>
        ${query.fingerprint && html`<span class="chip" aria-pressed="true">same failure
        <button type="button" class="icon-button" aria-label="All failures" onClick=${() =>
          look({ fingerprint: "" })}>×</button></span>`}
        ${Object.keys(filtersOf(query)).length > 0 &&
          html`<button type="button" class="link" onClick=${() =>
            look(Object.fromEntries(names.map((name) => [name, ""])))}>Clear</button>`}
      </div>
    </form>
  `;
}

/** A text that counts once Enter is pressed, the field is left, or nothing is in it. @param {{ label: string, name: string, value?: string, hint: string }} props */
function Text({ label, name, value = "", hint }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const end = (/** @type {string} */ next) => look({ [name]: next.trim() });
  return html`<label class="field">${label}
    <input type="search" value=${text} maxlength=${LONGEST_TEXT} placeholder=${hint} spellcheck=${false} autocomplete="off"
      onInput=${(/** @type {any} */ { currentTarget: { value } }) => {
    setText(value);
    if (value === "") end("");
  }} onChange=${() => end(text)} /></label>`;
}

/** @param {{ label: string, name: string, value?: string, choices: readonly string[] }} props */
function Choice({ label, name, value = "", choices }) {
  const all = value === "" || choices.includes(value) ? choices : [value, ...choices];
  return html`<label class="field">${label}
    <select value=${value} onChange=${(/** @type {any} */ event) =>
    look({ [name]: event.currentTarget.value })}>
      <option value="">all</option>${
    all.map((one) => html`<option key=${one} value=${one}>${one}</option>`)
  }
    </select></label>`;
}

/** @param {{ query: Query }} props */
function Span({ query: { since = "", from = "", to = "" } }) {
  const value = since in spans ? since : since === "own" || from || to ? "own" : "";
  return html`<label class="field">Time
      <select value=${value} title="When a job ended, is due, was started, or else was enqueued" onChange=${(
    /** @type {any} */ event,
  ) => look({ since: event.currentTarget.value, from: "", to: "" })}>
        <option value="">any</option>
        ${
    Object.entries(spans).map(([name, [title]]) =>
      html`<option key=${name} value=${name}>${title}</option>`
    )
  }
        <option value="own">from, to…</option>
      </select></label>
    ${
    value === "own" &&
    [["from", from, "From"], ["to", to, "Before"]].map(([name = "", at, label]) =>
      html`<label class="field" key=${name}>${label}
      <input type="datetime-local" value=${at ? localText(Number(at)) : ""} onChange=${(
        /** @type {any} */ event,
      ) => {
        const ms = new Date(event.currentTarget.value).getTime();
        look({ since: "own", [name]: Number.isNaN(ms) ? "" : ms });
      }} /></label>`
    )
  }`;
}

/** As a field for times has it. @param {number} ms */
function localText(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
