// @ts-check
/**
 * Who works: servers and their pools, and what runs in them.
 */

import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time, useNow } from "../parts/basics.js";
import { Table } from "../parts/table.js";
import { href, setQuery } from "../router.js";
import { seesAll } from "../state.js";
import { html } from "../vendor/preact.js";
import { reader, Running } from "./running.js";

/** Heartbeats come three times in a lease: after this share of it, one is missing. */
const STALE_SHARE = 2 / 3;

const readServers = reader("/api/v1/servers");
const readPools = reader("/api/v1/pools");

/** @param {{ query: Readonly<Record<string, string>> }} props */
export function View({ query }) {
  return html`
    ${seesAll() ? html`<${All} server=${query.server} />` : html`
      <${Card}>
        <${Empty} title="Servers are shown to those who see all queues" />
        <//>
    `}
    <${Running} query=${query} />
  `;
}

/** @param {{ server?: string }} props */
function All({ server }) {
  const servers = useData(readServers, [], { everyMs: 5000 });
  const pools = useData(readPools, [], { everyMs: 5000 });
  return html`<${Shown} data=${pools}>${(/** @type {any} */ answer) =>
    html`
      <${Sum} pools=${answer.data} />
      <${Shown} data=${servers}>${(/** @type {any} */ { data }) =>
        html`
          <${Servers} servers=${data} pools=${answer} chosen=${server} />
        `}<//>
      <${Pools} answer=${answer} server=${server} />
    `}<//>`;
}

/** @param {{ pools: any[] }} props */
function Sum({ pools }) {
  const servers = new Set(pools.map(({ server_id }) => server_id)).size;
  const stale = new Set(pools.filter(isStale).map(({ server_id }) => server_id)).size;
  const busy = sum(pools, "busy");
  const slots = sum(pools, "slots");
  return html`
    <dl class="facts facts-row" aria-label="All servers">
      <div>
        <dt>Servers</dt>
        <dd>${format.count(servers)}</dd>
      </div>
      <div>
        <dt>Stale</dt>
        <dd>${stale === 0 ? "none" : format.count(stale)}</dd>
      </div>
      <div>
        <dt>Pools</dt>
        <dd>${format.count(pools.length)}</dd>
      </div>
      <div>
        <dt>Slots in use</dt>
        <dd>${format.count(busy)} of ${format.count(slots)}</dd>
      </div>
    </dl>
  `;
}

/** @param {{ servers: any[], pools: { data: any[], readAt: number }, chosen?: string }} props */
function Servers({ servers, pools, chosen }) {
  const poolsOf = Map.groupBy(pools.data, ({ server_id }) => server_id);
  /** @type {import("../parts/table.js").Column<any>[]} */
  const columns = [
    { title: "Server", kind: "wide", cell: (one) => one.hostname },
    {
      title: "Heartbeat",
      cell: ({ id }) => html`<${Heartbeat} pool=${poolsOf.get(id)?.[0]} readAt=${pools.readAt} />`,
    },
    {
      title: "Slots in use",
      cell: (one) => {
        const own = poolsOf.get(one.id) ?? [];
        return html`<${Use} busy=${
          own.length === 0 ? Number(one.active_jobs) : sum(own, "busy")
        } slots=${one.kind === "consumer" ? null : Number(one.concurrency_total)} />`;
      },
    },
    {
      title: "Pools",
      isMinor: true,
      cell: ({ pools, kind }) =>
        kind === "consumer" ? html`<span class="faint">consumer</span>` : pools.join(", "),
    },
    {
      title: "Started",
      isMinor: true,
      cell: ({ started_at }) => html`<${Time} at=${Number(started_at) * 1000} />`,
    },
    {
      title: "Process",
      isMinor: true,
      cell: ({ pid, go_version, version }) =>
        html`${pid} <span class="faint">${go_version} · GQM ${version}</span>`,
    },
    { title: "Id", isMinor: true, cell: ({ id }) => html`<code>${id}</code>` },
  ];
  return html`<${Card}>
    ${
    servers.length === 0
      ? html`
        <${Empty} title="No server runs">
          <p>Jobs wait until one is started.</p>
          <//>
      `
      : html`
        <${Table} label="Servers" rows=${servers} columns=${columns} keyOf=${(
          /** @type {any} */ { id },
        ) => id}
          hrefOf=${(/** @type {any} */ { id }) =>
            href(["servers"], { server: id === chosen ? undefined : id })} />
      `
  }
  <//>`;
}

