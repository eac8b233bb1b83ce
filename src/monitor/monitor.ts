/**
 * The monitor: the REST API as a web-standard fetch handler.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { Control } from "../control/control.ts";
import { LimitControl } from "../control/limits.ts";
import { JobWriter } from "../enqueue/writer.ts";
import { Insight } from "../insight/insight.ts";
import { loggerOf } from "../logger.ts";
import { ProcessMetrics } from "../metrics/process_metrics.ts";
import { Schedules } from "../schedule/schedules.ts";
import { StoreUse } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { withMetrics } from "./api/metrics.ts";
import { createAlerts } from "./alerts/create.ts";
import { createAuth } from "./auth/create.ts";
import { Cors } from "./cors.ts";
import { createPages } from "./dashboard/create.ts";
import type { Desk } from "./desk.ts";
import { Handler } from "./handler.ts";
import { LiveHub } from "./live/hub.ts";
import { Metrics } from "./metrics/metrics.ts";
import { OperationRunner } from "./operations/runner.ts";
import { checkMonitorOptions, DEFAULT_RATE, type MonitorOptions, proxiesOf } from "./options.ts";
import { RateLimiter } from "./rate_limit.ts";
import { Redactor } from "./redact.ts";
import type { ConnectionInfo } from "./remote.ts";
import { Router } from "./route.ts";
import { routes } from "./routes.ts";

/** A monitor. */
export interface Monitor extends AsyncDisposable {
  /**
   * Answers a request. Does not reject. It can be given away by itself, as to `Deno.serve`,
   * `Bun.serve` or `export default`.
   *
   * @param info What the runtime tells of the connection.
   */
  readonly fetch: (request: Request, info?: ConnectionInfo) => Promise<Response>;
  /** Whether nobody has to show who they are, so that it serves this machine alone. */
  readonly isOpenToAll: boolean;

  /** Ends its streams of events and alerts, and lets go of the store if it opened that. Repeat: does nothing. */
  close(): Promise<void>;
}

/**
 * Makes a monitor. It needs no server, no worker and no handler: it reads the store and changes
 * what it is told to. The store is opened with the first request that needs it, or at once where
 * there are `alerts`; then it goes on until `close`.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 * @throws {StoreUrlError} If `store` is a URL that names no store of this package.
 *
 * @example
 * ```ts
 * import { Client, createMonitor, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await client.enqueue("email.send", { to: "ada@example.com" });
 *
 * await using monitor = createMonitor({ store, auth: "none" });
 * const request = new Request("http://localhost/api/v1/queues/default");
 * const response = await monitor.fetch(request, { remoteAddr: "127.0.0.1" });
 * equal((await response.json()).data.ready, 1);
 * ```
 */
export function createMonitor(options: MonitorOptions): Monitor {
  return openMonitor(options);
}

/** A monitor whose store is in use before the first request. */
export interface OpenedMonitor extends Monitor {
  /** Goes on with operations that others left behind. */
  resume(): void;
}

/**
 * Makes a monitor, as `createMonitor` does.
 *
 * @param counted What the process counts already, its calls of the given store among it.
 */
export function openMonitor(options: MonitorOptions, counted?: ProcessMetrics): OpenedMonitor {
  checkMonitorOptions(options);
  const { rateLimit = DEFAULT_RATE, redact = [], corsOrigins = [], clock = systemClock } = options;
  const logger = loggerOf(options);
  const use = new StoreUse(options.store, { logger });
  const own = counted ?? (options.metrics === false ? undefined : new ProcessMetrics(clock));
  const open = own === counted ? (): Promise<Store> => use.get() : timed(use, own!);
  const store = async (): Promise<Store> => {
    const opened = await open();
    operations.glance();
    return opened;
  };
  const proxies = proxiesOf(options.trustProxy);
  const auth = createAuth(options.auth, { store, logger, proxies });
  // Nobody waits here for the end of a job.
  const closing = new AbortController().signal;
  const writer = new JobWriter({ store, jobs: undefined, closing, tracing: options.tracing });
  const redactor = new Redactor(redact);
  const { logins } = auth;
  const livingSessions = logins && ((ids: readonly string[]) => logins.living(ids));
  const live = new LiveHub({ store, clock, redactor, livingSessions, ...options.live });
  const operations = new OperationRunner({ store: open, clock, logger, redactor });
  const publish = live.publish.bind(live);
  const alerts = createAlerts(options.alerts, { store: open, writer, clock, logger, publish });
  const desk: Desk = {
    store,
    writer,
    control: new Control(store),
    limits: new LimitControl(store),
    insight: new Insight(store),
    metrics: own && new Metrics({ store, own, clock, logger }),
    schedules: new Schedules({ store }),
    operations,
    auth,
    live,
    redactor,
    clock,
    startedAt: clock.mono(),
    logger,
    alerts,
    strictHealth: options.strictHealth ?? false,
  };
  const perSecond = rateLimit === 0 ? DEFAULT_RATE : rateLimit;
  const rates = perSecond < 0 ? undefined : new RateLimiter(perSecond, clock);
  const close = async (): Promise<void> => {
    live.close();
    await operations.stop();
    await alerts?.close();
    await writer.idle();
    await use.close();
  };
  const cors = corsOrigins.length > 0 ? new Cors(corsOrigins) : undefined;
  const router = new Router(withMetrics(routes, options.metrics));
  const pages = createPages(options.dashboard, logger);
  const handler = new Handler({ desk, router, rates, proxies, cors, pages });
  alerts?.start();
  return {
    fetch: (request, info) => handler.fetch(request, info),
    isOpenToAll: auth.isOff,
    resume: () => operations.glance(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Gives the store so that calls of it are counted. */
function timed(use: StoreUse, { calls }: ProcessMetrics): () => Promise<Store> {
  let store: Store | undefined;
  return async () => {
    const opened = await use.get();
    return store ??= calls.time(opened);
  };
}
