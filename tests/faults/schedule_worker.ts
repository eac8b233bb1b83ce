/**
 * A server process that defines schedules and fires them, until it is killed. Its
 * wall clock is an hour off, before or after by its process id; that of a SQLite
 * store is the machine's, and stays right.
 *
 * Arguments: store URL, lease in milliseconds.
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { ScheduleOptions } from "../../mod.ts";
import { systemClock } from "../../src/clock.ts";
import { shiftDate } from "../support/shift_date.ts";

const [url, leaseMs] = process.argv.slice(2) as [string, string];
const off = process.pid % 2 === 0 ? 3_600_000 : -3_600_000;
if (!url.startsWith("sqlite:")) shiftDate(off);
const { Server } = await import("../../mod.ts");

const always = { overlap: "allow", catchUp: { all: 100 } } as const;
/** Each leaves the store with a job for each slot, or says in its history why not. */
const schedules: Record<string, ScheduleOptions> = {
  second: { type: "tick", cron: "* * * * * *", ...always },
  half: { type: "tick", everyMs: 500, ...always },
  late: { type: "tick", everyMs: 1000, jitterMs: 400, ...always },
  custom: { type: "tick", next: (t) => (Math.floor(t / 700) + 1) * 700, ...always },
  skipping: { type: "slow", everyMs: 1000, overlap: "skip", catchUp: { all: 100 } },
  queueing: { type: "slow", everyMs: 900, overlap: "queueOne", catchUp: { all: 100 } },
  replacing: { type: "slow", everyMs: 1100, overlap: "replace", catchUp: { all: 100 } },
};

const server = new Server({
  store: url,
  schedules,
  leaseMs: Number(leaseMs),
  maxDeliveries: 1000,
  logLevel: "error",
  clock: { ...systemClock, now: () => systemClock.now() + off },
});
server.handle("tick", () => {}, { concurrency: 4 });
server.handle("slow", ({ signal }) => delay(1500, undefined, { signal }), { concurrency: 4 });
await server.run();
