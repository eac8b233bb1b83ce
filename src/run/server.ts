/**
 * The worker's side: handlers in pools, kept alive, retried and shut down.
 *
 *     new --start--> running --stop--> stopping --> stopped
 *
 * @module
 */

import { checkFunction, checkKeys } from "../checks.ts";
import { type Clock, systemClock } from "../clock.ts";
import {
  EventBus,
  type EventOf,
  type Listener,
  type ListenOptions,
  type Unsubscribe,
} from "../events/bus.ts";
import { type ServerEvent, serverEvents } from "../events/event.ts";
import { LimitControl } from "../control/limits.ts";
import { InvalidOptionError } from "../errors.ts";
import type { AnyJobs, JobMap, JobType, Payload, Result } from "../job/registry.ts";
import { type Logger, loggerOf } from "../logger.ts";
import { onTermination } from "../runtime/signals.ts";
import type { AnySchedule, ScheduleOptions } from "../schedule/options.ts";
import { ScheduleSet } from "../schedule/schedule_set.ts";
import { Schedules } from "../schedule/schedules.ts";
import { StoreClosedError } from "../store/errors.ts";
import { StoreUse } from "../store/open.ts";
import type { ServerEvents } from "./attempt_events.ts";
import type { BatchHandler, BatchHandlerOptions } from "./batch.ts";
import { DuplicatePoolError, ServerStateError } from "./errors.ts";
import { drainPools } from "./drain.ts";
import { Gate } from "./gate.ts";
import type { Handler, HandlerOptions, Middleware } from "./handler.ts";
import { HandlerSet } from "./handler_set.ts";
import type { AfterHook, BeforeHook } from "./hooks.ts";
import { type OpenedWork, openWork } from "./open_work.ts";
import { checkPoolOptions, type PoolOptions } from "./pool_plan.ts";
import { launch } from "./launch.ts";
import { poolAbout, serverAbout } from "./server_about.ts";
import { newServerId } from "./server_id.ts";
import {
  checkServerOptions,
  checkStopOptions,
  type ServerOptions,
  type StopOptions,
  stopTimes,
} from "./server_options.ts";
import { warnOfUnhandled } from "./warn_unhandled.ts";
import { windDown, type Working } from "./wind_down.ts";

type State = "new" | "starting" | "running" | "stopping" | "stopped";

/**
 * Runs jobs.
 *
 * Add handlers, then `start`. Without pools of your own, all types share one
 * pool with a slot per core that takes from all queues.
 *
 * @example
 * ```ts
 * import { Client, memoryStore, Server, SkipRetry } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await using server = new Server({ store, logLevel: "silent" });
 *
 * server.pool({ name: "mail", types: ["email.send"], concurrency: 10, timeoutMs: 30_000 });
 * server.handle("email.send", ({ job, signal }) => {
 *   signal.throwIfAborted();
 *   const { to } = job.payload as { to: string };
 *   if (!to.includes("@")) throw new SkipRetry(`'${to}' is no address`);
 *   return { sentTo: to };
 * });
 * await server.start();
 *
 * const handle = await client.enqueue("email.send", { to: "ada@example.com" });
 * equal(JSON.stringify(await handle.result()), '{"sentTo":"ada@example.com"}');
 * ```
 */
