// @ts-check
/**
 * What has failed: by kind of failure, then job by job.
 */

import { get } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { useRows } from "../paged.js";
import { Card, Empty, Shown, Time } from "../parts/basics.js";
import { FailedJobs, live } from "../parts/failed_jobs.js";
import { Kind, nameOf } from "../parts/failure.js";
import { actions, OperationWatch, startOperation } from "../parts/operation.js";
import { More, Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { href, setQuery } from "../router.js";
import { may, seesAll } from "../state.js";
import { html } from "../vendor/preact.js";

/** Statuses of what has failed for good. */
const FAILED = ["dead_letter", "failed"];

/** @typedef {{ query: Readonly<Record<string, string>> }} Queried */

/** @param {{ rest: readonly string[] } & Queried} props */
export function View({ rest: [fingerprint], query }) {
  return html`
    ${query.op &&
      html`<${OperationWatch} key=${query.op} id=${query.op} onClose=${() =>
        setQuery({ op: "" })} />`}
    ${fingerprint
      ? html`<${Group} key=${fingerprint} fingerprint=${fingerprint} query=${query} />`
      : html`<${All} query=${query} />`}
  `;
}

/** What the jobs may be doing, and what can be done with all of them then. */
const lists = {
  failed: { status: FAILED, which: /** @type {const} */ (["retry", "delete"]) },
  retry: { status: ["retry"], which: /** @type {const} */ (["promote", "cancel"]) },
};

const titles = { failed: "Failed for good", retry: "Waiting for a retry" };
const orders = { newest: "Newest", frequent: "Most often" };

/** Has the URL say which one of some choices it is; what was chosen of the jobs is not chosen any more. @param {string} name */
function choose(name) {
  return (/** @type {string} */ one) => setQuery({ [name]: one, chosen: "" });
}

/** The buttons for all jobs of a query. @param {{ query: Record<string, unknown>, of: string, label?: string, which?: readonly import("../parts/operation.js").Action[], isSmall?: boolean }} props */
function Actions({ query, of, label = "", which = lists.failed.which, isSmall = false }) {
  return which.filter((action) => may(actions[action].role)).map((action) => {
    const { name, isDestructive } = actions[action];
    const start = async () => {
      const operation = await startOperation({ action, query, of });
      if (operation) setQuery({ op: operation.id });
    };
    return html`
      <button type="button" key=${action} class=${`button ${isSmall ? "small" : ""} ${
        isDestructive ? "risky" : ""
      }`} aria-label=${isSmall ? `${name}: ${of}` : undefined}
        onClick=${start}>${isSmall ? name : name.replace(/\w+/, "$& all") + label}</button>
    `;
  });
}

/** The kinds of failure, or for those who see some queues only the jobs: kinds are of all queues. @param {Queried} props */
function All({ query }) {
  const { type = "", order = "newest" } = query;
  const of = type
    ? `All failed jobs of the type ${type}.`
    : "All failed jobs, whatever their error.";
  const field = html`<${TypeField} type=${type} />`;
  if (!seesAll()) {
    return html`
      <${Jobs} key=${type} about=${{ type }} of=${of} query=${query}>
        <div class="bar filters">${field}</div>
        <//>
    `;
  }
  return html`
    <${Card} title="Failures, by kind" actions=${html`
      <${Actions} label=" failed"
        query=${{ status: FAILED, type }} of=${of} />
    `}>
      <div class="bar filters">${field}
          <${Tabs} label="Order" of=${orders} chosen=${order} onChoose=${choose("order")} />
        </div>
      <${Kinds} type=${type} order=${order} />
      <//>
  `;
}

/** @param {{ type: string }} props */
function TypeField({ type }) {
  const types = useData((signal) => get("/api/v1/types", {}, signal), [], { everyMs: 60_000 });
  return html`
    <label class="field">Type <input type="search" list="failed-types" value=${type}
      placeholder="All types" onChange=${(/** @type {any} */ event) =>
        setQuery({ type: event.currentTarget.value.trim() })} /></label>
    <datalist id="failed-types">${types.value?.data.map((/** @type {any} */ one) =>
      html`<option key=${one.type} value=${one.type} />`
    )}</datalist>
  `;
}

/** @type {import("../parts/table.js").Column<any>[]} */
const columns = [
  {
    title: "Failure",
    kind: "wide",
    cell: (one) =>
      html`<strong>${nameOf(one)}</strong> <${Where} of=${one} />
        <span class="group-message">${one.message}</span>
        ${one.place && html`<span class="place" title=${one.place}>at ${short(one.place)}</span>`}
        <span class="phone faint">${format.many(one.count, "attempt")}, the last ${
        ago(one)
      }</span>`,
  },
  {
    title: "Attempts",
    kind: "number",
    isMinor: true,
    cell: ({ count }) => html`<span title=${format.fullCount(count)}>${format.count(count)}</span>`,
  },
  { title: "First", isMinor: true, cell: ({ first_at_ms }) => html`<${Time} at=${first_at_ms} />` },
  { title: "Last", isMinor: true, cell: ago },
];

/** @param {any} failure */
function ago({ last_at_ms }) {
  return html`<${Time} at=${last_at_ms} />`;
}

/** @type {import("../parts/table.js").Column<any>} */
const actionsColumn = {
  title: "Its jobs",
  kind: "narrow",
  isMinor: true,
  cell: (one) =>
    html`<span class="bar"><${Actions} isSmall query=${{
      status: FAILED,
      fingerprint: one.fingerprint,
    }} of=${`The failed jobs of “${nameOf(one)}: ${one.message}”`} /></span>`,
};

/** In which type and queue it was. @param {{ of: any }} props */
function Where({ of: { type, queue } }) {
  return html`<span class="faint">${type}${queue && ` in ${queue}`}</span>`;
}

/** A place in the code without the folders of its file. @param {string} place */
function short(place) {
  return place.replace(/[^\s(]*[\\/]/, "");
}

/** @param {{ type: string, order: string }} props */
function Kinds({ type, order }) {
  const groups = useRows("/api/v1/errors", { type, order }, ({ fingerprint }) => fingerprint, live);
  return html`<${Shown} data=${groups} lines=${6}>${(/** @type {any} */ { rows, hasMore }) =>
    rows.length === 0
      ? html`<${Empty} title=${
        type ? `Nothing of the type ${type} has failed` : "Nothing has failed"
      }>
        ${
        type && html`<p><button type="button" class="link" onClick=${() =>
          setQuery({ type: "" })}>Show all types</button></p>`
      }<//>`
      : html`
        <${Table} label="Failures" rows=${rows} columns=${may("operator")
          ? [...columns, actionsColumn]
          : columns}
          keyOf=${(/** @type {any} */ one) => one.fingerprint}
          hrefOf=${(/** @type {any} */ one) => href(["failed", one.fingerprint])} />
        <${More} hasMore=${hasMore} isBusy=${groups.isBusy} onMore=${groups.more} />
      `}<//>`;
}

/** @param {{ fingerprint: string } & Queried} props */
function Group({ fingerprint, query }) {
  return html`
    ${seesAll() && html`<${Kind} fingerprint=${fingerprint} />`}
    <${Jobs} about=${{ fingerprint }} query=${query}
      of=${`All jobs whose last error is of this kind (${fingerprint})`} />
  `;
}

/** Jobs that have something in common, by what they are doing. @param {{ about: Record<string, string>, of: string, children?: unknown } & Queried} props */
function Jobs({ about, of, query, children }) {
  const list = query.list === "retry" ? "retry" : "failed";
  const { status, which } = lists[list];
  return html`
    <${Card} title=${html`
      <${Tabs} label="Which jobs" of=${titles} chosen=${list} onChoose=${choose("list")} />
    `}
      actions=${html`<${Actions} which=${which} query=${{ ...about, status }} of=${of} />`}>
      ${children}
      <${FailedJobs} key=${list} about=${about} status=${status} query=${query}
        isWaiting=${list === "retry"} />
    <//>
  `;
}
