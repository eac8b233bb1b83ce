/**
 * A worker process for jobs of all kinds (`tests/support/mixed/plan.ts`): runs
 * until it is killed or told to stop, and writes a line to a file when a
 * handler starts and when it ends.
 *
 * Arguments: store URL, file of effects, lease in milliseconds.
 */

import { appendFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import {
  DuplicateJobError,
  type JobContext,
  jsonLogger,
  type Logger,
  Server,
  StoreOpenError,
} from "../../mod.ts";
import type { MixedPayload } from "../support/mixed/plan.ts";

const [url, effects, leaseMs] = process.argv.slice(2) as [string, string, string];

/** The longest time that a timer takes. */
const FOREVER_MS = 2 ** 31 - 1;

/** A failure that the plan has foreseen; others, such as a store that is away, do not count. */
class PlannedError extends Error {}

const log = jsonLogger();
/** Says nothing of jobs that died as planned. */
const logger: Logger = {
  ...log,
  error: (message, fields) => {
    if (fields?.error !== "planned") log.error(message, fields);
  },
};

const server = new Server({
  store: url,
  leaseMs: Number(leaseMs),
  maxDeliveries: 50,
  logger,
  logLevel: "error",
  backoff: { type: "fixed", baseMs: 20 },
});
const options = {
  concurrency: 20,
  isFailure: (error: unknown): boolean => error instanceof PlannedError,
};
const note = (what: string, { job, fence }: JobContext): void =>
  appendFileSync(effects, `${what} ${job.id} ${fence} ${process.pid}\n`);
const payloadOf = ({ job }: JobContext): MixedPayload => job.payload as MixedPayload;

/** Notes the end of a handler, and throws if it is to fail. */
function end(context: JobContext): number {
  const { failures = 0 } = payloadOf(context);
  const fails = failures < 0 || context.job.retryCount < failures;
  note(context.signal.aborted ? "late" : fails ? "fail" : "end", context);
  if (fails) throw new PlannedError("planned");
  return context.fence;
}

server.handle("work", async (context) => {
  note("start", context);
  // Whoever runs must find its parents completed, unless its edges bear failures. (Parents that it
  // did not need may run again by now.)
  const { dependsOn } = context.job;
  for (const { id, status } of await context.job.parents()) {
    const edge = dependsOn.find((edge) => edge.id === id);
    if (edge?.onFailure === "cancel" && status !== "completed") note("early", context);
  }
  await delay(payloadOf(context).ms);
  return end(context);
}, options);

server.handle("long", async (context) => {
  note("start", context);
  const { ms, untilKilled = false } = payloadOf(context);
  const first = context.job.deliveries === 0;
  await delay(untilKilled && first ? FOREVER_MS : ms, undefined, { signal: context.signal });
  return end(context);
}, options);

server.handle("grow", async (context) => {
  note("start", context);
  const { ms, children = [], asGraph = false } = payloadOf(context);
  await delay(ms);
  // A holder before this one may have added them.
  const ignoreDuplicate = (error: unknown): void => {
    if (!(error instanceof DuplicateJobError)) throw error;
  };
  if (asGraph) {
    const nodes = children.map((id) => [id, { type: "work", payload: { ms }, options: { id } }]);
    await context.enqueueGraph(Object.fromEntries(nodes)).catch(ignoreDuplicate);
  } else {
    const added = children.map((id) => context.enqueueChild("work", { ms }, { id }));
    await Promise.all(added.map((one) => one.then(() => {}, ignoreDuplicate)));
  }
  return end(context);
}, options);

server.handleBatch("row", async ({ jobs }) => {
  for (const row of jobs) note("start", row);
  await delay(Math.max(...jobs.map((row) => payloadOf(row).ms)));
  for (const row of jobs) {
    try {
      row.complete(end(row));
    } catch (error) {
      row.fail(error);
    }
  }
}, { ...options, size: 20 });

while (true) {
  try {
    await server.run();
    process.exit(0);
  } catch (error) {
    // Redis went away during the start: who looks after processes would start another.
    if (!(error instanceof StoreOpenError)) throw error;
    await delay(50);
  }
}