export class Server<J extends JobMap = AnyJobs> implements AsyncDisposable {
  /** Unique name of this server among all processes. */
  readonly id: string;
  /** Types that this server does not start for now; other servers may. */
  readonly gate: Gate = new Gate(() => this.#work?.pools.forEach((pool) => pool.gateChanged()));
  /** Makes schedules at run time, and pauses, triggers, removes and shows them. */
  readonly schedules: Schedules<J>;
  /** Limits how many jobs run at once and how fast they start, on all servers. */
  readonly limits: LimitControl<J> = new LimitControl(() => this.#use.get());
  readonly #options: ServerOptions<J>;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #use: StoreUse;
  readonly #handlers: HandlerSet;
  readonly #events: ServerEvents;
  readonly #poolOptions: PoolOptions[] = [];
  readonly #middleware: Middleware[] = [];
  readonly #before: BeforeHook[] = [];
  readonly #after: AfterHook[] = [];
  readonly #schedules: ScheduleSet;
  #state: State = "new";
  #work: Working | undefined;
  #stopped: Promise<void> | undefined;
  readonly #closing = new AbortController();
  readonly #closed = Promise.withResolvers<void>();

  /**
   * Makes a server; opens nothing yet.
   *
   * @param options Where the jobs are, and how they are run.
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   * @throws {StoreUrlError} If `store` is a URL that names no store of this package.
   */
  constructor(options: ServerOptions<J> = {}) {
    checkServerOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.id = newServerId();
    this.#logger = loggerOf(options);
    this.#events = new EventBus({
      names: serverEvents,
      logger: this.#logger,
      now: () => this.#clock.now(),
    });
    this.#handlers = new HandlerSet(options.jobs, this.#logger);
    this.#use = new StoreUse(options.store, {
      retention: options.retention,
      logger: this.#logger,
    });
    this.schedules = new Schedules({ ...options, store: () => this.#use.get() });
    this.#schedules = new ScheduleSet(options, this.#logger);
  }

  /**
   * Sets the handler of a type.
   *
   * @throws {DuplicateHandlerError} If the type has one.
   * @throws {UnknownJobTypeError} If the type is outside the registry.
   * @throws {InvalidOptionError} If the type or an option breaks its rule.
   * @throws {ServerStateError} If the server has been started.
   */
  handle<T extends JobType<J>>(
    type: T,
    handler: Handler<Payload<J, T>, Result<J, T>, J>,
    options: HandlerOptions<Payload<J, T>, Result<J, T>> = {},
  ): this {
    this.#needNew("add handler");
    this.#handlers.add(type, handler as unknown as Handler, options as HandlerOptions);
    return this;
  }

  /**
   * Sets a handler that gets several jobs of a type at once: those that one
   * claim brings, up to `size`. Each job ends on its own: what the handler leaves
   * is completed when it returns, and fails with what it throws. Time limit,
   * retries, middleware and callbacks are each job's own, as with `handle`.
   *
   * @throws As `handle` does.
   */
  handleBatch<T extends JobType<J>>(
    type: T,
    handler: BatchHandler<Payload<J, T>, Result<J, T>, J>,
    options: BatchHandlerOptions<Payload<J, T>, Result<J, T>> = {},
  ): this {
    this.#needNew("add handler");
    const batch = handler as unknown as BatchHandler;
    this.#handlers.addBatch(type, batch, options as BatchHandlerOptions);
    return this;
  }

  /**
   * Adds a pool.
   *
   * @throws {DuplicatePoolError} If there is one of this name.
   * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
   * @throws {ServerStateError} If the server has been started.
   */
  pool(options: PoolOptions): this {
    this.#needNew("add pool");
    checkPoolOptions(options);
    if (this.#poolOptions.some(({ name }) => name === options.name)) {
      throw new DuplicatePoolError(options.name);
    }
    this.#poolOptions.push(options);
    return this;
  }

  /**
   * Defines a schedule of the program. The start brings it into the store, where it keeps its next
   * slot if its timing is the same, and stays paused if somebody paused it. Those that the program
   * defines no more are removed then; see `scheduleScope`.
   *
   * @param id 1 to 200 of the characters `a-z A-Z 0-9 . _ -`.
   * @throws {InvalidOptionError} If a rule is broken, or the server has one with this id.
   * @throws As `Schedules.upsert` does for cron expression, type and payload.
   * @throws {ServerStateError} If the server has been started.
   */
  schedule(id: string, options: ScheduleOptions<J>): this {
    this.#needNew("define schedule");
    this.#schedules.add(id, options as unknown as AnySchedule);
    return this;
  }

  /**
   * Wraps every handler; of several, the one added first is the outermost.
   *
   * @throws {ServerStateError} If the server has been started.
   */
  use(middleware: Middleware): this {
    this.#needNew("add middleware");
    if (typeof middleware !== "function") {
      throw new InvalidOptionError("add middleware", "middleware", "be a function", middleware);
    }
    this.#middleware.push(middleware);
    return this;
  }

  /**
   * Has a listener told of what happens on this server, by the name of the event,
   * or of everything (`"*"`). Ends of attempts are told when the store has
   * confirmed them; what happens on other servers is not told here. Listeners
   * hold up no job, and what they throw is logged.
   *
   * @returns Ends it: call it, or declare it with `using`.
   * @throws {InvalidOptionError} If there is no such event.
   */
  on<N extends ServerEvent["event"] | "*">(
    event: N,
    listener: Listener<EventOf<ServerEvent, N>>,
    options: ListenOptions = {},
  ): Unsubscribe {
    return this.#events.on(event, listener, options);
  }

  /**
   * Calls a hook before every handler and its middleware, within the attempt's
   * time limit; of several, one after another. What it throws is logged, and the
   * handler runs all the same.
   *
   * @throws {ServerStateError} If the server has been started.
   */
  before(hook: BeforeHook): this {
    this.#needNew("add hook");
    checkFunction("add hook", "hook", hook);
    this.#before.push(hook);
    return this;
  }

  /**
   * Calls a hook once the end of an attempt is in the store, outside the slot,
   * after the handler's callbacks; of several, one after another. What it throws
   * is logged. As callbacks, it is not called for a job that was given back or
   * taken from this server; nor for one whose payload kept its handler from being
   * called.
   *
   * @throws {ServerStateError} If the server has been started.
   */
  after(hook: AfterHook): this {
    this.#needNew("add hook");
    checkFunction("add hook", "hook", hook);
    this.#after.push(hook);
    return this;
  }

  /**
   * Opens the store and begins to run jobs. A server without handlers does the
   * store's upkeep only.
   *
   * @param options `signal`: stops the server when it aborts.
   * @throws {StoreOpenError} If the store cannot be opened.
   * @throws {JobTypeConflictError} If two pools would take one type from one queue.
   * @throws {ThreadModuleError} If the module of a pool with `isolate` cannot be used.
   * @throws {ScheduleConflictError} If the id of one of its schedules belongs to somebody else.
   * @throws {ServerStateError} If the server has been started before.
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#needNew("start server");
    checkKeys("start server", options, ["signal"]);
    options.signal?.throwIfAborted();
    this.#state = "starting";
    try {
      const opened = await openWork({
        server: this.id,
        pools: this.#poolOptions,
        handlers: this.#handlers,
        use: this.#use,
        schedules: this.#schedules,
        options: this.#options,
        clock: this.#clock,
        logger: this.#logger,
      });
      if (this.#state !== "starting") return await opened.close();
      this.#launch(opened);
    } catch (error) {
      const stopped = this.#state !== "starting";
      if (!stopped) this.#state = "new";
      // The store was closed under the start by a stop, which is no failure of the start.
      if (stopped && error instanceof StoreClosedError) return;
      throw error;
    }
    const { signal } = options;
    const stop = (): void => void this.stop();
    signal?.addEventListener("abort", stop, { once: true });
    this.#closed.promise.then(() => signal?.removeEventListener("abort", stop));
    if (signal?.aborted) stop();
  }

  /**
   * Starts, and stops on SIGINT or SIGTERM, or when the signal aborts. Resolves
   * when the server has stopped.
   *
   * @throws As `start` does.
   */
  async run(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    using _listener = onTermination((signal) => {
      this.#logger.info("Stopping", { server: this.id, signal });
      this.stop();
    });
    await this.start(options);
    await this.#closed.promise;
  }

  /**
   * Resolves when no pool runs anything and none found anything to claim. Jobs
   * that wait for a later time, retries included, are not waited for.
   *
   * @throws The signal's reason when it aborts first.
   * @throws {ServerStateError} If the server is not running.
   */
  async drain(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#state !== "running") {
      throw new ServerStateError("drain server", "running", this.#state);
    }
    await drainPools(this.#work!, options.signal, () => this.#state === "running");
  }

  /**
   * Stops claiming, waits up to `shutdownTimeoutMs` for running jobs, aborts the
   * signals of the rest, waits up to `graceMs` more, and gives back what is then
   * left without using up an attempt. Repeat: the same promise.
   *
   * @param options Other times than the server's.
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   */
  stop(options: StopOptions = {}): Promise<void> {
    try {
      checkStopOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#stopped ??= this.#stop(options);
  }

  /** Stops the server at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #needNew(action: string): void {
    if (this.#state !== "new") throw new ServerStateError(action, "new", this.#state);
  }

  #launch(opened: OpenedWork): void {
    const { store, plans } = opened;
    warnOfUnhandled(this.#poolOptions, this.#handlers.entries, this.#logger);
    this.#state = "running";
    this.#work = launch({
      server: this.id,
      about: serverAbout("server", plans.map((plan) => poolAbout(plan, this.#poolOptions))),
      options: this.#options,
      ...opened,
      clock: this.#clock,
      logger: this.#logger,
      handlers: this.#handlers.entries,
      middleware: this.#middleware,
      hooks: { before: this.#before, after: this.#after },
      gate: this.gate,
      events: this.#events,
      closing: this.#closing.signal,
    });
    this.#logger.info("Server started", {
      server: this.id,
      store: store.description,
      pools: plans.map(({ name }) => name),
    });
  }

  async #stop(options: StopOptions): Promise<void> {
    const started = this.#state === "running";
    this.#state = "stopping";
    if (started) await windDown(this.#work!, stopTimes(options, this.#options));
    this.#closing.abort(new ServerStateError("wait for result", "running", "stopped"));
    await this.#use.close();
    this.#state = "stopped";
    if (started) this.#logger.info("Server stopped", { server: this.id });
    this.#closed.resolve();
  }
}
