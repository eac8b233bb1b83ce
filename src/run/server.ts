/**
 * The worker's side: handlers in pools, kept alive, retried and shut down.
 *
 *     new --start--> starting --> running --stop--> stopping --> stopped
 *
 * A start that fails leads back to `new`; a stop leads to `stopping` from wherever it comes.
 *
 * @module
 */

import { checkFunction, checkKeys } from "../checks.ts";
import { LimitControl } from "../control/limits.ts";
import type { EventOf, Listener, ListenOptions, Unsubscribe } from "../events/bus.ts";
import type { ServerEvent } from "../events/event.ts";
import type { AnyJobs, JobMap, JobType, Payload, Result } from "../job/registry.ts";
import { onTermination } from "../runtime/signals.ts";
import type { AnySchedule, ScheduleOptions } from "../schedule/options.ts";
import { Schedules } from "../schedule/schedules.ts";
import { StoreClosedError, type StoreVersionError } from "../store/errors.ts";
import type { BatchHandler, BatchHandlerOptions } from "./batch.ts";
import { drainPools } from "./drain.ts";
import { DuplicatePoolError, ServerStateError } from "./errors.ts";
import { addConfigured, optionsOf } from "./from_config.ts";
import { Gate } from "./gate.ts";
import type { Handler, HandlerOptions, Middleware } from "./handler.ts";
import type { AfterHook, BeforeHook } from "./hooks.ts";
import { launch } from "./launch.ts";
import type { ServedApi } from "./open_api.ts";
import { openWork } from "./open_work.ts";
import { checkPoolOptions, type PoolOptions } from "./pool_plan.ts";
import {
  checkStopOptions,
  type ServerOptions,
  type StopOptions,
  stopTimes,
} from "./server_options.ts";
import type { ConfigOverrides, ServerConfig } from "./server_config.ts";
import { newSetup, type ServerSetup } from "./server_setup.ts";
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
  readonly limits: LimitControl<J> = new LimitControl(() => this.#setup.use.get());
  readonly #setup: ServerSetup<J>;
  #state: State = "new";
  #work: Working | undefined;
  #stopped: Promise<void> | undefined;
  /** Why the store takes nothing more of this version of the package. */
  #refusal: StoreVersionError | undefined;
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
    this.#setup = newSetup(options, { gate: this.gate, closing: this.#closing.signal });
    this.id = this.#setup.server;
    this.schedules = new Schedules({ ...options, store: () => this.#setup.use.get() });
  }

  /**
   * Makes a server of a configuration, such as `loadConfig` of `@gqm/gqm/config` gives, with its
   * pools, schedules and limits. Handlers are added as always.
   *
   * @param overrides What code says: it wins, option by option.
   * @throws As the constructor, `pool` and `schedule` do.
   *
   * @example
   * ```ts
   * import { Server } from "@gqm/gqm";
   *
   * const pools = [{ name: "mail", types: ["email.send"], queues: ["mail"], concurrency: 10 }];
   * const config = { server: { store: "memory:", timeoutMs: 60_000 }, pools, limits: [], notes: [] };
   * await using server = Server.fromConfig(config, { timeoutMs: 30_000, logLevel: "silent" });
   * server.handle("email.send", ({ job }) => job.id);
   * await server.start();
   * ```
   */
  static fromConfig<J extends JobMap = AnyJobs>(
    config: ServerConfig,
    overrides: ConfigOverrides<J> = {},
  ): Server<J> {
    const server = new Server<J>(optionsOf(config, overrides));
    for (const pool of config.pools) server.pool(pool);
    addConfigured(server.#setup, config);
    return server;
  }

  /** Where the monitor is served, once the server has started; undefined without the option `api`. */
  get api(): ServedApi | undefined {
    return this.#work?.api;
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
    this.#setup.handlers.add(type, handler as unknown as Handler, options as HandlerOptions);
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
    this.#setup.handlers.addBatch(type, batch, options as BatchHandlerOptions);
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
    if (this.#setup.pools.some(({ name }) => name === options.name)) {
      throw new DuplicatePoolError(options.name);
    }
    this.#setup.pools.push(options);
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
    this.#setup.schedules.add(id, options as unknown as AnySchedule);
    return this;
  }

  /**
   * Wraps every handler; of several, the one added first is the outermost.
   *
   * @throws {InvalidOptionError} If it is no function.
   * @throws {ServerStateError} If the server has been started.
   */
  use(middleware: Middleware): this {
    this.#needNew("add middleware");
    checkFunction("add middleware", "middleware", middleware);
    this.#setup.middleware.push(middleware);
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
    return this.#setup.events.on(event, listener, options);
  }

  /**
   * Calls a hook before every handler and its middleware, within the attempt's
   * time limit; of several, one after another. What it throws is logged, and the
   * handler runs all the same.
   *
   * @throws {InvalidOptionError} If it is no function.
   * @throws {ServerStateError} If the server has been started.
   */
  before(hook: BeforeHook): this {
    this.#needNew("add hook");
    checkFunction("add hook", "hook", hook);
    this.#setup.before.push(hook);
    return this;
  }

  /**
   * Calls a hook once the end of an attempt is in the store, outside the slot,
   * after the handler's callbacks; of several, one after another. What it throws
   * is logged. As callbacks, it is not called for a job that was given back or
   * taken from this server; nor for one whose payload kept its handler from being
   * called.
   *
   * @throws {InvalidOptionError} If it is no function.
   * @throws {ServerStateError} If the server has been started.
   */
  after(hook: AfterHook): this {
    this.#needNew("add hook");
    checkFunction("add hook", "hook", hook);
    this.#setup.after.push(hook);
    return this;
  }

  /**
   * Opens the store and begins to run jobs, and to serve the monitor if `api` says so. A server
   * without handlers does the store's upkeep only.
   *
   * A server stops by itself when a newer version of the package raises the layout of the store: what it
   * runs is aborted, and run again by servers of that version.
   *
   * @param options `signal`: stops the server when it aborts.
   * @throws {StoreOpenError} If the store cannot be opened.
   * @throws {StoreVersionError} If the layout of the store is newer, or too old.
   * @throws {JobTypeConflictError} If two pools would take one type from one queue.
   * @throws {ThreadModuleError} If the module of a pool with `isolate` cannot be used.
   * @throws {ScheduleConflictError} If the id of one of its schedules belongs to somebody else.
   * @throws {InvalidOptionError} If an option of `api` breaks its rule.
   * @throws {ServeError} If the address of `api` cannot be listened at.
   * @throws {ServerStateError} If the server has been started before.
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#needNew("start server");
    checkKeys("start server", options, ["signal"]);
    options.signal?.throwIfAborted();
    this.#state = "starting";
    try {
      const opened = await openWork(this.#setup);
      if (this.#state !== "starting") return await opened.close();
      this.#state = "running";
      this.#work = launch(this.#setup, opened, (error) => this.#refused(error));
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
   * @throws As `start` does; the `StoreVersionError` if that has stopped it.
   */
  async run(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    using _listener = onTermination((signal) => {
      this.#setup.logger.info("Stopping", { server: this.id, signal });
      this.stop();
    });
    await this.start(options);
    await this.#closed.promise;
    if (this.#refusal !== undefined) throw this.#refusal;
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
   * left without using up an attempt. The monitor is served to the last. Repeat:
   * the same promise.
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

  /** Nothing can be settled any more: what runs is stopped at once, also where a stop waits for it. */
  #refused(error: StoreVersionError): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = error;
    const { events } = this.#setup;
    if (events.hears("store.failed")) events.emit({ event: "store.failed", error });
    this.#setup.logger.error("Store refuses this version, the server stops", {
      server: this.id,
      error,
    });
    this.#work!.leases.loseAll();
    this.stop({ shutdownTimeoutMs: 0 });
  }

  async #stop(options: StopOptions): Promise<void> {
    const { use, logger, options: own } = this.#setup;
    const started = this.#state === "running";
    this.#state = "stopping";
    const isRefused = (): boolean => this.#refusal !== undefined;
    if (started) await windDown(this.#work!, { ...stopTimes(options, own), isRefused });
    this.#closing.abort(new ServerStateError("wait for result", "running", "stopped"));
    await use.close();
    this.#state = "stopped";
    if (started) logger.info("Server stopped", { server: this.id });
    this.#closed.resolve();
  }
}
