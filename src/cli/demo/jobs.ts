/**
 * The jobs of the demo: one per file, to read and measure it, and reports on folders.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import { defineJobs, job } from "../../job/registry.ts";
import type { ParentEnd } from "../../run/family.ts";
import { Server } from "../../run/server.ts";
import { readBytes } from "../../runtime/files.ts";

/** A file to read. */
export interface FileToRead {
  /** Absolute path. */
  readonly path: string;
  /** Least time to take, in milliseconds, so that there is something to watch. */
  readonly paceMs?: number;
}

/** What a file holds. */
export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  readonly lines: number;
  readonly words: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** A folder to report on. */
export interface FolderToReport {
  /** Absolute path. */
  readonly folder: string;
}

/** What the files of a folder hold together. */
export interface Totals extends Omit<FileFacts, "sha256"> {
  readonly files: number;
  /** Files that could not be read. */
  readonly unread: number;
}

/** Type of the demo's jobs that read files. */
export const READ_FILE = "file.read";
/** Type of those that report on folders. */
export const REPORT = "folder.report";
/** Queue of the demo's jobs. */
export const DEMO_QUEUE = "demo";

/** Registry of the demo. */
export const demoJobs = defineJobs({
  [READ_FILE]: job<FileToRead, FileFacts>(),
  [REPORT]: job<FolderToReport, Totals>(),
});
/** Types of the demo's jobs. */
export type DemoJobs = typeof demoJobs;

/** What a server of the demo is told. */
export interface DemoServerOptions {
  readonly store: string | undefined;
  readonly concurrency: number | undefined;
  readonly leaseMs: number | undefined;
  /** Called after each attempt to read a file. */
  readonly onAttempt: (status: string) => void;
  /** Host and port of the dashboard; nobody has to log in there. @default {no dashboard} */
  readonly addr?: string;
}

/** Makes a server that reads the demo's files: three attempts, 250 ms and 500 ms apart. */
export function demoServer(options: DemoServerOptions): Server<DemoJobs> {
  const { store, concurrency, leaseMs, onAttempt, addr } = options;
  const server = new Server({
    store,
    jobs: demoJobs,
    logLevel: "silent",
    leaseMs,
    ...addr !== undefined && { dashboard: true, api: { addr, auth: "none" } },
  });
  server.pool({
    name: "demo",
    types: [READ_FILE, REPORT],
    queues: [DEMO_QUEUE],
    concurrency,
    maxRetry: 2,
    backoff: { type: "exponential", baseMs: 250 },
    timeoutMs: 60_000,
  });
  server.handle(READ_FILE, async ({ job, signal }) => {
    const { path, paceMs = 0 } = job.payload;
    const pace = sleep(systemClock, paceMs, signal);
    const facts = await factsOf(await readBytes(path, signal));
    await pace;
    signal.throwIfAborted();
    return facts;
  }, { onComplete: ({ status }) => onAttempt(status) });
  server.handle(REPORT, async ({ job }) => totalsOf(await job.parents()));
  return server;
}

/** Measures the bytes of a file. */
async function factsOf(bytes: Uint8Array<ArrayBuffer>): Promise<FileFacts> {
  const text = new TextDecoder().decode(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return {
    size: bytes.length,
    lines: text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    words: text.match(/\S+/g)?.length ?? 0,
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}

/** Adds up what the jobs found that a report waited for. */
export function totalsOf(parents: readonly ParentEnd<DemoJobs>[]): Totals {
  const totals = { files: 0, unread: 0, size: 0, lines: 0, words: 0 };
  for (const { result } of parents) {
    if (result === undefined) totals.unread++;
    else {
      totals.files += "files" in result ? result.files : 1;
      totals.unread += "unread" in result ? result.unread : 0;
      for (const name of ["size", "lines", "words"] as const satisfies (keyof FileFacts)[]) {
        totals[name] += result[name];
      }
    }
  }
  return totals;
}
