/**
 * Checks jobs and writes them, for clients and for running handlers.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { Coalescer } from "../coalesce.ts";
import { InvalidOptionError } from "../errors.ts";
import { uuidv7Generator } from "../job/id.ts";
import { DEFAULT_QUEUE, MAX_BATCH } from "../job/names.ts";
import type { JobMap } from "../job/registry.ts";
import type { JobStatus } from "../job/state.ts";
import type { EnqueueReply, Hold, NewJob, Store } from "../store/store.ts";
import type { EnqueueCall, Tracing } from "../tracing.ts";
import { type EnqueueContext, surroundings } from "./context.ts";
import { checkDistinct } from "./distinct.ts";
import { parentsFirst } from "./edges.ts";
import { BatchTooLargeError, DuplicateJobError, MissingParentError } from "./errors.ts";
import { Followed } from "./followed.ts";
import { type GraphNodes, planGraph, titleOf } from "./graph.ts";
import { type HandleSource, type JobHandle, StoredJobHandle } from "./handle.ts";
import { type EnqueueHooks, tellAfter } from "./hooks.ts";
import type { EnqueueOptions } from "./options.ts";
import { type ItemForm, Preparer, type RawItem } from "./prepare.ts";

/** What a writer works with. */
export interface WriterOptions {
  /** The store, open; always the same. */
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
  /** Follows every call. */
  readonly tracing?: Tracing;
}

/** The claim under which jobs are enqueued. */
export interface UnderClaim extends Hold {
  /** What the claimed job passes on. */
  readonly passesOn: EnqueueContext;
  /** Makes the error for a claim that is no longer the latest. */
  readonly lost: () => Error;
}

/** How jobs that go together are given. */
interface BatchForm extends ItemForm {
  /** What a job is called, in a cycle. */
  readonly nameOf: (index: number) => string;
}

const itemAt = (index: number): string => `Item ${index}`;
const ITEMS: BatchForm = { keys: ["type", "payload", "options"], at: itemAt, nameOf: itemAt };
const NODE_KEYS = [...ITEMS.keys, "dependsOn"];

/** Characters of payload that weigh as much as a job, so that one call to the store stays small. */
const WEIGHED_AS_JOB = 4096;

/** Writes jobs; calls in flight go to the store together. */
export class JobWriter {
  readonly #options: WriterOptions;
  readonly #newId = uuidv7Generator(systemClock.now);
  readonly #preparer: Preparer;
  readonly #writes: Coalescer<readonly NewJob[], EnqueueReply>;
  readonly #entering = new Set<Promise<void>>();
  #source: HandleSource | undefined;

