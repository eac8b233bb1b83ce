/**
 * The producer's side: enqueues jobs, looks at them and intervenes.
 *
 * @module
 */

import { checkFunction, checkKeys } from "../checks.ts";
import { systemClock } from "../clock.ts";
import { Control } from "../control/control.ts";
import { type EventsOptions, type StoreEvents, storeEvents } from "../insight/events.ts";
import { LimitControl } from "../control/limits.ts";
import { type JobPage, listJobs, type ListOptions } from "../insight/list.ts";
import { searchJobs, type SearchOptions, type SearchReply } from "../insight/search.ts";
import {
  EventBus,
  type EventOf,
  type Listener,
  type ListenOptions,
  type Unsubscribe,
} from "../events/bus.ts";
import { type ClientEvent, clientEvents } from "../events/event.ts";
import { Insight } from "../insight/insight.ts";
import { Servers } from "../insight/servers.ts";
import { type Job, toJob } from "../job/job.ts";
import { isJobId } from "../job/names.ts";
import type { AnyJobs, JobMap, JobType, PayloadInput, Result } from "../job/registry.ts";
import { jsonLogger } from "../logger.ts";
import { Schedules } from "../schedule/schedules.ts";
import { checkZone } from "../schedule/zone.ts";
import { StoreUse } from "../store/open.ts";
import type { Store, StoreInfo } from "../store/store.ts";
import { checkTracing, type Tracing } from "../tracing.ts";
import { BackgroundEnqueuer } from "./background.ts";
import { type BackgroundOptions, logFailed } from "./background_options.ts";
import type { EnqueueContext } from "./context.ts";
import { ClientClosedError, InvalidJobIdError } from "./errors.ts";
import type { EnqueuedGraph, GraphNodes, ItemPayload } from "./graph.ts";
import { awaitResult, type JobHandle } from "./handle.ts";
import { checkEnqueueHooks, type EnqueueHooks } from "./hooks.ts";
import type { EnqueueOptions } from "./options.ts";
import { JobWriter } from "./writer.ts";

