// @ts-check
/**
 * How it goes: what there is, what ends and fails, how long it takes.
 */

import { get } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Time } from "../parts/basics.js";
import { SeriesCard } from "../parts/series.js";
import { StatusFigures } from "../parts/statuses.js";
import { href } from "../router.js";
import { html } from "../vendor/preact.js";

/** @param {{ query: Readonly<Record<string, string>> }} props */
export function View({ query }) {
  const overview = useData((signal) => get("/api/v1/overview", {}, signal), [], {
    events: ["counts", "servers", "lines"],
  });
  const alerts = useData((signal) => get("/api/v1/alerts", {}, signal), [], { events: ["alert"] });
  const firing = alerts.value?.data.filter((/** @type {any} */ { status }) => status === "firing");
  return html`
    <${Shown} data=${overview} lines=${6}>${(/** @type {any} */ { data }) =>
      html`<${Now} data=${data} firing=${firing?.length} />`}<//>
    <${SeriesCard} query=${query} />
  `;
}

/** @param {{ data: any, firing?: number }} props `firing`: how many alerts do. */
function Now({ data, firing = 0 }) {
  const { counts, recent, oldest, failing, workers, paused } = data;
  return html`
    <${StatusFigures} counts=${counts} />
    <div class="columns">
      <${Card} title="Now">
        <dl class="facts">
          ${firing > 0 && html`
            <dt>Alerts</dt>
            <dd><a class="refused" href=${href(["alerts"])}>${format.count(firing)} firing</a></dd>
          `}
          ${workers && html`
            <dt>Servers</dt>
            <dd><a href=${href(["servers"])}>${format.count(workers.servers)}</a></dd>
            <dt>Slots in use</dt>
            <dd>${format.count(workers.busy)} of ${format.count(workers.slots)}</dd>
          `}
          <dt>Waiting longest</dt>
          <dd>${oldest
            ? html`
              <a href=${href(["jobs", oldest.id])}>${oldest.type}</a> <span class="faint">in${" "}
                <a href=${href(["queues", oldest.queue])}>${oldest.queue}</a>, due${" "}
                <${Time} at=${oldest.ready_at_ms} /></span>
            `
            : "nothing waits"}</dd>
          <dt>Paused</dt>
          <dd>${paused.length === 0
            ? "nothing"
            : html`<a href=${href(["limits"])}>${pausedText(paused)}</a>`}</dd>
        </dl>
        <//>
        <${Card} title="Last 15 minutes">
          <dl class="facts">
            <dt>Completed</dt>
            <dd>${format.count(recent.completed)} · ${format.rate(recent.per_second)}</dd>
            <dt>Failed attempts</dt>
            <dd>${format.count(recent.retried + recent.dead)}, ${format.count(
              recent.dead,
            )} for good</dd>
          </dl>
          <${Durations} waited=${recent.wait_ms} ran=${recent.run_ms} />
          <//>
          <${Card} title="Failing most, 24 hours">
            ${failing.length === 0
              ? html`<${Empty} title="Nothing has failed" />`
              : html`<ul class="rows">${
                failing.map((/** @type {any} */ one) =>
                  html`
                    <li key=${`${one.queue} ${one.type}`}><a href=${href(["failed"], {
                      type: one.type,
                    })}>${one.type}</a>
                      <span class="faint">${one.queue}</span><span class="end tabular">${format
                        .count(one.retried + one.dead)}</span></li>
                  `
                )
              }</ul>`}
            <//>
    </div>
  `;
}

/** @param {Record<"waited" | "ran", Record<string, number> | null>} props */
function Durations(props) {
  const shares = ["p50", "p95", "p99"];
  return html`
    <table aria-label="How long jobs waited and ran">
      <thead>
        <tr><td></td>${shares.map((share) =>
          html`<th key=${share} scope="col" class="number" title=${`${
            share.slice(1)
          } of 100 took no longer`}>${share}</th>`
        )}</tr>
      </thead>
      <tbody>${/** @type {const} */ ([["Waited", props.waited], ["Ran", props.ran]]).map((
        [title, of],
      ) =>
        html`<tr key=${title}><th scope="row">${title}</th>${
          shares.map((share) =>
            html`<td key=${share} class="number">${format.duration(of?.[share])}</td>`
          )
        }</tr>`
      )}</tbody>
    </table>
  `;
}

/** @param {readonly { queue: string | null, type: string | null }[]} paused */
function pausedText([first, ...others]) {
  const name = [first?.type, first?.queue ?? "all queues"].filter(Boolean).join(" in ");
  return others.length === 0 ? name : `${name} and ${format.many(others.length, "other")}`;
}
