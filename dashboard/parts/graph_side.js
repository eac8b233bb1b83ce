// @ts-check
/**
 * What stands beside a graph: the job that is chosen, and those around it.
 */

import { get, part } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { href } from "../router.js";
import { html, useEffect, useMemo, useRef } from "../vendor/preact.js";
import { Card, Failure, Shown, Status, Time } from "./basics.js";

/** Parents and children that are named. */
const MOST_NAMED = 12;

/** @param {{ node: any, isRoot: boolean, nodes: any[], edges: any[], onChoose: (id: string) => void }} props */
export function GraphSide({ node, isRoot, nodes, edges, onChoose }) {
  const { id, status } = node;
  const job = useData(
    async (signal) =>
      status === "unknown" ? undefined : (await get(`/api/v1/jobs/${part(id)}`, {}, signal)).data,
    [id],
  );
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) void job.reload();
    isFirst.current = false;
  }, [status]);
  const byId = useMemo(() => new Map(nodes.map((one) => [one.id, one])), [nodes]);
  const parents = edges.filter(({ target }) => target === id).map(({ source }) => byId.get(source));
  const children = edges.filter(({ source }) => source === id).map(({ target }) =>
    byId.get(target)
  );
  return html`<${Card} title=${
    node.type ?? "Gone"
  } class="graph-side" actions=${html`<${Status} status=${status} />`}>
    <p><a href=${href(["jobs", id])}><code>${id}</code></a></p>
    ${
    status === "unknown"
      ? html`<p class="faint">This job is gone.</p>`
      : html`<${Shown} data=${job} lines=${5}>${(/** @type {any} */ one) =>
        one && html`<${Facts} job=${one} />`}<//>`
  }
    <${Named} title="Parents" some=${parents} onChoose=${onChoose} />
    <${Named} title="Children" some=${children} onChoose=${onChoose} />
    <div class="bar"><a class="button" href=${href(["jobs", id])}>Open the job</a>
      ${!isRoot && html`<a class="button" href=${href(["dag", id])}>Its graph</a>`}</div>
  <//>`;
}

/** @param {{ job: any }} props */
function Facts({ job }) {
  const { queue, progress, error } = job;
  /** @param {string | undefined} seconds */
  const time = (seconds) => seconds && html`<${Time} at=${Number(seconds) * 1000} />`;
  /** @type {[string, unknown][]} */
  const facts = [
    ["Queue", html`<a href=${href(["queues", queue])}>${queue}</a>`],
    ["Created", time(job.created_at)],
    ["Started", time(job.started_at)],
    ["Ended", time(job.completed_at)],
    ["Ran", job.execution_duration && format.duration(Number(job.execution_duration))],
    ["Progress", progress && [format.progress(progress.value), progress.message].join(" ")],
    ["Attempts", job.attempts_made],
  ];
  return html`<dl class="facts">${
    facts.filter(([, value]) => value).map(([name, value]) =>
      html`
        <dt key=${name}>${name}</dt>
        <dd key=${`${name}=`}>${value}</dd>
      `
    )
  }</dl>${error && html`<${Failure} error=${new Error(error)} />`}`;
}

/** @param {{ title: string, some: any[], onChoose: (id: string) => void }} props */
function Named({ title, some, onChoose }) {
  if (some.length === 0) return null;
  return html`
    <h3>${title} <span class="faint">${format.count(some.length)}</span></h3>
    <ul class="rows">${some.slice(0, MOST_NAMED).map(({ id, type = id, status }) =>
      html`
        <li
          key=${id}><button type="button" class="link" title=${id} onClick=${() =>
            onChoose(
              id,
            )}>${type}</button><span class="end"><${Status} status=${status} /></span></li>
      `
    )}
          ${some.length > MOST_NAMED &&
            html`<li class="faint">and ${format.count(some.length - MOST_NAMED)} more</li>`}</ul>
  `;
}
