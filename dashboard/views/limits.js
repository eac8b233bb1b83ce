// @ts-check
/**
 * What holds jobs back: limits, with how much of them is used, and what is paused.
 */

import { getAll, part, request } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Bar } from "../parts/bar.js";
import { Card, Empty, Shown } from "../parts/basics.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { LimitForm } from "../parts/limit_form.js";
import { PausedCard } from "../parts/paused.js";
import { Act } from "../parts/queue_actions.js";
import { More, Table } from "../parts/table.js";
import { toast } from "../parts/toast.js";
import { href, setQuery } from "../router.js";
import { may, seesAll } from "../state.js";
import { html, useState } from "../vendor/preact.js";

const PAGE = 100;

/** @typedef {import("../parts/limit_form.js").Limit} Limit */

/** @param {{ query: Readonly<Record<string, string>> }} props */
export function View({ query }) {
  return html`
    ${seesAll() ? html`<${Limits} query=${query} />` : html`
      <${Card}>
        <${Empty} title="Limits are shown to those who see all queues" />
        <//>
    `}
    <${PausedCard} />
  `;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function Limits({ query }) {
  const [most, setMost] = useState(PAGE);
  const limits = useData((signal) => getAll("/api/v1/limits", {}, signal), [], { everyMs: 3000 });
  const [changed, setChanged] = useState(/** @type {Partial<Limit> | undefined} */ (undefined));
  const text = (query.q ?? "").toLowerCase();
  /** @param {readonly Limit[]} all */
  const shown = (all) => {
    if (all.length === 0) {
      return html`
        <${Empty} title="Nothing is limited">
          <p>A limit says how many jobs of a type, or with a key, run at once or start in a time, on all servers.</p>
          <//>
      `;
    }
    const found = all.filter((one) => nameOf(one).toLowerCase().includes(text));
    if (found.length === 0) return html`<${Empty} title="No limit is such" />`;
    return html`
      <${Rows} rows=${found.slice(0, most)} onChange=${setChanged} onDone=${limits.reload} />
      <${More} hasMore=${found.length > most} isBusy=${false} onMore=${() => setMost(most + PAGE)}
        told=${`${Math.min(most, found.length)} of ${format.many(found.length, "limit")}`} />
    `;
  };
  return html`
    <${Card} actions=${html`<div class="bar">
      <input type="search" placeholder="Type or key" aria-label="Part of the type or key" value=${
      query.q ?? ""
    }
        onInput=${(/** @type {any} */ event) => setQuery({ q: event.currentTarget.value })} />
      ${
      may("admin") && html`<button type="button" class="button" onClick=${() =>
        setChanged({})}>New limit…</button>`
    }
    </div>`}>
      <${Shown} data=${limits} lines=${6}>${shown}<//>
    <//>
    ${changed && html`
      <${Dialog} title=${changed.type || changed.key
        ? `Change the limit of ${nameOf(changed)}`
        : "New limit"}
        onClose=${() => setChanged(undefined)}>
        <${LimitForm} limit=${changed} all=${limits.value ?? []} onSave=${async (
          /** @type {Limit} */ limit,
        ) => {
          const { concurrency, rate } = limit;
          await request("PUT", pathOf(limit), { body: { concurrency, rate } });
          setChanged(undefined);
          toast(`${nameOf(limit)} is limited: the next start follows it`);
          await limits.reload();
        }} />
        <//>
    `}
  `;
}

/** @param {{ rows: readonly Limit[], onChange: (limit: Limit) => void, onDone: () => Promise<void> }} props */
function Rows({ rows, onChange, onDone }) {
  /** @param {Limit} limit */
  const remove = async (limit) => {
    const waits = limit.running ? ` ${format.many(limit.running, "job")} of it run now.` : "";
    if (
      await confirm({
        title: "Delete limit",
        text: `${nameOf(limit)}: jobs start as soon as there is a free slot.${waits}`,
        action: "Delete 1 limit",
        isDestructive: true,
      })
    ) {
      await request("DELETE", pathOf(limit));
      toast(`${nameOf(limit)} is no longer limited`);
      await onDone();
    }
  };
  return html`<${Table} label="Limits" rows=${rows} keyOf=${pathOf} columns=${[
    {
      title: "Of",
      kind: "called",
      cell: (/** @type {Limit} */ { type, key, per_key }) =>
        type === undefined
          ? html`<span class="faint">key</span> ${key}`
          : html`<span class="faint">${per_key ? "each key of" : "type"}</span> <a href=${
            href(["jobs"], { type })
          }>${type}</a>`,
    },
    {
      title: "Run at once",
      cell: (/** @type {Limit} */ limit) => html`<${Running} limit=${limit} />`,
    },
    { title: "Start", cell: (/** @type {Limit} */ limit) => html`<${Starting} limit=${limit} />` },
    ...may("admin")
      ? [{
        title: "Actions",
        kind: "narrow",
        cell: (/** @type {Limit} */ limit) =>
          html`<span class="bar">
            <button type="button" class="button small" aria-label=${`Change the limit of ${
            nameOf(limit)
          }`}
              onClick=${() => onChange(limit)}>Change…</button>
            <${Act} onPress=${() => remove(limit)} kind="risky" label=${`Delete the limit of ${
            nameOf(limit)
          }`}>Delete…<//></span>`,
      }]
      : [],
  ]} />`;
}

/** @param {{ limit: Limit }} props */
function Running({ limit: { concurrency, running } }) {
  if (concurrency === undefined) {
    return html`<span class="faint">${
      running === null ? "any number" : `any number, ${format.count(running)} now`
    }</span>`;
  }
  if (running === null) return html`${format.count(concurrency)} <span class="faint">each</span>`;
  const share = running / concurrency;
  const text = `${format.count(running)} of ${format.count(concurrency)}`;
  return html`<span>${text} <${Bar} label=${`${text} run`} parts=${[{
    share,
    tone: share >= 1 ? "warn" : "live",
  }]} /></span>`;
}

/** @param {{ limit: Limit }} props */
function Starting({ limit: { rate, tokens } }) {
  if (rate === undefined) return html`<span class="faint">at any rate</span>`;
  const { count, per_ms, burst = count } = rate;
  const text = `${format.count(count)} per ${format.duration(per_ms)}`;
  const more = burst === count ? "" : `, ${format.count(burst)} at once`;
  if (tokens === null) return html`${text} <span class="faint">each${more}</span>`;
  const left = Math.max(0, Math.floor(tokens));
  return html`<span>${text}${more}
    <${Bar} label=${`${left} of ${burst} may start now`} parts=${[{
    share: left / burst,
    tone: left === 0 ? "warn" : "accent",
  }]} />
    <span class="faint">${format.count(left)} may start now</span></span>`;
}

/** @param {Partial<Limit>} limit */
function nameOf({ type, key, per_key }) {
  return type === undefined ? `key ${key}` : per_key ? `each key of ${type}` : `type ${type}`;
}

/** @param {Limit} limit */
function pathOf({ type, key, per_key }) {
  if (type === undefined) return `/api/v1/limits/keys/${part(key ?? "")}`;
  return `/api/v1/limits/types/${part(type)}${per_key ? "/per-key" : ""}`;
}
