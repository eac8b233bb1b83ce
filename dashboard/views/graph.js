// @ts-check
/**
 * The graph around a job, as it changes.
 */

import { get, part } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { listen } from "../live.js";
import { Card, Empty, Shown, Status } from "../parts/basics.js";
import { Graph } from "../parts/graph.js";
import { GraphSide } from "../parts/graph_side.js";
import { href, setQuery } from "../router.js";
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";

/** The most that the API gives. */
const MOST_NODES = 500;
const MOST_STEPS = 20;

/** Statuses of jobs, and when they were told. @typedef {ReadonlyMap<string, { status: string, at: number }>} Told */

/**
 * The graph around a job. What is told of its jobs as it happens is shown at once, and once in a while all of it is
 * read anew, as jobs may have got children.
 *
 * @param {string} id
 */
function useGraph(id) {
  const askedAt = useRef(0);
  const [told, setTold] = useState(/** @type {Told} */ (new Map()));
  const [newest, setNewest] = useState(/** @type {string | undefined} */ (undefined));
  const data = useData(async (signal) => {
    const at = performance.now();
    const answer = await get(`/api/v1/dag/graph/${part(id)}`, {
      depth: MOST_STEPS,
      max_nodes: MOST_NODES,
    }, signal);
    askedAt.current = at;
    return answer.data;
  }, [id]);
  const { value, reload } = data;
  const known = useMemo(() => new Set(value?.nodes.map((/** @type {any} */ node) => node.id)), [
    value,
  ]);
  useEffect(
    () =>
      setTold((/** @type {Told} */ before) =>
        new Map([...before].filter(([, { at }]) => at > askedAt.current))
      ),
    [value],
  );
  useEffect(() =>
    listen(["jobs", "gap"], (event, name) => {
      if (name === "gap") return void reload();
      const ours = event.jobs.filter((/** @type {any} */ job) => known.has(job.id));
      if (ours.length === 0) return;
      const at = performance.now();
      setTold((/** @type {Told} */ before) =>
        new Map([
          ...before,
          ...ours.map((
            /** @type {any} */ { id, status },
          ) => [id, { status: status ?? "unknown", at }]),
        ])
      );
      const started = ours.findLast((/** @type {any} */ job) => job.status === "processing");
      if (started) setNewest(started.id);
    }), [known]);
  const nodes = useMemo(() =>
    value?.nodes.map((/** @type {any} */ node) => {
      const status = told.get(node.id)?.status ?? node.status;
      return status === node.status ? node : { ...node, status };
    }), [value, told]);
  return { data, nodes, newest };
}

/** @param {{ id: string, query: Readonly<Record<string, string>> }} props */
export function Around({ id, query }) {
  const { data, nodes, newest } = useGraph(id);
  const isFollowed = query.follow === "1";
  return html`<${Shown} data=${data} lines=${10}>${(/** @type {any} */ { edges, truncated }) => {
    const root = nodes.find((/** @type {any} */ node) => node.id === id);
    if (nodes.length === 1 && root.status === "unknown") {
      return html`
        <${Card}>
          <${Empty} title="There is no such job">
            <p><code>${id}</code> may be gone by now. <a href=${href(["dag"])}>All graphs</a></p>
            <//>
            <//>
      `;
    }
    const chosen = nodes.find((/** @type {any} */ node) => node.id === query.node) ?? root;
    /** @param {string} node */
    const choose = (node) => setQuery({ node: node === id ? undefined : node });
    return html`
      <div class="bar"><${Totals} nodes=${nodes}
          chosen=${chosen} onChoose=${choose} />
        <label class="end"><input type="checkbox" checked=${isFollowed} onChange=${() =>
          setQuery({ follow: isFollowed ? undefined : 1 })} /> Follow what starts</label></div>
      ${truncated && html`
        <p class="faint">These are ${format.many(
          nodes.length,
          "job",
        )} near this one; there are more.
          Open the graph of one at the border to see further.</p>
      `}
      ${nodes.length === 1 && !truncated && html`
        <p class="faint">This job depends on no other, and no other on it.</p>
      `}
      <div class="graph-page">
        <${Card} class="graph-card">
          <${Graph} nodes=${nodes} edges=${edges} root=${id} chosen=${chosen.id}
            onChoose=${choose} inView=${isFollowed ? newest : undefined} />
          <//>
          <${GraphSide} key=${chosen.id} node=${chosen} isRoot=${chosen.id === id} nodes=${nodes}
            edges=${edges} onChoose=${choose} />
          </div>
    `;
  }}<//>`;
}

/**
 * How many jobs there are of each status; each leads to the next of them.
 *
 * @param {{ nodes: any[], chosen: any, onChoose: (id: string) => void }} props
 */
function Totals({ nodes, chosen, onChoose }) {
  const at = nodes.indexOf(chosen) + 1;
  const inTurn = [...nodes.slice(at), ...nodes.slice(0, at)];
  return Object.entries(Object.groupBy(nodes, ({ status }) => status)).sort().map((
    [status, some],
  ) =>
    html`
      <button key=${status} type="button" class="link" title="Go to the next of them"
        onClick=${() =>
          onChoose(
            inTurn.find((node) => node.status === status).id,
          )}><${Status} status=${status} /> ${some?.length}</button>
    `
  );
}
