/**
 * A graph of jobs on the wire.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { statuses } from "../../job/state.ts";
import { type Graph, parentsOf } from "../graph.ts";
import { boolean, described, list, object, oneOf, type Schema, text } from "../schema.ts";
import { allowsFailure } from "./job.ts";
import { secondsText } from "./time.ts";

/** A graph on the wire. */
export const graphSchema: Schema = object({
  root_id: text,
  nodes: list(object({
    id: text,
    "type?": text,
    status: described(oneOf(...statuses, "unknown"), "`unknown` if there is no such job"),
    "queue?": text,
    allow_failure: described(boolean, "Whether it runs though its parents fail"),
    "created_at?": described(text, "Epoch seconds"),
  })),
  edges: described(
    list(object({ source: text, target: text })),
    "From parents to children, both among the nodes",
  ),
  truncated: described(boolean, "Whether there are more jobs"),
});

/** Puts a graph on the wire; undefined if there is no such job. */
export function graphOnWire(rootId: string, graph: Graph | undefined): object {
  if (graph === undefined) {
    const nodes = [{ id: rootId, status: "unknown", allow_failure: false }];
    return { root_id: rootId, nodes, edges: [], truncated: false };
  }
  const { jobs, truncated } = graph;
  const ids = new Set(jobs.map(({ id }) => id));
  const edges = jobs.flatMap((job) =>
    [...parentsOf(job)].filter((id) => ids.has(id)).map((id) => ({ source: id, target: job.id }))
  );
  return { root_id: rootId, nodes: jobs.map(nodeOnWire), edges, truncated };
}

function nodeOnWire({ id, type, status, queue, settings, createdAt }: JobRecord): object {
  const allow_failure = allowsFailure(settings.dependsOn);
  return { id, type, status, queue, allow_failure, created_at: secondsText(createdAt) };
}
