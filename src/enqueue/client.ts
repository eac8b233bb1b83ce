/**
 * The producer's side: checks jobs and writes them.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { systemClock } from "../clock.ts";
import { Coalescer } from "../coalesce.ts";
import { InvalidOptionError } from "../errors.ts";
import { checkPayload, type PayloadCheck } from "../job/check_payload.ts";
import { uuidv7Generator } from "../job/id.ts";
import { type Job, toJob } from "../job/job.ts";
import { isJobId, isJobType, MAX_BATCH, MAX_PAYLOAD_BYTES } from "../job/names.ts";
import type {
  AnyJobs,
  JobDefinition,
  JobMap,
  JobType,
  PayloadInput,
  Result,
} from "../job/registry.ts";
import { bytesIfAbove, serialize } from "../job/serialize.ts";
import type { JobStatus } from "../job/state.ts";
import { StoreUse } from "../store/open.ts";
import type { EnqueueReply, NewJob, Store } from "../store/store.ts";
import {
  BatchTooLargeError,
  ClientClosedError,
  DuplicateIdInBatchError,
  DuplicateJobError,
  InvalidJobIdError,
  InvalidJobTypeError,
  InvalidPayloadError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownJobTypeError,
} from "./errors.ts";
import { type JobHandle, jobHandle } from "./handle.ts";
import { type EnqueueOptions, newJob } from "./options.ts";

/** Options of a client. */
export interface ClientOptions<J extends JobMap = AnyJobs> {
  /**
   * A store, or its URL. A store given as an object is not closed by the client.
   * @default {the environment variable GQM_STORE, else "sqlite:./gqm.db"}
   */
  readonly store?: Store | string;
  /** Registry: types outside it and payloads against its schemas are refused. */
  readonly jobs?: J;
}

/** One job of `enqueueMany`. */
export type EnqueueItem<J extends JobMap = AnyJobs> = {
  readonly [T in JobType<J>]: ItemPayload<PayloadInput<J, T>> & {
    /** Type of the job. */
    readonly type: T;
    /** As for `enqueue`; `onConflict` cannot be set here. */
    readonly options?: Omit<EnqueueOptions, "onConflict">;
  };
}[JobType<J>];

/** The payload of an item; it may be left out where its type allows `undefined`. */
export type ItemPayload<I> = undefined extends I ? { readonly payload?: I }
  : { readonly payload: I };

/** Payload and options; the payload may be left out where its type allows `undefined`. */
export type EnqueueArguments<I> = undefined extends I ? [payload?: I, options?: EnqueueOptions]
  : [payload: I, options?: EnqueueOptions];

/** Handles of `enqueueMany`, in the order of its items. */
export type EnqueuedItems<J extends JobMap, I extends readonly EnqueueItem<J>[]> = {
  -readonly [K in keyof I]: JobHandle<PayloadInput<J, I[K]["type"]>, Result<J, I[K]["type"]>>;
};

/** Characters of payload that weigh as much as a job, so that one call to the store stays small. */
const WEIGHED_AS_JOB = 4096;

/**
 * Enqueues jobs and looks at them.
 *
 * The store is opened at the first call. Calls in flight go to the store
 * together, so enqueueing many jobs at once costs little more than one.
 *
 * @example
 * ```ts
 * import { Client, defineJobs, job, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const jobs = defineJobs({ "email.send": job<{ to: string }, void>() });
 * await using client = new Client({ jobs, store: memoryStore() });
 *
 * const handle = await client.enqueue("email.send", { to: "ada@example.com" }, {
 *   delayMs: 60_000,
 *   maxRetry: 5,
 * });
 * equal(handle.status, "scheduled");
 * ```
 */
export class Client<J extends JobMap = AnyJobs> implements AsyncDisposable {
  readonly #store: StoreUse;
  readonly #jobs: J | undefined;
  readonly #newId = uuidv7Generator(systemClock.now);
  readonly #writes: Coalescer<readonly NewJob[], EnqueueReply>;
  readonly #calls = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #closed = false;