/** @param {{ answer: { data: any[], readAt: number }, server?: string }} props */
function Pools({ answer, server }) {
  const rows = answer.data.filter(({ server_id }) => server === undefined || server_id === server);
  /** @type {import("../parts/table.js").Column<any>[]} */
  const columns = [
    { title: "Pool", kind: "wide", cell: (one) => one.name },
    {
      title: "Server",
      isMinor: true,
      cell: (one) =>
        html`${one.hostname} <span class="faint" title=${one.server_id}>${
          one.server_id.slice(-6)
        }</span>`,
    },
    {
      title: "Slots in use",
      cell: (one) => html`<${Use} busy=${one.busy} slots=${one.slots} />`,
    },
    {
      title: "Heartbeat",
      cell: (one) => html`<${Heartbeat} pool=${one} readAt=${answer.readAt} />`,
    },
    {
      title: "Types",
      kind: "wide",
      isMinor: true,
      cell: ({ types }) =>
        html`<${Names} names=${
          types?.map((/** @type {string} */ one) => one === "*" ? "all others" : one)
        } none="as it asks" />`,
    },
    {
      title: "Queues",
      isMinor: true,
      cell: ({ queues }) => html`<${Names} names=${queues} none="all" page="queues" />`,
    },
    {
      title: "Isolation",
      isMinor: true,
      cell: ({ isolate }) => isolate ?? html`<span class="faint">none</span>`,
    },
  ];
  const all = html`<button type="button" class="button small" onClick=${() =>
    setQuery({ server: undefined })}>Show all servers</button>`;
  return html`<${Card} title=${
    server ? `Pools of ${rows[0]?.hostname ?? server}` : "Pools"
  } actions=${server && all}>
    ${
    rows.length === 0
      ? html`<${Empty} title=${server ? "This server is gone" : "No pools"} />`
      : html`<${Table} label="Pools" rows=${rows} columns=${columns} keyOf=${(
        /** @type {any} */ { id },
      ) => id} />`
  }
  <//>`;
}

/** @param {{ pool?: any, readAt: number }} props */
function Heartbeat({ pool, readAt }) {
  const nowMs = useNow();
  if (!pool) return html`<span class="faint">–</span>`;
  const at = readAt - pool.heartbeat_age_ms;
  const lease = `Its claims hold for ${format.duration(pool.lease_ms)} without one`;
  return html`<span title=${lease}>${format.relative(at, nowMs)} ${
    isStale(pool) && html`<${Status} status="stale" />`
  }</span>`;
}

/** How many of the slots are in use. @param {{ busy: number, slots: number | null }} props */
function Use({ busy, slots }) {
  if (slots === null) return html`<span>${format.count(busy)} running</span>`;
  const share = slots === 0 ? 0 : Math.min(1, busy / slots);
  return html`<span class="use"><span class="use-bar" aria-hidden="true"><span style=${{
    width: `${share * 100}%`,
  }} /></span>
    <span class="tabular">${format.count(busy)} of ${format.count(slots)}</span></span>`;
}

/** @param {{ names?: readonly string[] | null, none: string, page?: string }} props */
function Names({ names, none, page }) {
  if (!names) return html`<span class="faint">${none}</span>`;
  return html`<span class="names">${
    names.map((name) =>
      page
        ? html`<a class="name" key=${name} href=${href([page, name])}>${name}</a>`
        : html`<span class="name" key=${name}>${name}</span>`
    )
  }</span>`;
}

/** @param {any} pool */
function isStale({ heartbeat_age_ms, lease_ms }) {
  return heartbeat_age_ms > lease_ms * STALE_SHARE;
}

/** @param {readonly any[]} all @param {string} name */
function sum(all, name) {
  return all.reduce((before, one) => before + (one[name] ?? 0), 0);
}
