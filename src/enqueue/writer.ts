/**
 * Checks jobs and writes them, for clients and for running handlers.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { Coalescer } from "../coalesce.ts";
import { InvalidOptionError } from "../errors.ts";
import { uuidv7Generator } from "../job/id.ts";
import { MAX_BATCH } from "../job/names.ts";
import type { JobMap } from "../job/registry.ts";
import type { JobStatus } from "../job/state.ts";
import type { EnqueueReply, Hold, NewJob, Store } from "../store/store.ts";
import { type EnqueueContext, surroundings } from "./context.ts";
import { parentsFirst } from "./edges.ts";
import {
  BatchTooLargeError,
  DuplicateIdInBatchError,
  DuplicateJobError,
  MissingParentError,
} from "./errors.ts";
import { type GraphNodes, planGraph } from "./graph.ts";
import { type JobHandle, jobHandle } from "./handle.ts";
import { type EnqueueHooks, tellAfter } from "./hooks.ts";
import type { EnqueueOptions } from "./options.ts";
import { Preparer, type RawItem } from "./prepare.ts";

/** What a writer works with. */
export interface WriterOptions {
  /** The store, open. */
  readonly store: () => Promise<Store>;
  /** Registry of types, if there is one. */
  readonly jobs: JobMap | undefined;
  /** Aborts when whoever waits for results is to be let go. */
  readonly closing: AbortSignal;
  /** Told of each job that is in the store. */
  readonly onEnqueued?: (type: string, handle: JobHandle) => void;
  /** Tells what surrounds the producer, besides the running job. */
  readonly context?: () => EnqueueContext | undefined;
  /** Called around every enqueue. */
  readonly hooks?: EnqueueHooks;
}

/** The claim under which jobs are enqueued. */
export interface UnderClaim extends Hold {
  /** What the claimed job passes on. */
  readonly passesOn: EnqueueContext;
  /** Makes the error for a claim that is no longer the latest. */
  readonly lost: () => Error;
}

/** Jobs that go together, as they stand in the call. */
interface Batch {
  readonly prepared: readonly Promise<NewJob>[];
  /** What a job of it is called, in a cycle. */
  readonly nameOf: (index: number) => string;
  /** How an error of a job of it begins. */
  readonly at: (index: number) => string;
}

/** Characters of payload that weigh as much as a job, so that one call to the store stays small. */
const WEIGHED_AS_JOB = 4096;

/** Writes jobs; calls in flight go to the store together. */
export class JobWriter {
  readonly #options: WriterOptions;
  readonly #newId = uuidv7Generator(systemClock.now);
  readonly #preparer: Preparer;
  readonly #writes: Coalescer<readonly NewJob[], EnqueueReply>;
  readonly #entering = new Set<Promise<void>>();

