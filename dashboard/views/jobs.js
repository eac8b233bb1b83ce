// @ts-check
/**
 * Jobs of every status: found, chosen, and what is done with them.
 */

import { get } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { act, ActionButtons, fits, hasFailed, myActions } from "../parts/job_actions.js";
import { Filters, filtersOf, inWords, searchOf, statusesOf } from "../parts/job_filters.js";
import { msOf } from "../parts/job_facts.js";
import { findJobs, sinceOf } from "../parts/job_search.js";
import { jobs, OperationWatch, startOperation } from "../parts/operation.js";
import { More, Table } from "../parts/table.js";
import { href, setQuery } from "../router.js";
import { html, useRef, useState } from "../vendor/preact.js";
import { Job } from "./job.js";

/** Rows of a page, and rows up to which they are read again as things happen. */
const PAGE = 50;
const LIVE_ROWS = 200;
const LIVE_SCANNED = 2000;
/** Time from one reading to the next at least: there is a request for each status. */
const LEAST_MS = 2000;
const NEVER_MS = 2_000_000_000;
const SHORT_ID = 13;

/** @typedef {import("../parts/operation.js").Action} Action */
/** @typedef {import("../parts/job_search.js").Found} Found */

/** @param {{ rest: readonly string[], query: Readonly<Record<string, string>> }} props */
export function View({ rest, query }) {
  const id = rest.join("/");
  return id ? html`<${Job} key=${id} id=${id} />` : html`<${List} query=${query} />`;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function List({ query }) {
  const mine = myActions();
  const filters = filtersOf(query);
  const key = JSON.stringify(filters);
  const chosen = new Set(query.chosen?.split(","));
  const [isAll, setAll] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [isLive, setLive] = useState(true);
  const goOn = useRef(/** @type {Found | undefined} */ (undefined));
  const shown = useRef({ key, rows: PAGE });
  const types = useData((signal) => get("/api/v1/types", {}, signal), [], { events: ["counts"] });

  /** @param {AbortSignal} signal */
  const load = async (signal) => {
    const from = goOn.current;
    goOn.current = undefined;
    if (shown.current.key !== key) shown.current = { key, rows: PAGE };
    const wanted = from ? from.rows.length + PAGE : shown.current.rows;
    const found = await findJobs(filters, from, wanted, signal);
    shown.current = { key, rows: Math.max(PAGE, found.rows.length) };
    setLive(found.rows.length <= LIVE_ROWS && found.scanned <= LIVE_SCANNED);
    return found;
  };
  const data = useData(
    load,
    [key],
    isLive && !isBusy ? { events: ["jobs"], leastMs: LEAST_MS } : { everyMs: NEVER_MS },
  );
  const { rows = [], scanned = 0, hasMore = false } = data.value ?? {};
  const byId = new Map(rows.map((job) => [job.id, job]));
  // What was chosen stays so when newer jobs have pushed it out of the list.
  const picked = [...chosen].map((id) => byId.get(id) ?? { id });

  /** @param {readonly string[]} ids */
  const choose = (ids) => {
    setAll(false);
    setQuery({ chosen: ids.join(",") });
  };
  /** @param {() => Promise<unknown>} what */
  const busy = async (what) => {
    setBusy(true);
    await what();
    setBusy(false);
  };
  const more = () =>
    busy(async () => {
      goOn.current = data.value;
      await data.reload();
    });
  /** @param {Action} action */
  const onAct = (action) =>
    busy(async () => {
      const named = picked.filter(({ status }) => !status || fits(action, status));
      if (isAll) await actOnAll(action, filters);
      else if (await act(action, named)) choose([]);
      // Nothing was followed while the question was there.
      await data.reload();
    });
  /** @param {Action} action */
  const can = (action) => {
    const of = isAll ? statusesOf(query) : picked.map(({ status }) => status);
    return isAll && of.length === 0 || of.some((status) => !status || fits(action, status));
  };
  const toAll = (/** @type {string} */ text) =>
    html`<button type="button" class="link" onClick=${() => {
      choose([]);
      setAll(true);
    }}>${text}</button>`;
  const told = `${jobs(rows.length)}, newest first${
    hasMore && (filters.q || filters.id || filters.fingerprint)
      ? `; ${format.count(scanned)} looked at so far`
      : ""
  }`;

  return html`
    ${query.op &&
      html`<${OperationWatch} key=${query.op} id=${query.op} onEnd=${() =>
        void data.reload()} onClose=${() => setQuery({ op: "" })} />`}
    <${Card}>
      <${Filters} query=${query} types=${types.value?.data ?? []} />
      ${mine.length > 0 && html`<div class="bar acts" role="group" aria-label="What to do">
        ${
        isAll || chosen.size > 0
          ? html`
            <strong role="status">${isAll
              ? "All that match"
              : `${jobs(chosen.size)} chosen`}</strong>
            <${ActionButtons} which=${mine.filter(can)} onAct=${onAct} isBusy=${isBusy} />
            ${!isAll && hasMore && chosen.size >= rows.length && toAll("All that match instead")}
            <button type="button" class="link" onClick=${() => choose([])}>Choose none</button>
          `
          : rows.length > 0 && toAll("Act on all that match…")
      }
      </div>`}
      <${Shown} data=${data} lines=${8}>${() =>
        rows.length === 0
          ? html`<${Nothing} isFiltered=${key !== "{}"} hasMore=${hasMore} />`
          : html`
            <${Table} label="Jobs" rows=${rows} columns=${columns} keyOf=${keyOf} hrefOf=${hrefOf}
              ...${mine.length > 0
                ? { chosen, onChoose: (/** @type {Iterable<string>} */ ids) => choose([...ids]) }
                : {}} />
          `}<//>
      ${data.value &&
        html`<${More} hasMore=${hasMore} isBusy=${isBusy} onMore=${more} told=${told} />`}
      ${!isLive &&
        html`<p class="more faint">So many are not followed as they change.
        <button type="button" class="link" disabled=${isBusy}
          onClick=${() => busy(data.reload)}>Refresh</button></p>`}
    <//>
  `;
}

/** @param {Action} action @param {Readonly<Record<string, string>>} filters */
async function actOnAll(action, filters) {
  const named = statusesOf(filters);
  const status = named.length === 0 ? undefined : named.filter((one) => fits(action, one));
  const of = inWords(filters) || (status ? "" : "Of all queues and types.");
  const operation = await startOperation({ action, query: { ...searchOf(filters), status }, of });
  if (operation) setQuery({ op: operation.id });
}

/** @param {{ isFiltered: boolean, hasMore: boolean }} props */
function Nothing({ isFiltered, hasMore }) {
  if (hasMore) return html`<${Empty} title="None found yet: there is more to look at" />`;
  return html`<${Empty} title=${isFiltered ? "No job matches" : "There are no jobs"} />`;
}

/** @param {any} job */
const keyOf = ({ id }) => id;
/** @param {any} job */
const hrefOf = ({ id }) => href(["jobs", id]);

/** @type {import("../parts/table.js").Column<any>[]} */
const columns = [
  {
    title: "Type",
    kind: "called",
    cell: (job) =>
      html`${job.type}<span class="aside faint clip">${
        [job.queue, textOf(job).slice(0, 80)].filter(Boolean).join(" · ")
      }</span>`,
  },
  {
    title: "Id",
    isMinor: true,
    kind: "narrow",
    cell: ({ id }) =>
      html`<code title=${id}>${id.length > 20 ? `…${id.slice(-SHORT_ID)}` : id}</code>`,
  },
  { title: "Status", kind: "narrow", cell: ({ status }) => html`<${Status} status=${status} />` },
  { title: "Queue", isMinor: true, cell: ({ queue }) => queue },
  { title: "Time", kind: "when", cell: (job) => html`<${When} job=${job} />` },
  { title: "Attempts", kind: "number", isMinor: true, cell: ({ attempts_made }) => attempts_made },
  {
    title: "Note",
    kind: "wide",
    isMinor: true,
    cell: (job) => {
      const { status, scheduled_at } = job;
      const isDue = status === "scheduled" || status === "retry";
      return html`
        ${isDue && html`<div>due <${Time} at=${msOf(scheduled_at)} /></div>`}
        <span class="faint clip" title=${textOf(job)}>${textOf(job).slice(0, 300)}</span>
      `;
    },
  },
];

/** Why it failed, or how far it is. @param {any} job */
function textOf({ status, error, progress }) {
  if (status === "processing" && progress) {
    return `${format.progress(progress.value)} ${progress.message ?? ""}`;
  }
  return hasFailed({ status, error }) ? error : "";
}

/** When it came into its status. @param {{ job: any }} props */
function When({ job }) {
  const { status, completed_at } = job;
  const word = completed_at
    ? "ended"
    : status === "processing"
    ? "started"
    : status === "retry"
    ? "tried"
    : "enqueued";
  return html`<span class="faint word">${word}</span> <${Time} at=${sinceOf(job)} />`;
}
