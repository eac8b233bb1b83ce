/**
 * Graphs of jobs.
 *
 * @module
 */

import { path } from "../../api.ts";
import { ago, statusName } from "../../format.ts";
import { toneOf } from "../../style.ts";
import { span } from "../line.ts";
import { type GraphNode, type View, view } from "../view.ts";
import { jobView } from "./job.ts";

interface Root {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly queue: string;
  readonly child_count: number;
  readonly created_at: string;
}

interface Graph {
  readonly root_id: string;
  readonly nodes: readonly {
    readonly id: string;
    readonly type?: string;
    readonly status: string;
  }[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
  readonly truncated: boolean;
}

const MOST_NODES = 100;

/** Jobs that others depend on. */
export const dag: View = view({
  title: "DAG",
  events: ["jobs"],
  load: async (api, signal) =>
    (await api.get<Root[]>("/api/v1/dag/roots", { limit: 50 }, signal)).data,
  body: (roots, { nowMs }) => ({
    kind: "table",
    nothing: "no job depends on another",
    columns: [
      { title: "TYPE", isLong: true },
      { title: "STATUS" },
      { title: "ID", isLong: true, minor: 1 },
      { title: "QUEUE", isLong: true, minor: 2 },
      { title: "CHILDREN", isNumber: true },
      { title: "CREATED" },
    ],
    rows: roots.map((root) => ({
      key: root.id,
      cells: [
        span(root.type, "strong"),
        span(statusName(root.status), toneOf(root.status)),
        span(root.id, "faint"),
        span(root.queue),
        span(String(root.child_count)),
        span(ago(Number(root.created_at) * 1000, nowMs)),
      ],
      open: () => graphView(root.id),
    })),
  }),
});

/** The graph around a job. */
export function graphView(id: string): View {
  return view<Graph>({
    title: `graph of ${id}`,
    events: ["jobs"],
    load: async (api, signal) =>
      (await api.get<Graph>(
        path`/api/v1/dag/graph/${id}`,
        { depth: 20, max_nodes: MOST_NODES },
        signal,
      ))
        .data,
    body: ({ root_id, nodes, edges, truncated }) => ({
      kind: "graph",
      root: root_id,
      nodes: nodes.map((one): GraphNode => ({ ...one, title: one.type ?? one.id })),
      edges,
      ...truncated ? { note: `the first ${MOST_NODES} jobs` } : {},
      open: jobView,
    }),
  });
}
