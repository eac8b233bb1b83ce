/** What a monitor of the filled store answers of numbers, of what runs and of who works. */

import { START } from "./filled.ts";

type Json = Readonly<Record<string, unknown>>;

const NOW_MS = (START + 3) * 1000;
const MINUTE_MS = 60_000;

const windows = {
  "15m": { step_ms: MINUTE_MS, steps: 15 },
  "6h": { step_ms: 5 * MINUTE_MS, steps: 72 },
  "7d": { step_ms: 60 * MINUTE_MS, steps: 168 },
} as const;

const noEnds = { completed: 0, retried: 0, dead: 0, canceled: 0, lost: 0 };
/** How all ended, all in the minute at which the clock started. */
const ends = { ...noEnds, completed: 1, retried: 1, dead: 1, canceled: 1 };
/** Of attempts that ran 0, 0 and 1234 ms. */
const runs = { count: 3, p50: 0.75, p95: 1241.6, p99: 1272.32 };

/** A series, in whose last step all ended, or nothing did. */
export function series(window: keyof typeof windows, isEmpty = false): Json {
  const { step_ms, steps } = windows[window];
  const points = Array.from({ length: steps }, (_, i) => ({
    at_ms: START * 1000 - (steps - 1 - i) * step_ms,
    ...noEnds,
    ...{ per_second: 0, run_ms: null, wait_ms: null, depth: null },
  }));
  const last = { ...points.at(-1)!, ...ends, per_second: 0.333, run_ms: runs };
  return {
    ...{ window, step_ms, now_ms: NOW_MS },
    points: isEmpty ? points : [...points.slice(0, -1), last],
  };
}

/** How all stands. */
export const overview: Json = {
  now_ms: NOW_MS,
  counts: {
    ...{ ready: 2, scheduled: 1, deferred: 1, processing: 1, retry: 1, completed: 1 },
    ...{ dead_letter: 1, canceled: 1, stopped: 0, failed: 0 },
  },
  totals: ends,
  recent: {
    since_ms: START * 1000 - 14 * MINUTE_MS,
    ...ends,
    per_second: Math.round(1e6 / (14 * MINUTE_MS + 3000)) / 1000,
    run_ms: runs,
    wait_ms: null,
  },
  oldest: {
    ...{ queue: "mail", type: "email.send", id: "job-ready" },
    ...{ ready_at_ms: NOW_MS, age_ms: 0 },
  },
  failing: [{ queue: "mail", type: "email.send", retried: 1, dead: 1 }],
  paused: [{ queue: "idle", type: null }],
  workers: { servers: 1, consumers: 1, pools: 2, slots: 6, busy: 3 },
};

/** What runs. */
export const running: Json = {
  ...{ id: "job-processing", type: "email.send", queue: "mail", priority: 0, attempt: 1 },
  ...{ started_at_ms: NOW_MS, running_ms: 0, server_id: "host-1-abc", pool: "mailers" },
  lease_until_ms: NOW_MS + 15_000,
  progress: { value: 0.5, message: "half", at_ms: NOW_MS },
};

const beating = { hostname: "host", heartbeat_age_ms: 0, lease_ms: 15_000 };
const server = {
  ...{ server_id: "host-1-abc", kind: "server", started_at_ms: START * 1000 },
  ...beating,
};

/** Who works. */
export const pools: readonly Json[] = [
  {
    ...{ id: "host-2-def:1", server_id: "host-2-def", kind: "consumer", name: "consumer" },
    ...{ types: null, queues: null, slots: null, busy: 2, isolate: null },
    started_at_ms: (START + 2) * 1000,
    ...beating,
  },
  {
    ...{ id: "host-1-abc:1", name: "mailers", types: ["email.send"], queues: ["mail"] },
    ...{ slots: 4, busy: 1, isolate: null },
    ...server,
  },
  {
    ...{ id: "host-1-abc:2", name: "rest", types: ["*"], queues: null },
    ...{ slots: 2, busy: 0, isolate: "thread" },
    ...server,
  },
];
