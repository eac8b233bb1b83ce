// @ts-check
/**
 * Alerts: what is wrong, what was, and who has seen it.
 */

import { get, part, request } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { useRows } from "../paged.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { More, Table } from "../parts/table.js";
import { toast, told } from "../parts/toast.js";
import { href } from "../router.js";
import { may } from "../state.js";
import { html, useState } from "../vendor/preact.js";

const HOUR_MS = 3_600_000;
/** For how long an alert is kept quiet; "" until it is resolved. */
const spans = {
  "": "until it is resolved",
  [HOUR_MS]: "for an hour",
  [8 * HOUR_MS]: "for 8 hours",
  [24 * HOUR_MS]: "for a day",
};
/** What is measured, by what an alert is about. @type {Readonly<Record<string, string>>} */
const measures = {
  queue_stalled: "Nothing started for",
  oldest_age: "Oldest waits for",
  failure_rate: "Failed",
  dead_server: "Silent for",
  store_degraded: "Store took",
};

export function View() {
  const alerts = useData((signal) => get("/api/v1/alerts", {}, signal), [], { events: ["alert"] });
  return html`
    <${Shown} data=${alerts} lines=${4}>${(/** @type {any} */ { data }) => {
      const firing = newest(data, "firing", "fired_at_ms");
      const resolved = newest(data, "resolved", "resolved_at_ms");
      return html`
        <${Card} title=${firing.length === 0 ? "Firing" : `Firing: ${firing.length}`}>
          ${firing.length === 0
            ? html`
              <${Empty} title="Nothing is wrong">
                <p>Alerts are judged where a monitor has them turned on.</p>
                <//>
            `
            : html`<ul class="alerts">${
              firing.map((alert) =>
                html`<${Firing} key=${alert.id} alert=${alert} onDone=${alerts.reload} />`
              )
            }</ul>`}
        <//>
        ${resolved.length > 0 && html`
          <${Card} title="Resolved in the last hour">
            <ul class="alerts">${resolved.map((alert) =>
              html`
                <li key=${alert.id}>
                  <p><${Status} status="resolved" /> ${alert.summary}</p>
                  <p
                    class="faint"><${About} alert=${alert} /> · fired <${Time} at=${alert
                      .fired_at_ms} />, resolved <${Time} at=${alert.resolved_at_ms} /></p>
                </li>
              `
            )}</ul>
            <//>
        `}
      `;
    }}<//>
    <${History} />
  `;
}

/** @param {any[]} alerts @param {string} status @param {string} by @returns {any[]} */
function newest(alerts, status, by) {
  return alerts.filter((one) => one.status === status).toSorted((a, b) => b[by] - a[by]);
}

/** What an alert is about. @param {{ alert: any }} props */
function About({ alert: { rule, when, queue, type, server } }) {
  const links = [
    queue && ["queue", queue, href(["queues", queue])],
    type && ["type", type, href(["jobs"], { type })],
    server && ["server", server, href(["servers"])],
    when === "failure_rate" && ["", "failures", href(["failed"], { type })],
  ].filter(Boolean);
  return html`<code>${rule}</code>${
    links.map(([what, name, link]) =>
      html`<span key=${what}>${" · "}${what} <a href=${link}>${name}</a></span>`
    )
  }`;
}

/** @param {{ alert: any, onDone: () => Promise<void> }} props */
function Firing({ alert, onDone }) {
  const { when, value, threshold, summary, since_ms, acknowledged } = alert;
  const measured = when === "failure_rate" ? format.percent : format.duration;
  return html`<li class=${acknowledged ? "is-seen" : ""}>
    <p><${Status} status="firing" /> <strong>${summary}</strong></p>
    <p class="faint"><${About} alert=${alert} /> · since <${Time} at=${since_ms} /></p>
    <p>${measures[when] ?? "Measured"} ${
    value === null ? "–" : measured(value)
  } <span class="faint">· allowed ${measured(threshold)}</span></p>
    ${
    acknowledged &&
    html`<p>Seen by ${
      acknowledged.by || "somebody"
    } <${Time} at=${acknowledged.at_ms} /> <span class="faint">· ${
      acknowledged.until_ms === null
        ? "quiet until it is resolved"
        : html`told again <${Time} at=${acknowledged.until_ms} />`
    }</span></p>`
  }
    ${may("operator") && html`<${Acknowledge} alert=${alert} onDone=${onDone} />`}
  </li>`;
}

/** @param {{ alert: any, onDone: () => Promise<void> }} props */
function Acknowledge({ alert: { id, summary, acknowledged }, onDone }) {
  const [span, setSpan] = useState("");
  const [isBusy, setBusy] = useState(false);
  const acknowledge = async () => {
    setBusy(true);
    await told(async () => {
      await request("POST", `/api/v1/alerts/${part(id)}/acknowledge`, {
        body: span === "" ? {} : { for_ms: Number(span) },
      });
      toast("Acknowledged");
    });
    await onDone();
    setBusy(false);
  };
  return html`<div class="bar">
    <button type="button" class="button" disabled=${isBusy} aria-label=${`Acknowledge: ${summary}`} onClick=${acknowledge}>${
    acknowledged ? "Acknowledge again" : "Acknowledge"
  }</button>
    <select aria-label="For how long" value=${span} onChange=${(/** @type {any} */ event) =>
    setSpan(event.currentTarget.value)}>
      ${
    Object.entries(spans).map(([ms, text]) =>
      html`<option key=${ms} value=${ms} selected=${ms === span}>${text}</option>`
    )
  }
    </select></div>`;
}

function History() {
  const history = useRows("/api/v1/alerts/history", {}, keyOf, { events: ["alert"] });
  return html`
    <${Card} title="History">
      <${Shown} data=${history}>${(/** @type {any} */ { rows, hasMore }) =>
        rows.length === 0 ? html`<${Empty} title="No alert has fired yet" />` : html`
          <${Table} label="History of alerts" rows=${rows} columns=${columns} keyOf=${keyOf} />
          <${More} hasMore=${hasMore} isBusy=${history.isBusy} onMore=${history.more} />
        `}<//>
      <//>
  `;
}

/** @param {any} line */
function keyOf({ at_ms, event, alert }) {
  return `${at_ms} ${event} ${alert.id}`;
}

/** @type {import("../parts/table.js").Column<any>[]} */
const columns = [
  { title: "When", cell: ({ at_ms }) => html`<${Time} at=${at_ms} />` },
  { title: "What", cell: ({ event }) => html`<${Status} status=${event} />` },
  { title: "Alert", cell: ({ alert }) => alert.summary, kind: "wide" },
  { title: "About", cell: ({ alert }) => html`<${About} alert=${alert} />`, isMinor: true },
  {
    title: "Lasted",
    cell: ({ event, alert }) =>
      event === "resolved" && alert.resolved_at_ms !== null
        ? format.duration(alert.resolved_at_ms - alert.since_ms)
        : "–",
    isMinor: true,
  },
];
