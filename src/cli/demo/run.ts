/**
 * The demo's producer: enqueues a job per file, waits for the results, shows
 * what came of them.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { Client } from "../../enqueue/client.ts";
import type { JobHandle } from "../../enqueue/handle.ts";
import { isFinal, type JobStatus } from "../../job/state.ts";
import { readEnv } from "../../runtime/env.ts";
import { absolutePath, isFolder, listFiles, temporaryFile } from "../../runtime/files.ts";
import { onTermination } from "../../runtime/signals.ts";
import { standaloneRuntime } from "../../runtime/standalone.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { many } from "../format.ts";
import { type DashboardPlace, startDemoServer } from "./dashboard.ts";
import {
  DEMO_QUEUE,
  type DemoJobs,
  demoJobs,
  type FileFacts,
  type FileToRead,
  READ_FILE,
} from "./jobs.ts";
import { LiveLine } from "./live_line.ts";
import { enqueueReports } from "./reports.ts";
import { type DemoProgress, progressLine, type ReadJob, summary } from "./render.ts";

/** Options of the demo. */
export interface DemoOptions {
  readonly store: string | undefined;
  readonly dir: string;
  readonly once: boolean;
  readonly concurrency: number | undefined;
  readonly paceMs: number;
  readonly leaseMs: number | undefined;
  /** Where the dashboard is; undefined for none. */
  readonly dashboard: DashboardPlace | undefined;
}

type Handle = JobHandle<FileToRead, FileFacts>;

/** Jobs enqueued in one call. */
const BATCH = 500;
/** Delay of the job whose file is removed, so that it is gone when the job runs. */
const REMOVED_DELAY_MS = 100;
/** Jobs that are made to fail. */
const PLANNED_FAILURES = 2;
/** How often the progress is drawn, in milliseconds. */
const DRAW_MS = 100;
/** The schedule that reads a file again and again while the demo goes on. */
const AGAIN_ID = "gqm-demo.read-again";
const AGAIN_MS = 15_000;

/** Runs the demo; 0 if every file was read and only what was meant to fail has failed. */
export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const files = await filesOf(options.dir);
  const stopping = new AbortController();
  const { signal } = stopping;
  using _listener = onTermination(() =>
    stopping.abort(new Error("Stopped; what is not done stays in the store"))
  );
  await using client = new Client({ jobs: demoJobs, store: options.store });
  await using _server = await startDemoServer(
    { ...options, onAttempt: () => {} },
    options.dashboard,
    terminal,
  );
  const more = [
    options.store === undefined ? "" : ` --store '${options.store}'`,
    options.leaseMs === undefined ? "" : ` --lease-ms ${options.leaseMs}`,
  ].join("");
  terminal.out(`Reading ${files.length} files of ${absolutePath(options.dir)}\n`);
  const left = await unfinished(client);
  if (left > 0) terminal.out(`Left by an earlier demo, and first in line: ${many(left, "job")}\n`);
  if (!options.store?.startsWith("memory:")) {
    terminal.out(`To add a worker, in another terminal: ${demoCommand()} worker${more}\n`);
  }
  terminal.out("\n");

  const startedAt = systemClock.mono();
  const handles = await enqueueFiles(client, files, options);
  const jobOf = (path: string, i: number) => ({ id: handles[i]!.id, path });
  const folder = jobOf(absolutePath(options.dir), files.length);
  const reports = await enqueueReports(client, files.map(jobOf), folder);
  const jobs = await collect(handles, () => systemClock.mono() - startedAt, signal, terminal);
  terminal.out(`\n${summary(jobs, systemClock.mono() - startedAt)}`);
  // Whoever looks at the dashboard may have canceled one.
  await Promise.allSettled(reports.map((report) => report.result({ signal })));
  signal.throwIfAborted();
  terminal.out(`${reports.length} reports on folders, each after the files that it is about.\n`);
  if (!options.once) await goOn(client, files[0]!, signal, terminal);
  return jobs.filter(({ status }) => status !== "completed").length > PLANNED_FAILURES ? 1 : 0;
}