/** Options of a client. */
export interface ClientOptions<J extends JobMap = AnyJobs> {
  /**
   * A store, or its URL. A store given as an object is not closed by the client.
   * @default {the environment variable GQM_STORE, else "sqlite:./gqm.db"}
   */
  readonly store?: Store | string;
  /** Registry: types outside it and payloads against its schemas are refused. */
  readonly jobs?: J;
  /** Zone of schedules that name none, such as `Europe/Berlin`. @default {"UTC"} */
  readonly timeZone?: string;
  /**
   * Tells what surrounds the producer, such as the trace that is being recorded.
   * Jobs take it over, unless their options say otherwise; it goes before what
   * they inherit from a running job. Asked once for each call; what it throws
   * refuses the call.
   */
  readonly context?: () => EnqueueContext | undefined;
  /** Called around every enqueue. */
  readonly hooks?: EnqueueHooks<J>;
  /** Follows what this client enqueues: `openTelemetry()` of `@gqm/gqm/otel`, or your own. */
  readonly tracing?: Tracing;
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

/** Payload and options; the payload may be left out where its type allows `undefined`. */
export type EnqueueArguments<I> = undefined extends I ? [payload?: I, options?: EnqueueOptions]
  : [payload: I, options?: EnqueueOptions];

/** Handles of `enqueueMany`, in the order of its items. */
export type EnqueuedItems<J extends JobMap, I extends readonly EnqueueItem<J>[]> = {
  -readonly [K in keyof I]: JobHandle<PayloadInput<J, I[K]["type"]>, Result<J, I[K]["type"]>>;
};

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
  readonly #writer: JobWriter;
  readonly #keepsContext: boolean;
  readonly #closing = new AbortController();
  readonly #background = new Set<BackgroundEnqueuer<J>>();
  readonly #events = new EventBus<ClientEvent>({
    names: clientEvents,
    logger: jsonLogger("error"),
    now: systemClock.now,
  });
  #closed = false;
  /** Cancels, retries, removes and changes jobs; pauses queues and types. */
  readonly control: Control;
  /** Limits how many jobs run at once and how fast they start. */
  readonly limits: LimitControl<J>;
  /** Lists the servers and consumers that work on the store. */
  readonly servers: Servers;
  /** Makes schedules, and pauses, triggers, removes and shows them. */
  readonly schedules: Schedules<J>;
  /** Tells how it goes: series, totals, days, stats, errors. */
  readonly insight: Insight;

  /**
   * Makes a client; opens nothing yet.
   *
   * @param options Where the jobs go, and what they are.
   * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
   * @throws {StoreUrlError} If `store` is a URL that names no store of this package.
   */
  constructor(options: ClientOptions<J> = {}) {
    const known = ["store", "jobs", "timeZone", "context", "hooks", "tracing"];
    checkKeys("create client", options, known);
    const { jobs, timeZone, context, hooks, tracing } = options;
    if (timeZone !== undefined) checkZone("create client", "timeZone", timeZone);
    if (context !== undefined) checkFunction("create client", "context", context);
    if (hooks !== undefined) checkEnqueueHooks(hooks);
    if (tracing !== undefined) checkTracing("create client", tracing);
    this.#keepsContext = context !== undefined || tracing !== undefined;
    this.#store = new StoreUse(options.store);
    const store = () => this.#store.get();
    this.#writer = new JobWriter({
      store,
      jobs,
      closing: this.#closing.signal,
      onEnqueued: (type, handle) => this.#tellEnqueued(type, handle),
      context,
      hooks: hooks as EnqueueHooks | undefined,
      tracing,
    });
    const open = (action: string): Promise<Store> => {
      this.#needOpen(action);
      return this.#store.get();
    };
    this.control = new Control(open);
    this.limits = new LimitControl(open);
    this.servers = new Servers(open);
    this.schedules = new Schedules({ ...options, store: open });
    this.insight = new Insight(open);
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
   * @throws {CyclicDependencyError} If the job would wait for itself.
   * @throws {MissingParentError} If a parent is not in the store.
   * @throws {DuplicateJobError} If the id or the unique key is in use, unless `onConflict` says
   * what to do.
   * @throws {ClientClosedError} If the client has been closed.
   */
  enqueue<T extends JobType<J>>(
    type: T,
    ...rest: EnqueueArguments<PayloadInput<J, T>>
  ): Promise<JobHandle<PayloadInput<J, T>, Result<J, T>>> {
    if (this.#closed) return Promise.reject(new ClientClosedError("enqueue job"));
    const handle: Promise<unknown> = this.#writer.one(type, rest[0], rest[1]);
    return handle as Promise<JobHandle<PayloadInput<J, T>, Result<J, T>>>;
  }

  /**
   * Enqueues up to 1000 jobs, all of them or none.
   *
   * @throws {BatchTooLargeError} If there are more.
   * @throws {DuplicateIdInBatchError} If an id is there twice.
   * @throws {ClientClosedError} If the client has been closed.
   * @throws As `enqueue` does, for the first item that is wrong; `message`
   * starts with the item's position.
   */
  async enqueueMany<const I extends readonly EnqueueItem<J>[]>(
    items: I,
  ): Promise<EnqueuedItems<J, I>> {
    this.#needOpen("enqueue jobs");
    return await this.#writer.many(items) as unknown as EnqueuedItems<J, I>;
  }

  /**
   * Enqueues a whole graph of up to 10 000 jobs and 100 000 edges, or nothing of
   * it. Inside, jobs are named by the properties of the graph; nothing runs
   * before all of it is in the store.
   *
   * @throws {CyclicDependencyError} If jobs would wait for each other.
   * @throws {GraphTooLargeError} If there are too many jobs or edges.
   * @throws {InvalidOptionError} If a name stands for no job of the graph.
   * @throws {ClientClosedError} If the client has been closed.
   * @throws As `enqueue` does, for the first job that is wrong; `message` starts with its name.
   *
   * @example
   * ```ts
   * import { Client, memoryStore } from "@gqm/gqm";
   * import { equal } from "node:assert/strict";
   *
   * await using client = new Client({ store: memoryStore() });
   * const graph = await client.enqueueGraph({
   *   download: { type: "video.download", payload: { url: "https://example.com/a.mp4" } },
   *   small: { type: "video.resize", payload: { height: 360 }, dependsOn: ["download"] },
   *   large: { type: "video.resize", payload: { height: 1080 }, dependsOn: ["download"] },
   *   publish: {
   *     type: "video.publish",
   *     dependsOn: ["small", { job: "large", onFailure: "ignore" }],
   *   },
   * });
   * equal(graph.download.status, "ready");
   * equal(graph.publish.status, "deferred");
   * ```
   */
  async enqueueGraph<const N extends GraphNodes<J>>(graph: N): Promise<EnqueuedGraph<J, N>> {
    this.#needOpen("enqueue graph");
    return await this.#writer.graph(graph as GraphNodes) as EnqueuedGraph<J, N>;
  }

  /**
   * Enqueues jobs without waiting for the store: they are buffered and sent in
   * the background. Closing the client sends what is left.
   *
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   * @throws {ClientClosedError} If the client has been closed.
   */
  background(options: BackgroundOptions = {}): BackgroundEnqueuer<J> {
    this.#needOpen("enqueue in background");
    if (options.onError !== undefined) {
      checkFunction("enqueue in background", "onError", options.onError);
    }
    const { onError = logFailed(options.logger ?? jsonLogger()) } = options;
    const background = new BackgroundEnqueuer<J>({
      ...options,
      enqueue: (type, payload, options) => this.#writer.one(type, payload, options),
      keepsContext: this.#keepsContext,
      onError: (error, item) => {
        if (this.#events.hears("background.failed")) {
          const { type, options: { id } } = item;
          this.#events.emit({ event: "background.failed", id, type, error });
        }
        onError(error, item);
      },
    });
    this.#background.add(background);
    return background;
  }

  /**
   * Has a listener told of what this client does, by the name of the event, or
   * of everything (`"*"`). Listeners hold up no call, and what they throw is logged.
   *
   * @returns Ends it: call it, or declare it with `using`.
   * @throws {InvalidOptionError} If there is no such event.
   */
  on<N extends ClientEvent["event"] | "*">(
    event: N,
    listener: Listener<EventOf<ClientEvent, N>>,
    options: ListenOptions = {},
  ): Unsubscribe {
    return this.#events.on(event, listener, options);
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
   * Waits for the end of a job that anybody enqueued, as `JobHandle.result` does.
   *
   * @throws {InvalidJobIdError} If the id breaks the rule for ids.
   * @throws What `JobHandle.result` throws.
   */
  async result<T extends JobType<J>>(
    id: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Result<J, T>> {
    if (!isJobId(id)) throw new InvalidJobIdError("wait for result", id);
    this.#needOpen("wait for result");
    const source = { store: await this.#store.get(), closing: this.#closing.signal };
    return await awaitResult(source, id, options);
  }

  /**
   * Listens to what happens in the whole store, whichever process does it, until
   * the signal aborts, the loop is left or the client is closed. It begins at once
   * (`listening` resolves when it does), and costs the store little while it lasts; nobody
   * listens, nobody pays. Who reads too slowly, or comes back after more than a minute,
   * misses events and gets a `gap`. One loop at a time.
   *
   * @throws {InvalidOptionError} If an option is unknown; in the loop, if `after` is no cursor.
   * @throws {StoreUnavailableError} In the loop: begin another one `after` the last cursor.
   * @throws {ClientClosedError} If the client has been closed.
   */
  events(options: EventsOptions = {}): StoreEvents {
    this.#needOpen("watch events");
    return storeEvents(() => this.#store.get(), options, this.#closing.signal);
  }

  /**
   * Lists the jobs of a status, newest in it first, a page at a time.
   *
   * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
   * @throws {ClientClosedError} If the client has been closed.
   */
  async list(options: ListOptions): Promise<JobPage> {
    this.#needOpen("list jobs");
    return await listJobs(await this.#store.get(), options);
  }

  /**
   * Looks for jobs of any status, one bounded step per call: it reads at most 300
   * jobs and may find none though there are some further on. Go on
   * with the cursor until there is none.
   *
   * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
   * @throws {ClientClosedError} If the client has been closed.
   */
  async search(options: SearchOptions): Promise<SearchReply> {
    this.#needOpen("search jobs");
    return await searchJobs(await this.#store.get(), options);
  }

  /**
   * Tells what the store runs on and how it fares: version, size, latency, and
   * what puts jobs at risk there.
   *
   * @throws {ClientClosedError} If the client has been closed.
   */
  async info(): Promise<StoreInfo> {
    this.#needOpen("read store info");
    return await (await this.#store.get()).info();
  }

  /**
   * Waits for the calls under way and for what is buffered in the background,
   * then closes the store if it was opened from a URL. Results that are still
   * awaited reject. Repeat: does nothing.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort(new ClientClosedError("wait for result"));
    await Promise.all([...this.#background].map((background) => background.close()));
    await this.#writer.idle();
    await this.#store.close();
  }

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tellEnqueued(type: string, handle: JobHandle): void {
    if (!this.#events.hears("job.enqueued")) return;
    const { id, status, isNew } = handle;
    this.#events.emit({ event: "job.enqueued", id, type, status, isNew });
  }

  #needOpen(action: string): void {
    if (this.#closed) throw new ClientClosedError(action);
  }
}
