/** What the scripts of this folder share: jobs of another system are enqueued here, each once. */

import { createHash } from "node:crypto";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Client, EnqueueOptions } from "../../mod.ts"; // elsewhere "@gqm/gqm"

/** A job that waits in the other system. */
export interface OldJob {
  /** What it is called there, for the report. */
  readonly name: string;
  /** Its type here. */
  readonly type: string;
  /** Its payload here. */
  readonly payload: unknown;
  /** Its options here; the id is that of `newId`. */
  readonly options: EnqueueOptions & { readonly id: string };
  /** Why it failed there for good; undefined for a job that is still to run. */
  readonly failed?: string;
}

/** What came of it. */
export interface CarryReport {
  /** Jobs that were enqueued now. */
  enqueued: number;
  /** Jobs that had been carried over before. */
  there: number;
  /** Of `enqueued`, those that had failed: they are canceled here until somebody retries them. */
  canceled: number;
  /** Jobs that the script does not carry over, with the reason. */
  readonly left: { readonly name: string; readonly reason: string }[];
  /** Jobs that could not be enqueued, with the error's text. */
  readonly refused: { readonly name: string; readonly error: string }[];
}

const AT_ONCE = 100;
const DAY_MS = 86_400_000;
/** As long as a job is kept, a repeat finds it, whatever the store keeps by default. */
const RETENTION = { completedMs: 7 * DAY_MS, failedMs: 30 * DAY_MS };
/** A job that failed waits so long before it is canceled: no server can take it in between. */
const NEVER_MS = 365 * DAY_MS;
const LONGEST_PLAIN_ID = 200;
const LONGEST_REASON = 900;

/** An empty report. */
export function newReport(): CarryReport {
  return { enqueued: 0, there: 0, canceled: 0, left: [], refused: [] };
}

/** The id here of a job there: always the same, never that of another one, of allowed characters only. */
export function newId(system: string, ...parts: readonly string[]): string {
  const id = [system, ...parts.map(escaped)].join(".");
  if (id.length <= LONGEST_PLAIN_ID) return id;
  return `${system}.sha256-${createHash("sha256").update(id).digest("hex")}`;
}

/** Each character but letters, digits and hyphens becomes its number between underscores. */
function escaped(part: string): string {
  return part.replace(/[^a-zA-Z0-9-]/gu, (char) => `_${char.codePointAt(0)!.toString(16)}_`);
}

/** Enqueues the jobs in their order, those with parents after these, and adds to the report. */
export async function carry(
  client: Client,
  jobs: AsyncIterable<OldJob> | Iterable<OldJob>,
  report: CarryReport,
): Promise<void> {
  let batch: OldJob[] = [];
  for await (const job of jobs) {
    batch.push(job);
    if (batch.length < AT_ONCE) continue;
    await carryBatch(client, batch, report);
    batch = [];
  }
  await carryBatch(client, batch, report);
}

async function carryBatch(
  client: Client,
  batch: readonly OldJob[],
  report: CarryReport,
): Promise<void> {
  await Promise.all(batch.map(async (job) => {
    try {
      if (await (job.failed === undefined ? enqueue(client, job) : keepFailed(client, job))) {
        report.enqueued++;
        if (job.failed !== undefined) report.canceled++;
      } else report.there++;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      report.refused.push({ name: job.name, error: text });
    }
  }));
}

/** Gives false if the job is there already: that is what makes a repeat harmless. */
async function enqueue(
  client: Client,
  { type, payload, options }: OldJob,
  more: EnqueueOptions = {},
): Promise<boolean> {
  const all = { retention: RETENTION, ...options, ...more, onConflict: "existing" } as const;
  return (await client.enqueue(type, payload, all)).isNew;
}

/**
 * A job that had failed is to be seen here, and to run only when somebody retries it: it is enqueued
 * for a time that never comes, and canceled. A repeat after a crash in between cancels it.
 */
async function keepFailed(client: Client, job: OldJob): Promise<boolean> {
  const isNew = await enqueue(client, job, { runAt: undefined, delayMs: NEVER_MS });
  const isHalfDone = !isNew &&
    (await client.getJob(job.options.id))?.status === "scheduled";
  if (isNew || isHalfDone) {
    const reason = `failed before it was moved: ${job.failed}`.slice(0, LONGEST_REASON);
    await client.control.cancel(job.options.id, { reason });
  }
  return isNew;
}

/** Reads `--name value` arguments, all of them texts; those without a default must be given. */
export function readArguments<const D extends Record<string, string | undefined>>(
  defaults: D,
): Record<keyof D, string> {
  const options = Object.fromEntries(
    Object.keys(defaults).map((name) => [name, { type: "string" as const }]),
  );
  const { values } = parseArgs({ options });
  const merged: Record<string, unknown> = { ...defaults, ...values };
  for (const [name, value] of Object.entries(merged)) {
    if (value === undefined) throw new TypeError(`Cannot move jobs as '--${name}' must be given`);
  }
  return merged as Record<keyof D, string>;
}

/** Runs a script to its end. What goes wrong is told without a stack; the exit code is then 1. */
export async function runToEnd(script: () => Promise<CarryReport>): Promise<void> {
  try {
    process.exitCode = told(await script());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** Prints the report, and gives the exit code: 1 if a job was refused. */
function told(report: CarryReport): number {
  const { enqueued, there, canceled, left, refused } = report;
  console.log(`${enqueued} enqueued (${canceled} of them canceled), ${there} were there already`);
  for (const { name, reason } of left) console.log(`left: ${name}: ${reason}`);
  for (const { name, error } of refused) console.log(`refused: ${name}: ${error}`);
  return refused.length === 0 ? 0 : 1;
}
