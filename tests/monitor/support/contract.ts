/** What a monitor of the filled store answers, word by word. */

import { START } from "./filled.ts";

/** An object. */
export type Json = Readonly<Record<string, unknown>>;

const kind = { message: "mailbox full", name: "MailError", fingerprint: "00000000000000ff" };
const failure = {
  ...kind,
  stack: "MailError: mailbox full\n    at send (file:///app/mail.ts:12:7)",
};
const ran = { worker_id: "mailers", server_id: "host-1-abc" };

/** Seconds after the start, as a job has them. */
export function at(seconds: number): string {
  return String(START + seconds);
}

function attempt(outcome: string, startedMs: number, finishedMs: number, error?: Json): Json {
  return {
    attempt: 1,
    started_at_ms: START * 1000 + startedMs,
    finished_at_ms: START * 1000 + finishedMs,
    outcome,
    server_id: "host-1-abc",
    pool: "mailers",
    ...error && { error },
  };
}

function job(id: string, status: string, fields: Json): Json {
  return {
    id,
    type: "email.send",
    queue: "mail",
    status,
    retry_count: "0",
    priority: "0",
    attempts_made: "0",
    deliveries: "0",
    attempts: [],
    logs: [],
    ...fields,
  };
}

/** Every job of the filled store, as it is shown alone. */
export const jobs = {
  ready: job("job-ready", "ready", {
    payload: { to: "eve", password: "s3cret" },
    meta: { tenant: "acme", token: "t0ken" },
    priority: "5",
    max_retry: "2",
    retry_intervals: [1, 3],
    timeout: "2",
    created_at: at(3),
    expire_at: at(63),
    enqueued_by: "web",
    limit_key: "acme",
    result_ttl: "2",
    failure_ttl: "-1",
  }),
  processing: job("job-processing", "processing", {
    payload: { to: "dan" },
    created_at: at(3),
    started_at: at(3),
    ...ran,
    last_heartbeat: `${at(3)}000000000`,
    processing_deadline: START + 18,
    stale: false,
    progress: { value: 0.5, message: "half", at_ms: START * 1000 + 3000 },
    logs: [{ at_ms: START * 1000 + 3000, text: "connected" }],
  }),
  completed: job("job-completed", "completed", {
    payload: { to: "ada" },
    result: { sent: true },
    created_at: at(0),
    started_at: at(0),
    completed_at: at(2),
    ...ran,
    execution_duration: "1234",
    attempts_made: "1",
    attempts: [attempt("completed", 766, 2000)],
  }),
  dead: job("job-dead", "dead_letter", {
    payload: { to: "bob" },
    error: "mailbox full",
    created_at: at(2),
    started_at: at(2),
    completed_at: at(2),
    ...ran,
    attempts_made: "1",
    attempts: [attempt("dead_letter", 2000, 2000, failure)],
  }),
  retry: job("job-retry", "retry", {
    payload: { to: "cy" },
    error: "mailbox full",
    retry_count: "1",
    created_at: at(2),
    scheduled_at: at(62),
    started_at: at(2),
    ...ran,
    attempts_made: "1",
    attempts: [attempt("retry", 2000, 2000, failure)],
  }),
  scheduled: job("job-scheduled", "scheduled", {
    payload: null,
    created_at: at(3),
    scheduled_at: at(63),
  }),
  deferred: job("job-deferred", "deferred", {
    payload: [1],
    created_at: at(3),
    depends_on: ["job-scheduled"],
    allow_failure: "1",
    pending_deps: ["job-scheduled"],
  }),
  canceled: job("job-canceled", "canceled", {
    payload: "text",
    error: "not needed",
    created_at: at(3),
    completed_at: at(3),
  }),
  other: job("job-other", "ready", {
    type: "report",
    queue: "reports",
    payload: {},
    created_at: at(3),
  }),
} satisfies Readonly<Record<string, Json>>;

/** Jobs as lists show them. */
export function listed(...some: readonly Json[]): Json[] {
  return some.map(({ attempts: _attempts, logs: _logs, ...fields }) => fields);
}

function queue(name: string, paused: boolean, counts: Readonly<Record<string, number>>): Json {
  const none = {
    ...{ ready: 0, processing: 0, completed: 0, dead_letter: 0, scheduled: 0, deferred: 0 },
    ...{ retry: 0, canceled: 0, stopped: 0, failed: 0, processed_total: 0, failed_total: 0 },
  };
  return { name, paused, ...none, ...counts };
}

/** Queues. */
export const queues = {
  idle: queue("idle", true, {}),
  mail: queue("mail", false, {
    ...{ ready: 1, processing: 1, completed: 1, dead_letter: 1, scheduled: 1, deferred: 1 },
    ...{ retry: 1, canceled: 1, processed_total: 1, failed_total: 1 },
  }),
  reports: queue("reports", false, { ready: 1 }),
};

function type(name: string, queue: string, counts: Readonly<Record<string, number>>): Json {
  const all = {
    ...{ ready: 0, scheduled: 0, deferred: 0, processing: 0, retry: 0 },
    ...{ completed: 0, dead_letter: 0, canceled: 0, stopped: 0, failed: 0, ...counts },
  };
  return { type: name, ...all, queues: [{ queue, ...all, paused: false }] };
}

