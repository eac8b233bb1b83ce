// @ts-check
/**
 * The jobs that run, with how long they have.
 */

import { get, part, request } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, useNow } from "../parts/basics.js";
import { confirm } from "../parts/dialog.js";
import { Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { toast, told } from "../parts/toast.js";
import { href, setQuery } from "../router.js";
import { may } from "../state.js";
import { html, useState } from "../vendor/preact.js";

const orders = { longest: "Longest", newest: "Newest" };
const PAGE = 100;
const readRunning = reader("/api/v1/running");

/** What is read, and when that was: ages are told by the clock of the store, and go on by ours. @param {string} path */
export function reader(path) {
  /** @param {AbortSignal} signal @param {Readonly<Record<string, unknown>>} [query] */
  return async (signal, query) => ({ ...await get(path, query, signal), readAt: Date.now() });
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
export function Running({ query }) {
  const order = query.order === "newest" ? "newest" : "longest";
  const page = Math.max(1, Math.floor(Number(query.page)) || 1);
  const { queue, type } = query;
  const data = useData((signal) => readRunning(signal, { order, page, queue, type, limit: PAGE }), [
    order,
    page,
    queue,
    type,
  ], { everyMs: 3000 });
  const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const total = data.value?.meta.total ?? 0;
  const ids = (data.value?.data ?? []).map((/** @type {any} */ { id }) => id).filter((
    /** @type {string} */ id,
  ) => chosen.has(id));
  /** @param {readonly string[]} which @param {string} what */
  const cancel = async (which, what) => {
    const isOne = which.length === 1;
    const isYes = await confirm({
      title: isOne ? "Cancel a job that runs" : "Cancel jobs that run",
      text: `${what} will be canceled. The signal of ${
        isOne ? "its handler" : "each handler"
      } aborts; what was done by then stays done.`,
      action: isOne ? "Cancel 1 job" : `Cancel ${which.length} jobs`,
      isDestructive: true,
    });
    if (!isYes) return;
    let done = 0;
    for (const id of which) {
      await told(async () => (await request("POST", `/api/v1/jobs/${part(id)}/cancel`), done++));
    }
    if (done > 0) toast(done === 1 ? "1 job canceled" : `${done} jobs canceled`);
    setChosen(new Set());
    await data.reload();
  };
  /** @type {import("../parts/table.js").Column<any>[]} */
  const columns = [
    { title: "Type", kind: "wide", cell: ({ type }) => type },
    {
      title: "Running for",
      cell: (one) => html`<${RunningFor} one=${one} readAt=${data.value?.readAt ?? 0} />`,
    },
    {
      title: "Progress",
      isMinor: true,
      cell: ({ progress }) =>
        progress
          ? html`<span title=${progress.message}>${format.progress(progress.value)}</span>`
          : html`<span class="faint">–</span>`,
    },
    {
      title: "Queue",
      isMinor: true,
      cell: ({ queue }) => html`<a href=${href(["queues", queue])}>${queue}</a>`,
    },
    {
      title: "Attempt",
      kind: "number",
      isMinor: true,
      cell: ({ attempt }) => attempt,
    },
    {
      title: "Pool",
      isMinor: true,
      cell: ({ pool, server_id }) =>
        html`<a href=${href(["servers"], { server: server_id })} title=${server_id}>${
          pool || "consumer"
        }</a>`,
    },
    { title: "Id", isMinor: true, cell: ({ id }) => html`<code>${id}</code>` },
  ];
  if (may("operator")) {
    columns.push({
      title: "Actions",
      kind: "narrow",
      cell: ({ id, type }) =>
        html`
          <button type="button" class="button small risky" aria-label=${`Cancel ${type} ${id}`}
            onClick=${() => cancel([id], `${type} ${id}`)}>Cancel</button>
        `,
    });
  }
  const actions = html`<div class="bar">
    ${
    ids.length > 0 && html`
      <button type="button" class="button small risky"
        onClick=${() => cancel(ids, `${ids.length} jobs`)}>Cancel ${ids.length} chosen</button>
    `
  }
    ${
    [["queue", queue], ["type", type]].map(([name, value]) =>
      value && html`<button type="button" class="button small" onClick=${() =>
        setQuery({ [name ?? ""]: undefined })}>${name}: ${value} ×</button>`
    )
  }
    <${Tabs} label="Order" of=${orders} chosen=${order}
      onChoose=${(/** @type {string} */ name) => setQuery({ order: name, page: undefined })} />
  </div>`;
  return html`
    <${Card} title=${total > 0 ? `Running · ${format.count(total)}` : "Running"} actions=${actions}>
      <${Shown} data=${data}>${(/** @type {any} */ { data: rows }) =>
        rows.length === 0
          ? html`<${Empty} title=${page > 1 ? "Nothing on this page" : "Nothing runs"} />`
          : html`
            <${Table} label="Jobs that run" rows=${rows} columns=${columns} keyOf=${(
              /** @type {any} */ { id },
            ) => id}
              hrefOf=${(/** @type {any} */ { id }) => href(["jobs", id])} chosen=${may("operator")
                ? chosen
                : undefined} onChoose=${setChosen} />
          `}<//>
        ${(page > 1 || total > PAGE) && html`
          <div class="more">
            <button type="button" class="button" disabled=${page === 1} onClick=${() =>
              setQuery({ page: page > 2 ? page - 1 : undefined })}>Before</button>
            <span class="faint">Page ${page} of ${Math.max(page, Math.ceil(total / PAGE))}</span>
            <button type="button" class="button" disabled=${page * PAGE >= total} onClick=${() =>
              setQuery({ page: page + 1 })}>After</button>
          </div>
        `}
      <//>
  `;
}

/** @param {{ one: any, readAt: number }} props */
function RunningFor({ one, readAt }) {
  const ms = one.running_ms + Math.max(0, useNow() - readAt);
  return html`<span class="tabular" title=${`Since ${format.time(one.started_at_ms)}`}>${
    format.duration(ms < 1000 ? ms : Math.floor(ms / 1000) * 1000)
  }</span>`;
}