  /**
   * Makes a client; opens nothing yet.
   *
   * @param options Where the jobs go, and what they are.
   * @throws {StoreUrlError} If `store` is a URL that names no store of this package.
   */
  constructor(options: ClientOptions<J> = {}) {
    checkKeys("create client", options, ["store", "jobs"]);
    this.#jobs = options.jobs;
    this.#store = new StoreUse(options.store);
    this.#writes = new Coalescer({
      send: async (groups) => await (await this.#store.get()).enqueue(groups),
      weigh: (group) =>
        group.reduce(
          (sum, { payload }) => sum + 1 + Math.floor(payload.length / WEIGHED_AS_JOB),
          0,
        ),
      maxWeight: MAX_BATCH,
    });
  }

  /**
   * Enqueues one job. Once this resolves the job is in the store, and runs at
   * least once.
   *
   * @throws {InvalidOptionError} If the type or an option breaks its rule; its
   * subclasses say which name.
   * @throws {UnknownJobTypeError} If the type is outside the registry.
   * @throws {PayloadNotSerializableError} If JSON would lose a part of the payload.
   * @throws {PayloadTooLargeError} If the payload is above 1 MiB.
   * @throws {InvalidPayloadError} If the schema of the type refuses the payload.
   * @throws {DuplicateJobError} If the id is in use.
   */
  async enqueue<T extends JobType<J>>(
    type: T,
    ...[payload, options]: EnqueueArguments<PayloadInput<J, T>>
  ): Promise<JobHandle<PayloadInput<J, T>, Result<J, T>>> {
    this.#needOpen("enqueue job");
    const prepared = this.#prepare(type, payload, options);
    const [job, reply] = prepared instanceof Promise
      ? await this.#writeChecked(prepared, (job) => [job])
      : [prepared, await this.#writes.add([prepared])];
    const store = await this.#store.get();
    if (reply.outcome === "created") return this.#handle(store, job.id, reply.statuses[0]!);
    const existing = this.#handle<PayloadInput<J, T>, Result<J, T>>(store, reply.id, reply.status);
    if (options?.onConflict === "existing") return existing;
    throw new DuplicateJobError(existing);
  }

  /**
   * Enqueues up to 1000 jobs, all of them or none.
   *
   * @throws {BatchTooLargeError} If there are more.
   * @throws {DuplicateIdInBatchError} If an id is there twice.
   * @throws As `enqueue` does, for the first item that is wrong; `message`
   * starts with the item's position.
   */
  async enqueueMany<const I extends readonly EnqueueItem<J>[]>(
    items: I,
  ): Promise<EnqueuedItems<J, I>> {
    this.#needOpen("enqueue jobs");
    if (!Array.isArray(items)) {
      throw new InvalidOptionError("enqueue jobs", "items", "be an array", items);
    }
    if (items.length > MAX_BATCH) throw new BatchTooLargeError(items.length);
    if (items.length === 0) return [] as unknown as EnqueuedItems<J, I>;
    const prepared = allInOrder(items.map((item, i) => this.#prepareItem(item, i)));
    const [jobs, reply] = await this.#writeChecked(prepared, (jobs) => {
      checkDistinct(jobs);
      return jobs;
    });
    const store = await this.#store.get();
    if (reply.outcome === "duplicate") {
      throw new DuplicateJobError(this.#handle(store, reply.id, reply.status), reply.index);
    }
    const handles = jobs.map(({ id }, i) => this.#handle(store, id, reply.statuses[i]!));
    return handles as EnqueuedItems<J, I>;
  }

  /**
   * Reads a job; null if there is none with this id.
   *
   * @throws {InvalidJobIdError} If the id breaks the rule for ids.
   * @throws {ClientClosedError} If the client has been closed.
   */
  async getJob<T extends JobType<J>>(
    id: string,
  ): Promise<Job<PayloadInput<J, T>, Result<J, T>> | null> {
    if (!isJobId(id)) throw new InvalidJobIdError("read job", id);
    this.#needOpen("read job");
    const store = await this.#store.get();
    const [record] = await store.getJobs([id]);
    return record ? toJob(record) : null;
  }

  /**
   * Waits for the calls under way, then closes the store if it was opened from a
   * URL. Results that are still awaited reject. Repeat: does nothing.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort(new ClientClosedError("wait for result"));
    await Promise.all(this.#calls);
    await this.#writes.idle();
    await this.#store.close();
  }

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #needOpen(action: string): void {
    if (this.#closed) throw new ClientClosedError(action);
  }

  #handle<P, R>(store: Store, id: string, status: JobStatus): JobHandle<P, R> {
    return jobHandle(store, id, status, this.#closing.signal);
  }

  /** Checks one job at once; a promise only if its schema works asynchronously. */
  #prepare(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
  ): NewJob | Promise<NewJob> {
    if (!isJobType(type)) throw new InvalidJobTypeError("enqueue job", type);
    const schema = this.#definition(type)?.payload;
    const text = payloadText(payload);
    const job = newJob(type, text, options, this.#newId);
    if (schema === undefined) return job;
    const accept = (check: PayloadCheck<unknown>): NewJob => {
      if (check.ok) return job;
      throw new InvalidPayloadError("enqueue job", type, check.issues);
    };
    // What is checked is what the handler will get: a Date, say, is a text by then.
    const check = checkPayload(schema, JSON.parse(text));
    return check instanceof Promise ? check.then(accept) : accept(check);
  }

  /** Checks one item of a batch; its errors say which. */
  async #prepareItem(item: EnqueueItem<J>, position: number): Promise<NewJob> {
    try {
      const action = "enqueue job";
      checkKeys(action, item, ["type", "payload", "options"], "item");
      const options: EnqueueOptions | undefined = item.options;
      if (options?.onConflict !== undefined) {
        const rule = "not be given in a batch, which is written as a whole";
        throw new InvalidOptionError(action, "onConflict", rule, options.onConflict);
      }
      return await this.#prepare(item.type, item.payload, options);
    } catch (error) {
      if (error instanceof Error) error.message = `Item ${position}: ${error.message}`;
      throw error;
    }
  }

  /** Writes what was checked asynchronously; `close` waits until it is on its way. */
  async #writeChecked<T>(
    checks: Promise<T>,
    jobsOf: (checked: T) => readonly NewJob[],
  ): Promise<[T, EnqueueReply]> {
    const entered = Promise.withResolvers<void>();
    this.#calls.add(entered.promise);
    let checked: T;
    let written: Promise<EnqueueReply>;
    try {
      checked = await checks;
      written = this.#writes.add(jobsOf(checked));
    } finally {
      this.#calls.delete(entered.promise);
      entered.resolve();
    }
    return [checked, await written];
  }

  #definition(type: string): JobDefinition | undefined {
    if (this.#jobs === undefined) return undefined;
    if (Object.hasOwn(this.#jobs, type)) return this.#jobs[type];
    throw new UnknownJobTypeError("enqueue job", type, Object.keys(this.#jobs));
  }
}

function checkDistinct(jobs: readonly NewJob[]): void {
  const ids = new Set<string>();
  for (const { id } of jobs) {
    if (ids.has(id)) throw new DuplicateIdInBatchError(id);
    ids.add(id);
  }
}

/** Writes a payload as JSON within the limit. */
function payloadText(payload: unknown): string {
  const text = serialize(payload, "payload");
  if (typeof text !== "string") throw new PayloadNotSerializableError(text.path, text.what);
  const bytes = bytesIfAbove(text, MAX_PAYLOAD_BYTES);
  if (bytes !== undefined) throw new PayloadTooLargeError(bytes);
  return text;
}

/** Waits for all; throws the first failure in the order given, not in that of time. */
async function allInOrder<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