/** Works on until it is told to stop; a file is read again and again, so that something happens. */
async function goOn(
  client: Client<DemoJobs>,
  path: string,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  await client.schedules.upsert(AGAIN_ID, {
    type: READ_FILE,
    payload: { path },
    everyMs: AGAIN_MS,
    options: { queue: DEMO_QUEUE },
  });
  terminal.out("\nThis worker goes on; Ctrl-C ends it, and --once does not wait.\n");
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
  // Without this process nobody would read it.
  await client.schedules.remove(AGAIN_ID);
}

/** Jobs that are there before this demo adds its own: somebody ended one before its summary. */
async function unfinished(client: Client<DemoJobs>): Promise<number> {
  const { queues } = await client.insight.stats();
  const counts = Object.entries(queues.find(({ queue }) => queue === DEMO_QUEUE)?.counts ?? {});
  return counts.reduce((sum, [status, n]) => isFinal(status as JobStatus) ? sum : sum + n, 0);
}

/** What somebody typed to get here: a task of a checkout, or the command; either may have come through npx. */
function demoCommand(): string {
  const isByNpx = readEnv("npm_command") === "exec";
  const isCheckout = standaloneRuntime() === undefined && /^file:.*\.ts$/.test(import.meta.url);
  if (isCheckout) return isByNpx ? "npx -y deno task demo" : "deno task demo";
  return isByNpx ? "npx gqm demo" : "gqm demo";
}

async function filesOf(dir: string): Promise<string[]> {
  const folder = absolutePath(dir);
  if (!await isFolder(folder)) {
    throw new Error(`Cannot run demo as '--dir' must be a folder: current value is '${dir}'`);
  }
  const files = await listFiles(folder);
  if (files.length === 0) {
    throw new Error(`Cannot run demo as '--dir' must hold files: '${folder}' has none`);
  }
  return files;
}

/** Enqueues a job per file, one for a folder named as a file, and one for a file that is removed at once. */
async function enqueueFiles(
  client: Client<DemoJobs>,
  files: readonly string[],
  { dir, paceMs }: DemoOptions,
): Promise<Handle[]> {
  const item = (path: string, delayMs: number) => ({
    type: READ_FILE,
    payload: { path, paceMs },
    options: { queue: DEMO_QUEUE, enqueuedBy: "gqm demo", delayMs },
  } as const);
  const items = [...files, absolutePath(dir)].map((path) => item(path, 0));
  const handles: Handle[] = [];
  for (let i = 0; i < items.length; i += BATCH) {
    handles.push(...await client.enqueueMany(items.slice(i, i + BATCH)));
  }
  await using removed = await temporaryFile("removed-after-enqueue.txt", "Not there for long\n");
  handles.push(...await client.enqueueMany([item(removed.path, REMOVED_DELAY_MS)]));
  return handles;
}

/** Waits for the end of every job, and draws how far they are. */
async function collect(
  handles: readonly Handle[],
  elapsedMs: () => number,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<ReadJob[]> {
  const line = new LiveLine(terminal);
  let done = 0;
  let failed = 0;
  const draw = (): void => {
    const progress: DemoProgress = { total: handles.length, done, failed, elapsedMs: elapsedMs() };
    line.show(progressLine(progress, terminal.columns()));
  };
  using _drawing = every(DRAW_MS, draw);
  const ends = handles.map(async (handle) => {
    await handle.result({ signal }).catch(() => failed++);
    done++;
  });
  await Promise.all(ends);
  draw();
  line.end();
  signal.throwIfAborted();
  const jobs = await Promise.all(handles.map((handle) => handle.job()));
  return jobs.filter((job) => job !== null);
}

/** Calls back again and again until it is disposed. */
function every(ms: number, callback: () => void): Disposable {
  let timer = systemClock.after(ms, again);
  function again(): void {
    callback();
    timer = systemClock.after(ms, again);
  }
  return { [Symbol.dispose]: () => timer.cancel() };
}
