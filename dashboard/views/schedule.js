// @ts-check
/**
 * One schedule: what it says, when it fires next, and what became of its slots.
 */

import { get, part } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { JsonTree } from "../parts/json_tree.js";
import { ScheduleButtons } from "../parts/schedule_buttons.js";
import { FireList, Next, sourceText, Timing } from "../parts/schedule_parts.js";
import { Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { go, href, setQuery } from "../router.js";
import { may } from "../state.js";
import { html } from "../vendor/preact.js";
import { ScheduleForm } from "./schedule_form.js";

const overlaps = /** @type {Record<string, string>} */ ({
  skip: "the slot is skipped",
  allow: "both run",
  replace: "the last job is replaced",
  queue_one: "one waits until the last is done",
});
const kinds = /** @type {Record<string, string>} */ ({
  slot: "by the clock",
  trigger: "by hand",
  start: "at the start of a server",
});
const shows = { all: "All", fired: "With a job" };

/** @param {{ id: string, query: Readonly<Record<string, string>> }} props */
export function Schedule({ id, query }) {
  const show = query.show === "fired" ? "fired" : "all";
  const data = useData(
    async (signal) => (await get(`/api/v1/schedules/${part(id)}`, {}, signal)).data,
    [id],
    { everyMs: 5000 },
  );
  const history = useData(
    async (signal) =>
      (await get(`/api/v1/cron/${part(id)}/history`, { show, limit: 100 }, signal)).data,
    [id, show],
    { everyMs: 5000 },
  );
  const reload = async () => void await Promise.all([data.reload(), history.reload()]);
  const { value } = data;
  const removed = () => go(href(["schedules"]));
  const tabs = html`
    <${Tabs} label="Which lines" of=${shows} chosen=${show}
      onChoose=${(/** @type {string} */ one) => setQuery({ show: one === "all" ? "" : one })} />
  `;
  const buttons = value &&
    html`<${ScheduleButtons} schedule=${value} onChange=${reload} onRemoved=${removed} />`;
  return html`
    <${Card} title="Rules" actions=${buttons}>
      <${Shown} data=${data}>${(/** @type {any} */ one) => html`<${Facts} of=${one} />`}<//>
    <//>
    ${value && html`
      <div class="columns">
        <${Card} title="Next fires">
          <${Fires} of=${value} />
          <//>
          <${Card} title="Payload">
              ${value.payload === undefined
                ? html`<${Empty} title="None" />`
                : html`<${JsonTree} value=${value.payload} />`}
              ${value.meta !== undefined && html`
                <h3>Meta</h3>
                <${JsonTree} value=${value.meta} />
              `}
            <//>
          </div>
    `}
    ${data.error?.status !== 404 && html`
      <${Card} title="History" actions=${tabs}>
        <${Shown} data=${history}>${(/** @type {any} */ rows) =>
          html`<${History} rows=${rows} />`}<//>
          <//>
    `}
    ${query.edit && value && may("admin") && value.source === "runtime" &&
      html`<${ScheduleForm} schedule=${value} onClose=${() =>
        setQuery({ edit: undefined })} onSaved=${reload} />`}
  `;
}

/** @param {{ of: any }} props */
function Facts({ of }) {
  const rows = [
    ["Runs", html`<${Timing} of=${of} />`],
    ["Next", html`<${Next} of=${of} />`],
    [
      "Last job",
      of.last_fired_at_ms &&
      html`<${Time} at=${of.last_fired_at_ms} /> ${
        of.last_job_id &&
        html`<a href=${href(["jobs", of.last_job_id])}><code>${of.last_job_id}</code></a>`
      }`,
    ],
    [
      "Job",
      html`${of.type} <span class="faint">in</span> <a href=${
        href(["queues", of.queue])
      }>${of.queue}</a>${
        of.priority !== 0 && html`
          <span class="faint">with priority ${of.priority}</span>
        `
      }`,
    ],
    ["Not before", of.start_at_ms && html`<${Time} at=${of.start_at_ms} />`],
    ["Not after", of.end_at_ms && html`<${Time} at=${of.end_at_ms} />`],
    ["If the last still runs", overlaps[of.overlap] ?? of.overlap],
    [
      "Missed slots",
      of.catch_up === "none"
        ? "are left out"
        : of.catch_up === "latest"
        ? "the latest is made up for"
        : `up to ${of.catch_up} are made up for`,
    ],
    ["Jitter", of.jitter_ms > 0 && `up to ${format.duration(of.jitter_ms)} later`],
    ["At the start of a server", of.run_on_start && "it fires too"],
    ["Retries", of.max_retry],
    ["Time limit", of.timeout_ms && format.duration(of.timeout_ms)],
    [
      "Made by",
      html`${sourceText(of)}${
        of.scope && html`
          <span class="faint">${of.scope}</span>
        `
      }${
        of.source !== "runtime" && html`
          <span class="faint">– changed where it is defined, not here</span>
        `
      }`,
    ],
    ["Made", html`<${Time} at=${of.created_at_ms} />`],
    ["Changed", of.updated_at_ms > of.created_at_ms && html`<${Time} at=${of.updated_at_ms} />`],
  ];
  return html`
    ${of.error && html`<p class="failure" role="alert">${of.error}</p>`}
    <dl class="facts">${rows.map(([name, value]) =>
      value !== undefined && value !== false && value !== 0 && html`
        <dt key=${name}>${name}</dt>
        <dd>${value}</dd>
      `
    )}</dl>
  `;
}

/** @param {{ of: any }} props */
function Fires({ of }) {
  if (of.next_fires.length === 0) {
    return html`<${Empty} title=${of.enabled ? "It has no more slots" : "It is paused"} />`;
  }
  return html`<${FireList} fires=${of.next_fires} />
    ${
    of.jitter_ms > 0 && html`<p class="faint">Each up to ${format.duration(of.jitter_ms)} later</p>`
  }`;
}

/** @param {{ rows: any[] }} props */
function History({ rows }) {
  if (rows.length === 0) return html`<${Empty} title="Nothing yet" />`;
  /** @type {import("../parts/table.js").Column<any>[]} */
  const columns = [
    {
      title: "When",
      cell: (one) => html`<${Time} at=${one.triggered_at * 1000} />`,
    },
    {
      title: "Outcome",
      cell: ({ outcome, count }) =>
        html`<${Status} status=${outcome} />${
          count > 1 && html`
            <span class="faint">${format.count(count)} slots</span>
          `
        }`,
    },
    {
      title: "Job",
      kind: "wide",
      cell: ({ job_id }) =>
        job_id
          ? html`<a href=${href(["jobs", job_id])}><code>${job_id}</code></a>`
          : html`<span class="faint">–</span>`,
    },
    {
      title: "Slot",
      isMinor: true,
      cell: ({ slot_at }) => html`<${Time} at=${slot_at * 1000} />`,
    },
    { title: "How", isMinor: true, cell: ({ kind }) => kinds[kind] ?? kind },
    { title: "Note", isMinor: true, cell: ({ note }) => note ?? "" },
  ];
  const keys = keysOf(rows);
  return html`<${Table} label="History, newest first" rows=${rows} columns=${columns} keyOf=${(
    /** @type {any} */ row,
  ) => keys.get(row) ?? ""} />`;
}

/** Lines have no id: alike ones are told apart by how many like them are older. @param {any[]} rows */
function keysOf(rows) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return new Map(
    rows.toReversed().map((row) => {
      const base = `${row.triggered_at} ${row.slot_at} ${row.outcome} ${row.job_id}`;
      const n = seen.get(base) ?? 0;
      seen.set(base, n + 1);
      return [row, `${base} ${n}`];
    }),
  );
}
