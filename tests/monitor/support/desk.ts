/** The routes of a monitor, asked by whoever a test says. */

import { Control } from "../../../src/control/control.ts";
import { LimitControl } from "../../../src/control/limits.ts";
import { JobWriter } from "../../../src/enqueue/writer.ts";
import { Insight } from "../../../src/insight/insight.ts";
import { alertRoutes } from "../../../src/monitor/api/alerts.ts";
import { cronRoutes } from "../../../src/monitor/api/cron.ts";
import { dagRoutes } from "../../../src/monitor/api/dag.ts";
import { errorRoutes } from "../../../src/monitor/api/errors.ts";
import { jobBatchRoutes } from "../../../src/monitor/api/job_batch.ts";
import { jobEditRoutes } from "../../../src/monitor/api/job_edit.ts";
import { jobDetailRoutes } from "../../../src/monitor/api/job_details.ts";
import { jobRoutes } from "../../../src/monitor/api/jobs.ts";
import { limitRoutes } from "../../../src/monitor/api/limits.ts";
import { overviewRoutes } from "../../../src/monitor/api/overview.ts";
import { pauseRoutes } from "../../../src/monitor/api/pauses.ts";
import { queueBulkRoutes } from "../../../src/monitor/api/queue_bulk.ts";
import { queueJobRoutes } from "../../../src/monitor/api/queue_jobs.ts";
import { queueRoutes } from "../../../src/monitor/api/queues.ts";
import { runningRoutes } from "../../../src/monitor/api/running.ts";
import { schedulePreviewRoutes } from "../../../src/monitor/api/schedule_preview.ts";
import { scheduleRoutes } from "../../../src/monitor/api/schedules.ts";
import { seriesRoutes } from "../../../src/monitor/api/series.ts";
import { searchRoutes } from "../../../src/monitor/api/search.ts";
import { serverRoutes } from "../../../src/monitor/api/servers.ts";
import { statsRoutes } from "../../../src/monitor/api/stats.ts";
import { typeRoutes } from "../../../src/monitor/api/job_types.ts";
import type { Principal, Role } from "../../../src/monitor/auth/principal.ts";
import type { Desk } from "../../../src/monitor/desk.ts";
import { Handler } from "../../../src/monitor/handler.ts";
import { Redactor, type RedactRule } from "../../../src/monitor/redact.ts";
import { type Route, Router } from "../../../src/monitor/route.ts";
import { routes } from "../../../src/monitor/routes.ts";
import { Schedules } from "../../../src/schedule/schedules.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";
import type { Place } from "./places.ts";

/** What came back. */
export interface Reply {
  readonly status: number;
  /** JSON; undefined if there was no body. */
  readonly body: unknown;
}

/** A request. */
export interface Ask {
  /** @default {"GET"} */
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default {an admin of all queues} */
  readonly who?: Principal;
}

/** Asks a monitor. */
export type AskMonitor = (ask: Ask) => Promise<Reply>;

/** A program with a role, and the only queues that there are for it. */
export function someone(role: Role, queues?: readonly string[]): Principal {
  const seen = queues === undefined ? null : new Set(queues);
  return { name: "apikey:test", role, queues: seen, types: null, by: "key" };
}

const router = new Router(routes);

/** The routes whose contract is tested here: of jobs, queues, failures, servers, numbers, schedules, graphs, pauses, limits and alerts. */
export const ownRoutes: readonly Route[] = [
  ...[...queueRoutes, ...queueJobRoutes, ...queueBulkRoutes, ...jobRoutes, ...jobBatchRoutes],
  ...[...jobDetailRoutes, ...searchRoutes, ...typeRoutes, ...errorRoutes],
  ...[...serverRoutes, ...statsRoutes, ...cronRoutes, ...dagRoutes],
  ...[...overviewRoutes, ...seriesRoutes, ...runningRoutes],
  ...[...jobEditRoutes, ...pauseRoutes, ...limitRoutes],
  ...[...scheduleRoutes, ...schedulePreviewRoutes],
  ...alertRoutes,
];

/** The route of a path, with or without a query. */
export function routeOf(path: string, method = "GET"): Route {
  const match = router.match(method, path.split("?")[0]!);
  if (match.kind === "found") return match.route;
  throw new Error(`Cannot find route as there must be one: ${method} ${path}`);
}

/** Makes a monitor that believes a test who asks. */
export function deskOf({ store, clock }: Place, redact: readonly RedactRule[] = []): AskMonitor {
  let who = someone("admin");
  const open = (): Promise<typeof store> => Promise.resolve(store);
  const desk = {
    store: open,
    writer: new JobWriter({ store: open, jobs: undefined, closing: new AbortController().signal }),
    control: new Control(open),
    limits: new LimitControl(open),
    insight: new Insight(open),
    schedules: new Schedules({ store: open }),
    auth: { isOff: false, identify: () => Promise.resolve(who) },
    redactor: new Redactor(redact),
    clock,
    startedAt: clock.mono(),
    logger: new CollectingLogger(),
    strictHealth: false,
  };
  const handler = new Handler({
    ...{ rates: undefined, proxies: 0, cors: undefined, pages: undefined },
    desk: desk as unknown as Desk,
    router,
  });
  return async (ask) => {
    who = ask.who ?? someone("admin");
    const { method, headers } = ask;
    const json = ask.body === undefined ? { headers } : {
      body: JSON.stringify(ask.body),
      headers: { "content-type": "application/json", ...headers },
    };
    const request = new Request(`http://localhost${ask.path}`, { method, ...json });
    const response = await handler.fetch(request, { remoteAddr: "127.0.0.1" });
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json";
    const body = text === "" ? undefined : isJson ? JSON.parse(text) : text;
    return { status: response.status, body };
  };
}
