/** What a monitor of the filled store answers of schedules to those who edit them. */

import { START } from "./filled.ts";

type Json = Readonly<Record<string, unknown>>;

const HOUR = 3_600_000;
/** When the filled store has its schedules, in epoch milliseconds. */
export const DEFINED = START * 1000 + 3000;

const common: Json = {
  priority: 0,
  custom: false,
  jitter_ms: 0,
  run_on_start: false,
  at_front: false,
  ended: false,
  source: "runtime",
  created_at_ms: DEFINED,
  updated_at_ms: DEFINED,
};

/** As lists have them. */
export const summaries = {
  nightly: {
    ...common,
    id: "nightly",
    type: "report",
    queue: "reports",
    cron: "30 3 * * *",
    time_zone: "Europe/Berlin",
    overlap: "skip",
    catch_up: "latest",
    enabled: true,
    next_at_ms: START * 1000 + 2.5 * HOUR,
  },
  ping: {
    ...common,
    id: "ping",
    type: "ping",
    queue: "mail",
    every_ms: 30_000,
    time_zone: "UTC",
    overlap: "queue_one",
    catch_up: 3,
    enabled: false,
  },
} satisfies Readonly<Record<string, Json>>;

/** As they are shown alone. */
export const details = {
  nightly: {
    ...summaries.nightly,
    payload: { kind: "sales", secret: "x" },
    max_retry: 0,
    timeout_ms: 90_500,
    next_fires: [1, 2, 3, 4, 5].map((day) =>
      fire(`2026-01-0${day}T02:30:00.000Z`, `2026-01-0${day}T03:30:00.000+01:00`)
    ),
    last_runs: [],
  },
  ping: { ...summaries.ping, payload: null, next_fires: [], last_runs: [] },
} satisfies Readonly<Record<string, Json>>;

/** The schedule that somebody makes, and what it is then. */
export const weekly = {
  body: {
    id: "weekly",
    type: "report",
    payload: { kind: "stock" },
    queue: "reports",
    cron: "0 9 * * MON",
    time_zone: "Europe/Berlin",
    start_at_ms: START * 1000,
    overlap: "queue_one",
    catch_up: 3,
    jitter_ms: 1000,
    priority: 5,
    max_retry: 2,
    backoff: { type: "fixed", base_ms: 1000 },
    timeout_ms: 5000,
    meta: { tenant: "acme" },
    at_front: true,
    limit_key: "acme",
    retention: { completed_ms: -1, max_count: 10 },
    dead_letter: false,
  },
  get made(): Json {
    return {
      ...common,
      ...this.body,
      at_front: true,
      priority: 5,
      jitter_ms: 1000,
      enabled: true,
      next_at_ms: Date.parse("2026-01-05T08:00Z"),
      next_fires: ["01-05", "01-12", "01-19", "01-26", "02-02"].map((day) =>
        fire(`2026-${day}T08:00:00.000Z`, `2026-${day}T09:00:00.000+01:00`)
      ),
      last_runs: [],
    };
  },
};

/** What it is with other rules. */
export const hourly = {
  body: { updated_at_ms: DEFINED, type: "report", queue: "reports", every_ms: HOUR },
  made: {
    ...common,
    id: "weekly",
    type: "report",
    queue: "reports",
    payload: null,
    every_ms: HOUR,
    time_zone: "UTC",
    overlap: "skip",
    catch_up: "latest",
    enabled: true,
    updated_at_ms: DEFINED + 1,
    next_at_ms: START * 1000 + HOUR,
    next_fires: [1, 2, 3, 4, 5].map((hour) =>
      fire(`2026-01-01T0${hour}:00:00.000Z`, `2026-01-01T0${hour}:00:00.000+00:00`)
    ),
    last_runs: [],
  },
};

function fire(utc: string, local: string): Json {
  return { at_ms: Date.parse(utc), utc, local };
}
