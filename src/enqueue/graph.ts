/**
 * Whole graphs of jobs, with names instead of ids inside.
 *
 * @module
 */

import { InvalidOptionError } from "../errors.ts";
import { isJobId } from "../job/names.ts";
import type { EdgePolicy } from "../job/job.ts";
import type { AnyJobs, JobMap, JobType, PayloadInput, Result } from "../job/registry.ts";
import { type ParentRef, policyOf } from "./edges.ts";
import { CyclicDependencyError, GraphTooLargeError, InvalidJobIdError } from "./errors.ts";
import type { JobHandle } from "./handle.ts";
import type { EnqueueOptions } from "./options.ts";
import { blamedOn } from "./prepare.ts";

/** Most jobs of a graph. */
const MAX_GRAPH_JOBS = 10_000;
/** Most edges of a graph. */
const MAX_GRAPH_EDGES = 100_000;

/**
 * A job that a job of a graph waits for: the name of one in the graph, or a
 * handle or id of one that is in the store.
 */
export type GraphParent =
  | string
  | {
    /** Name of a job in the graph. */
    readonly job: string;
    /** What happens when it does not complete. @default {"cancel"} */
    readonly onFailure?: EdgePolicy;
  }
  | Exclude<ParentRef, string>;

/** The payload of an item; it may be left out where its type allows `undefined`. */
export type ItemPayload<I> = undefined extends I ? { readonly payload?: I }
  : { readonly payload: I };

/** One job of a graph. */
export type GraphNode<J extends JobMap = AnyJobs> = {
  readonly [T in JobType<J>]: ItemPayload<PayloadInput<J, T>> & {
    /** Type of the job. */
    readonly type: T;
    /** What it waits for. */
    readonly dependsOn?: readonly GraphParent[];
    /** As for `enqueue`; what it waits for stands beside them. */
    readonly options?: Omit<EnqueueOptions, "onConflict" | "dependsOn">;
  };
}[JobType<J>];

/** Jobs of a graph by name. */
export type GraphNodes<J extends JobMap = AnyJobs> = Readonly<Record<string, GraphNode<J>>>;

/** Handles of `enqueueGraph`, by name. */
export type EnqueuedGraph<J extends JobMap, N extends GraphNodes<J>> = {
  readonly [K in keyof N]: JobHandle<PayloadInput<J, N[K]["type"]>, Result<J, N[K]["type"]>>;
};

const ACTION = "enqueue graph";
const JOB = "enqueue job";

/** Jobs of a graph in the order of their names, each with its id and its parents by id. */
export interface PlannedGraph {
  readonly names: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly options: readonly EnqueueOptions[];
}

/**
 * Gives the jobs of a graph ids, and turns names into them.
 *
 * @param under Job that those without parents wait for.
 * @throws {GraphTooLargeError} If there are too many jobs or edges.
 * @throws {CyclicDependencyError} If a job names itself.
 * @throws {InvalidOptionError} If a name stands for nothing.
 */
export function planGraph(
  graph: GraphNodes,
  newId: () => string,
  under: string | undefined,
): PlannedGraph {
  if (typeof graph !== "object" || graph === null || Array.isArray(graph)) {
    throw new InvalidOptionError(ACTION, "graph", "be an object of jobs by name", graph);
  }
  const names = Object.keys(graph);
  const nodes = Object.values(graph);
  if (names.length > MAX_GRAPH_JOBS) {
    throw new GraphTooLargeError("jobs", MAX_GRAPH_JOBS, names.length);
  }
  const edges = nodes.reduce((sum, node) => sum + (node?.dependsOn?.length ?? 0), 0);
  if (edges > MAX_GRAPH_EDGES) throw new GraphTooLargeError("edges", MAX_GRAPH_EDGES, edges);
  const ids = new Map(names.map((name, i) => [name, ownId(name, nodes[i]!, newId)]));
  const idOf = (name: unknown, child: string): string => {
    if (name === child) throw new CyclicDependencyError([child, child]);
    const id = ids.get(name as string);
    if (id !== undefined) return id;
    const rule = `name jobs of the graph, or give '{ id }' for others, in job '${child}'`;
    throw new InvalidOptionError(ACTION, "dependsOn", rule, name);
  };
  const options = nodes.map((node, i): EnqueueOptions => {
    const name = names[i]!;
    const own = { ...node?.options, id: ids.get(name)! };
    const parents = node?.dependsOn ?? [];
    if (!Array.isArray(parents)) {
      throw new InvalidOptionError(ACTION, "dependsOn", `be an array in job '${name}'`, parents);
    }
    const named = new Set<string>();
    const dependsOn = (parents as readonly GraphParent[]).map((parent): ParentRef => {
      const called = nameIn(parent);
      if (called !== undefined && named.has(called)) {
        const error = new InvalidOptionError(JOB, "dependsOn", "name each job once", called);
        throw blamedOn(titleOf(name), error);
      }
      if (called !== undefined) named.add(called);
      if (typeof parent === "string") return idOf(parent, name);
      if (typeof parent !== "object" || parent === null || !("job" in parent)) return parent;
      // A handle has a method of that name.
      if (typeof parent.job === "function") return parent as unknown as ParentRef;
      return { id: idOf(parent.job, name), onFailure: policyOf(ACTION, parent.onFailure) };
    });
    if (dependsOn.length === 0 && under !== undefined) return { ...own, dependsOn: [under] };
    return dependsOn.length === 0 ? own : { ...own, dependsOn };
  });
  return { names, nodes, options };
}

/** The id of a job: what its options say, else a new one. */
function ownId(name: string, node: GraphNode, newId: () => string): string {
  const options: EnqueueOptions = node?.options ?? {};
  if (options.dependsOn !== undefined) {
    const rule = "stand beside 'options', not in them";
    throw blamedOn(
      titleOf(name),
      new InvalidOptionError(JOB, "dependsOn", rule, options.dependsOn),
    );
  }
  const { id = newId() } = options;
  if (isJobId(id)) return id;
  throw blamedOn(titleOf(name), new InvalidJobIdError(JOB, id));
}

/** What a job of a graph is called in errors. */
export function titleOf(name: string): string {
  return `Job '${name}'`;
}

/** Name of a parent in the graph; undefined if it is outside. */
function nameIn(parent: GraphParent): string | undefined {
  if (typeof parent === "string") return parent;
  const job: unknown = (parent as { readonly job?: unknown } | null)?.job;
  return typeof job === "string" ? job : undefined;
}