/** Types. */
export const types = {
  email: type("email.send", "mail", {
    ...{ ready: 1, scheduled: 1, deferred: 1, processing: 1, retry: 1 },
    ...{ completed: 1, dead_letter: 1, canceled: 1 },
  }),
  report: type("report", "reports", { ready: 1 }),
};

/** What failed. */
export const errorGroup: Json = {
  ...kind,
  type: "email.send",
  queue: "mail",
  place: "send (file:///app/mail.ts:12:7)",
  count: 2,
  first_at_ms: START * 1000 + 2000,
  last_at_ms: START * 1000 + 2000,
  job_ids: ["job-retry", "job-dead"],
};

/** What all queues have together. */
export const stats: Json = {
  ...{ queues: 3, workers: 3, uptime: "0s" },
  ...{ ready: 2, processing: 1, completed: 1, dead_letter: 1, scheduled: 2, deferred: 1 },
  ...{ retry: 1, canceled: 1, stopped: 0, failed: 0, processed_total: 1, failed_total: 1 },
};

/** Two days of a queue. */
export function days(queue: string, processed: number, failed: number): Json {
  return {
    queue,
    days: [
      { date: "2026-01-01", processed, failed },
      { date: "2025-12-31", processed: 0, failed: 0 },
    ],
  };
}

/** Servers. */
export const servers = {
  server: {
    id: "host-1-abc",
    hostname: "host",
    pid: "1",
    go_version: "deno 2.9.6",
    started_at: at(0),
    last_heartbeat: at(3),
    pools: ["mailers", "rest"],
    num_pools: "2",
    concurrency_total: "6",
    status: "active",
    kind: "server",
    version: "0.1.0",
    active_jobs: "1",
    lease_ms: "15000",
  },
  consumer: {
    id: "host-2-def",
    hostname: "host",
    pid: "2",
    go_version: "node 22.1.0",
    started_at: at(2),
    last_heartbeat: at(3),
    pools: [],
    num_pools: "0",
    concurrency_total: "0",
    status: "active",
    kind: "consumer",
    version: "0.1.0",
    active_jobs: "2",
    lease_ms: "15000",
  },
} satisfies Readonly<Record<string, Json>>;

const beating = { status: "active", last_heartbeat: `${at(3)}000000000` };

/** Workers. */
export const workers = {
  consumer: {
    id: "host-2-def:1",
    pool: "consumer",
    pool_id: "consumer",
    server_id: "host-2-def",
    queues: ["idle", "mail", "reports"],
    ...beating,
    started_at: at(2),
    active_jobs: "2",
    all_queues: "1",
  },
  mailers: {
    id: "host-1-abc:1",
    pool: "mailers",
    pool_id: "mailers",
    server_id: "host-1-abc",
    queues: ["mail"],
    ...beating,
    concurrency: "4",
    started_at: at(0),
    active_jobs: "1",
    types: ["email.send"],
  },
  rest: {
    id: "host-1-abc:2",
    pool: "rest",
    pool_id: "rest",
    server_id: "host-1-abc",
    queues: ["idle", "mail", "reports"],
    ...beating,
    concurrency: "2",
    started_at: at(0),
    active_jobs: "0",
    types: ["*"],
    all_queues: "1",
    isolate: "thread",
  },
} satisfies Readonly<Record<string, Json>>;

const defined = { created_at: START + 3, updated_at: START + 3, priority: 0 };

/** Schedules. */
export const cron = {
  nightly: {
    id: "nightly",
    name: "nightly",
    cron_expr: "30 3 * * *",
    timezone: "Europe/Berlin",
    job_type: "report",
    queue: "reports",
    payload: { kind: "sales", secret: "x" },
    timeout: 91,
    max_retry: 0,
    overlap_policy: "skip",
    enabled: true,
    next_run: START + 9000,
    ...defined,
    catch_up: "latest",
    jitter_ms: 0,
    run_on_start: false,
    source: "runtime",
  },
  ping: {
    id: "ping",
    name: "ping",
    cron_expr: "@every 30s",
    timezone: "UTC",
    job_type: "ping",
    queue: "mail",
    payload: null,
    overlap_policy: "queue_one",
    enabled: false,
    ...defined,
    every_ms: 30_000,
    catch_up: 3,
    jitter_ms: 0,
    run_on_start: false,
    source: "runtime",
  },
} satisfies Readonly<Record<string, Json>>;

/** The graph around the job that another waits for. */
export const graph: Json = {
  root_id: "job-scheduled",
  nodes: [
    node("job-scheduled", { status: "scheduled" }),
    node("job-deferred", { status: "deferred", allow_failure: true }),
  ],
  edges: [{ source: "job-scheduled", target: "job-deferred" }],
  truncated: false,
};

/** The graph of a job that is not there. */
export const noGraph: Json = {
  root_id: "nobody",
  nodes: [{ id: "nobody", status: "unknown", allow_failure: false }],
  edges: [],
  truncated: false,
};

function node(id: string, fields: Json): Json {
  const { type, queue, created_at } = jobs.scheduled;
  return { id, type, queue, created_at, allow_failure: false, ...fields };
}
