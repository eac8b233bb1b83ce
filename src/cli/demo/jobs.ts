/**
 * The jobs of the demo: one per file, to read and measure it.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import { defineJobs, job } from "../../job/registry.ts";
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

/** Type of the demo's jobs. */
export const READ_FILE = "file.read";
/** Queue of the demo's jobs. */
export const DEMO_QUEUE = "demo";

/** Registry of the demo. */
export const demoJobs = defineJobs({ [READ_FILE]: job<FileToRead, FileFacts>() });

/** What a demo worker is told. */
export interface DemoServerOptions {
  readonly store: string | undefined;
  readonly concurrency: number | undefined;
  readonly leaseMs: number | undefined;
  /** Called after each attempt. */
  readonly onAttempt: (status: string) => void;
}

/** Makes a server that reads the demo's files: three attempts, 250 ms and 500 ms apart. */
export function demoServer(options: DemoServerOptions): Server<typeof demoJobs> {
  const { store, concurrency, leaseMs, onAttempt } = options;
  const server = new Server({ store, jobs: demoJobs, logLevel: "silent", leaseMs });
  server.pool({
    name: "demo",
    types: [READ_FILE],
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
  return server;
}

/** Measures the bytes of a file. */
export async function factsOf(bytes: Uint8Array<ArrayBuffer>): Promise<FileFacts> {
  const text = new TextDecoder().decode(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return {
    size: bytes.length,
    lines: text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    words: text.match(/\S+/g)?.length ?? 0,
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}