  /** @param options Where the jobs go, and what they are. */
  constructor(options: WriterOptions) {
    this.#options = options;
    this.#preparer = new Preparer(options.jobs, this.#newId, options.hooks);
    this.#writes = new Coalescer({
      send: (groups) => this.#send(groups),
      weigh: weightOf,
      maxWeight: MAX_BATCH,
    });
  }

  /** Enqueues one job. */
  one(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
    under?: UnderClaim,
  ): Promise<JobHandle> {
    return this.#options.tracing === undefined
      ? this.#one(type, payload, options, under)
      : this.#followOne(type, payload, options, under);
  }

  /** Apart, as what a closure captures would cost a call that nobody follows something too. */
  #followOne(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
    under: UnderClaim | undefined,
  ): Promise<JobHandle> {
    return this.#follow(
      [{ type, options }],
      under,
      (followed) => this.#one(type, payload, options, under, followed),
    );
  }

  async #one(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
    under: UnderClaim | undefined,
    followed?: Followed,
  ): Promise<JobHandle> {
    const wanted = this.#preparer.options(type, payload, options);
    const inherited = followed === undefined ? this.#inherited(under) : followed.inherited;
    const prepared = this.#preparer.job(type, payload, wanted, inherited);
    const [job, reply] = prepared instanceof Promise
      ? await this.#writeChecked(prepared, (job) => [held(job, under)])
      : [prepared, await this.#writes.add([held(prepared, under)])];
    switch (reply.outcome) {
      case "created":
        return this.#written(job, this.#handle(job.id, reply.statuses[0]!, true), followed);
      case "merged":
        return this.#written(job, this.#handle(reply.id, reply.status, false), followed);
      case "duplicate": {
        const existing = this.#handle(reply.id, reply.status, false);
        const { onConflict } = wanted ?? {};
        // Whatever waits under the key will run with what was enqueued by then.
        const waits = onConflict === "rerun" && reply.id !== job.id;
        if (onConflict === "existing" || onConflict === "throttle" || waits) {
          return this.#written(job, existing, followed);
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
    return await this.#batch(items, ITEMS, under);
  }

  /** Enqueues a graph, all of it or nothing; gives handles by name. */
  async graph(
    graph: GraphNodes,
    under?: UnderClaim,
  ): Promise<Readonly<Record<string, JobHandle>>> {
    const { names, nodes, options } = planGraph(graph, this.#newId, under?.id);
    const items = nodes.map((node, i): RawItem => ({ ...node, options: options[i]! }));
    const form: BatchForm = {
      keys: NODE_KEYS,
      at: (index) => titleOf(names[index]!),
      nameOf: (index) => names[index]!,
    };
    const handles = await this.#batch(items, form, under);
    return Object.fromEntries(names.map((name, i) => [name, handles[i]!]));
  }

  /** Resolves when all that was handed in is in the store, or has failed. */
  async idle(): Promise<void> {
    await Promise.all(this.#entering);
    await this.#writes.idle();
  }

  #batch(
    items: readonly RawItem[],
    form: BatchForm,
    under: UnderClaim | undefined,
  ): Promise<JobHandle[]> {
    if (items.length === 0) return Promise.resolve([]);
    if (this.#options.tracing === undefined) return this.#writeBatch(items, form, under);
    return this.#follow(
      items,
      under,
      (followed) => this.#writeBatch(items, form, under, followed),
    );
  }

  async #writeBatch(
    items: readonly RawItem[],
    form: BatchForm,
    under: UnderClaim | undefined,
    followed?: Followed,
  ): Promise<JobHandle[]> {
    const inherited = followed === undefined ? this.#inherited(under) : followed.inherited;
    const prepared = this.#preparer.items(items, form, inherited);
    /** Which of the jobs stands at each place of the group; undefined if each at its own. */
    let order: readonly number[] | undefined;
    const arrange = (jobs: readonly NewJob[]): readonly NewJob[] => {
      checkDistinct(jobs);
      if (jobs.some(hasParents)) order = parentsFirst(jobs, form.nameOf);
      const ordered = order === undefined ? jobs : order.map((index) => jobs[index]!);
      return under === undefined ? ordered : ordered.map((job) => held(job, under));
    };
    const [jobs, reply] = prepared instanceof Promise
      ? await this.#writeChecked(prepared, arrange)
      : [prepared, await this.#writes.add(arrange(prepared))];
    switch (reply.outcome) {
      case "created": {
        const statuses = order === undefined ? reply.statuses : inOrder(order, reply.statuses);
        return jobs.map((job, i) =>
          this.#written(job, this.#handle(job.id, statuses[i]!, true), followed)
        );
      }
      case "duplicate": {
        const index = order?.[reply.index] ?? reply.index;
        const existing = this.#handle(reply.id, reply.status, false);
        const byKey = reply.id !== jobs[index]!.id;
        throw new DuplicateJobError(existing, { at: form.at(index), byKey });
      }
      case "missing_parent":
        throw new MissingParentError(reply.id, form.at(order?.[reply.index] ?? reply.index));
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

  /** Has a call followed by the tracing library. What is wrong with its jobs is told where they are checked. */
  async #follow<R>(
    jobs: readonly Pick<RawItem, "type" | "options">[],
    under: UnderClaim | undefined,
    write: (followed: Followed) => Promise<R>,
  ): Promise<R> {
    const named: EnqueueCall["jobs"] = jobs.map((job) => ({
      type: String(job?.type),
      queue: String(job?.options?.queue ?? DEFAULT_QUEUE),
    }));
    return await Followed.call(this.#options.tracing!, named, this.#inherited(under), write);
  }

  /** Tells of a job that is in the store. */
  #written(job: NewJob, handle: JobHandle, followed: Followed | undefined): JobHandle {
    const { onEnqueued, hooks } = this.#options;
    followed?.wrote(job, handle);
    onEnqueued?.(job.type, handle);
    if (hooks?.afterEnqueue !== undefined) tellAfter(hooks, handle, job);
    return handle;
  }

  /** The handle of a job of which the store has told. */
  #handle(id: string, status: JobStatus, isNew: boolean): JobHandle {
    return new StoredJobHandle(this.#source!, id, status, isNew);
  }

  #send(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]> {
    return this.#source === undefined ? this.#open(groups) : this.#source.store.enqueue(groups);
  }

  async #open(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]> {
    const { store, closing } = this.#options;
    this.#source = { store: await store(), closing };
    return await this.#source.store.enqueue(groups);
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

function weightOf(group: readonly NewJob[]): number {
  let sum = group.length;
  for (const { payload } of group) sum += Math.floor(payload.length / WEIGHED_AS_JOB);
  return sum;
}

function hasParents({ settings }: NewJob): boolean {
  return settings.dependsOn !== undefined;
}

/** What stands at each place, by the number of the job that stands there. */
function inOrder<T>(order: readonly number[], values: readonly T[]): readonly T[] {
  const sorted = new Array<T>(values.length);
  order.forEach((index, place) => sorted[index] = values[place]!);
  return sorted;
}
