// @ts-check
/**
 * What runs by the clock: when next, when last, and what became of it.
 */

import { get } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { ScheduleButtons } from "../parts/schedule_buttons.js";
import { Next, sourceText, Timing } from "../parts/schedule_parts.js";
import { More, Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { href, setQuery } from "../router.js";
import { may } from "../state.js";
import { html, useRef, useState } from "../vendor/preact.js";
import { Schedule } from "./schedule.js";
import { ScheduleForm } from "./schedule_form.js";

const PAGE = 100;
/** As many pages are read at first, and more each time that more are asked for. */
const PAGES = 5;
const states = { "": "All", active: "Active", paused: "Paused", failing: "Failing" };
const failing = new Set(["error", "missed"]);

/** @param {{ rest: readonly string[], query: Readonly<Record<string, string>> }} props */
export function View({ rest, query }) {
  const [id] = rest;
  return id
    ? html`<${Schedule} key=${id} id=${id} query=${query} />`
    : html`<${Schedules} query=${query} />`;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function Schedules({ query }) {
  const pages = useRef(PAGES);
  const [isBusy, setBusy] = useState(false);
  const data = useData(
    async (signal) => {
      /** @type {any[]} */
      const all = [];
      /** @type {string | undefined} */
      let cursor;
      for (let i = 0; i < pages.current; i++) {
        const answer = await get("/api/v1/schedules", { limit: PAGE, cursor }, signal);
        all.push(...answer.data);
        cursor = answer.meta.cursor;
        if (cursor === undefined) break;
      }
      return { all, hasMore: cursor !== undefined };
    },
    [],
    { everyMs: 10_000 },
  );
  const more = async () => {
    pages.current += PAGES;
    setBusy(true);
    await data.reload();
    setBusy(false);
  };
  const bar = html`<div class="bar filters">
    <input type="search" aria-label="Search schedules" placeholder="Id, type or queue" value=${
    query.q ?? ""
  }
      onInput=${(/** @type {any} */ { currentTarget }) => setQuery({ q: currentTarget.value })} />
    <${Tabs} label="Which" of=${states} chosen=${query.state ?? ""}
      onChoose=${(/** @type {string} */ state) => setQuery({ state })} />
    ${
    may("admin") && html`<button type="button" class="button primary end" onClick=${() =>
      setQuery({ new: 1 })}>New schedule</button>`
  }
  </div>`;
  return html`
    <${Card}>
      ${bar}
      <${Shown} data=${data} lines=${6}>${(/** @type {any} */ { all, hasMore }) =>
        html`
          <${List} all=${all} query=${query} onChange=${data.reload} />
          <${More} hasMore=${hasMore} isBusy=${isBusy} onMore=${more} told=${hasMore
            ? `The first ${format.count(all.length)} by id are searched`
            : undefined} />
        `}<//>
    <//>
    ${query.new && may("admin") &&
      html`<${ScheduleForm} onClose=${() => setQuery({ new: undefined })} />`}
  `;
}

/** @param {{ all: any[], query: Readonly<Record<string, string>>, onChange: () => Promise<void> }} props */
function List({ all, query: { q = "", state = "" }, onChange }) {
  const text = q.trim().toLowerCase();
  const rows = all.filter((one) =>
    (text === "" || `${one.id} ${one.type} ${one.queue}`.toLowerCase().includes(text)) &&
    (state === "" ||
      (state === "failing"
        ? one.error || failing.has(one.last_outcome)
        : one.enabled === (state === "active")))
  ).sort((a, b) =>
    (a.next_at_ms ?? Infinity) - (b.next_at_ms ?? Infinity) || (a.id < b.id ? -1 : 1)
  );
  if (all.length === 0) {
    return html`
      <${Empty} title="No schedules">
        <p>A program defines them in its code; an admin makes them here.</p>
        <//>
    `;
  }
  if (rows.length === 0) return html`<${Empty} title="None of the schedules fits" />`;
  /** @type {import("../parts/table.js").Column<any>[]} */
  const columns = [
    { title: "Schedule", cell: ({ id }) => id },
    {
      title: "Runs",
      kind: "wide",
      cell: (one) => html`<${Timing} of=${one} />`,
    },
    { title: "Next", cell: (one) => html`<${Next} of=${one} />` },
    { title: "Last", kind: "narrow", cell: (one) => html`<${Last} of=${one} />` },
    {
      title: "Type",
      isMinor: true,
      cell: ({ type, queue }) => html`${type} <span class="faint">in ${queue}</span>`,
    },
    { title: "Made by", isMinor: true, cell: (one) => sourceText(one) },
  ];
  if (may("operator")) {
    columns.push({
      title: "Actions",
      kind: "narrow",
      isMinor: true,
      cell: (one) => html`<${ScheduleButtons} schedule=${one} onChange=${onChange} />`,
    });
  }
  return html`
    <${Table} label="Schedules, the next to run first" rows=${rows} columns=${columns}
      keyOf=${(/** @type {any} */ { id }) => id}
      hrefOf=${(/** @type {any} */ { id }) => href(["schedules", id])} />
  `;
}

/** @param {{ of: any }} props */
function Last({ of }) {
  if (of.last_outcome === undefined) return html`<span class="faint">never</span>`;
  const isFired = of.last_outcome === "fired";
  const at = isFired
    ? of.last_fired_at_ms ?? of.last_slot_at_ms
    : of.last_slot_at_ms ?? of.last_fired_at_ms;
  const pill = html`<${Status} status=${of.last_outcome} />`;
  return html`<span class="stack"><${Time} at=${at} /><span>${
    of.last_job_id
      ? html`<a href=${
        href(["jobs", of.last_job_id])
      } aria-label=${`Last job: ${of.last_outcome}`}>${pill}</a>`
      : pill
  }</span></span>`;
}