  /** @param options Where the jobs go, and what they are. */
  constructor(options: WriterOptions) {
    this.#options = options;
    this.#preparer = new Preparer(options.jobs, this.#newId, options.hooks);
    this.#writes = new Coalescer({
      send: async (groups) => await (await options.store()).enqueue(groups),
      weigh: (group) =>
        group.reduce(
          (sum, { payload }) => sum + 1 + Math.floor(payload.length / WEIGHED_AS_JOB),
          0,
        ),
      maxWeight: MAX_BATCH,
    });
  }

  /** Enqueues one job. */
  async one(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
    under?: UnderClaim,
  ): Promise<JobHandle> {
    const wanted = this.#preparer.options(type, payload, options);
    const prepared = this.#preparer.job(type, payload, wanted, this.#inherited(under));
    const [job, reply] = prepared instanceof Promise
      ? await this.#writeChecked(prepared, (job) => [held(job, under)])
      : [prepared, await this.#writes.add([held(prepared, under)])];
    const store = await this.#options.store();
    switch (reply.outcome) {
      case "created":
        return this.#written(job, this.#handle(store, job.id, reply.statuses[0]!, true));
      case "merged":
        return this.#written(job, this.#handle(store, reply.id, reply.status, false));
      case "duplicate": {
        const existing = this.#handle(store, reply.id, reply.status, false);
        const { onConflict } = wanted ?? {};
        // Whatever waits under the key will run with what was enqueued by then.
        const waits = onConflict === "rerun" && reply.id !== job.id;
        if (onConflict === "existing" || onConflict === "throttle" || waits) {
          return this.#written(job, existing);
        }
        throw new DuplicateJobError(existing, { byKey: reply.id !== job.id });
      }
      case "missing_parent":
        throw new MissingParentError(reply.id);
      case "lost":
        throw under!.lost();
      case "failed":
        throw reply.error;
    }
  }

  /** Enqueues several jobs, all of them or none. */
  async many(items: readonly RawItem[], under?: UnderClaim): Promise<JobHandle[]> {
    if (!Array.isArray(items)) {
      throw new InvalidOptionError("enqueue jobs", "items", "be an array", items);
    }
    if (items.length > MAX_BATCH) throw new BatchTooLargeError(items.length);
    const at = (index: number): string => `Item ${index}`;
    const keys = ["type", "payload", "options"];
    const inherited = this.#inherited(under);
    const prepared = items.map((item, i) => this.#preparer.item(item, at(i), keys, inherited));
    return await this.#batch({ prepared, nameOf: at, at }, under);
  }

  /** Enqueues a graph, all of it or nothing; gives handles by name. */
  async graph(
    graph: GraphNodes,
    under?: UnderClaim,
  ): Promise<Readonly<Record<string, JobHandle>>> {
    const { names, nodes, options } = planGraph(graph, this.#newId, under?.id);
    const keys = ["type", "payload", "options", "dependsOn"];
    const items = nodes.map((node, i): RawItem => ({ ...node, options: options[i]! }));
    const nameOf = (index: number): string => names[index]!;
    const at = (index: number): string => `Job '${names[index]}'`;
    const inherited = this.#inherited(under);
    const prepared = items.map((item, i) => this.#preparer.item(item, at(i), keys, inherited));
    const handles = await this.#batch({ prepared, nameOf, at }, under);
    return Object.fromEntries(names.map((name, i) => [name, handles[i]!]));
  }

  /** Resolves when all that was handed in is in the store, or has failed. */
  async idle(): Promise<void> {
    await Promise.all(this.#entering);
    await this.#writes.idle();
  }

  async #batch(
    { prepared, nameOf, at }: Batch,
    under: UnderClaim | undefined,
  ): Promise<JobHandle[]> {
    if (prepared.length === 0) return [];
    let order: readonly number[] = [];
    const [jobs, reply] = await this.#writeChecked(allInOrder(prepared), (jobs) => {
      checkDistinct(jobs);
      order = parentsFirst(jobs, nameOf);
      return order.map((index) => held(jobs[index]!, under));
    });
    const store = await this.#options.store();
    switch (reply.outcome) {
      case "created": {
        const handles: JobHandle[] = [];
        order.forEach((index, place) => {
          handles[index] = this.#handle(store, jobs[index]!.id, reply.statuses[place]!, true);
        });
        handles.forEach((handle, index) => this.#written(jobs[index]!, handle));
        return handles;
      }
      case "duplicate": {
        const index = order[reply.index]!;
        const existing = this.#handle(store, reply.id, reply.status, false);
        const byKey = reply.id !== jobs[index]!.id;
        throw new DuplicateJobError(existing, { at: at(index), byKey });
      }
      case "missing_parent":
        throw new MissingParentError(reply.id, at(order[reply.index]!));
      case "lost":
        throw under!.lost();
      case "failed":
        throw reply.error;
      case "merged":
        throw new Error("Cannot merge a job of a batch as it is written whole");
    }
  }

  #inherited(under: UnderClaim | undefined): EnqueueContext | undefined {
    return surroundings(this.#options.context, under?.passesOn);
  }

  /** Tells of a job that is in the store. */
  #written(job: NewJob, handle: JobHandle): JobHandle {
    const { onEnqueued, hooks } = this.#options;
    onEnqueued?.(job.type, handle);
    if (hooks?.afterEnqueue !== undefined) tellAfter(hooks, handle, job);
    return handle;
  }

  #handle(store: Store, id: string, status: JobStatus, isNew: boolean): JobHandle {
    return jobHandle(store, { id, status, isNew, closing: this.#options.closing });
  }

  /** Writes what was checked asynchronously; `idle` waits until it is on its way. */
  async #writeChecked<T>(
    checks: Promise<T>,
    jobsOf: (checked: T) => readonly NewJob[],
  ): Promise<[T, EnqueueReply]> {
    const entered = Promise.withResolvers<void>();
    this.#entering.add(entered.promise);
    let checked: T;
    let written: Promise<EnqueueReply>;
    try {
      checked = await checks;
      written = this.#writes.add(jobsOf(checked));
    } finally {
      this.#entering.delete(entered.promise);
      entered.resolve();
    }
    return [checked, await written];
  }
}

function held(job: NewJob, under: UnderClaim | undefined): NewJob {
  return under === undefined ? job : { ...job, holder: { id: under.id, fence: under.fence } };
}

function checkDistinct(jobs: readonly NewJob[]): void {
  const ids = new Set<string>();
  const keys = new Set<string>();
  for (const { id, settings } of jobs) {
    if (ids.has(id)) throw new DuplicateIdInBatchError(id);
    ids.add(id);
    const key = settings.unique?.key ?? null;
    if (key === null) continue;
    if (keys.has(key)) throw new DuplicateIdInBatchError(key, "unique key");
    keys.add(key);
  }
}

/** Waits for all; throws the first failure in the order given, not in that of time. */
async function allInOrder<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
