/** What the tests of the SQLite store share: a folder of their own, jobs, processes. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { ClaimedJob } from "../../../../../src/job/job.ts";
import { sqliteStore } from "../../../../../src/store/sqlite/store.ts";
import type { SqliteStoreOptions } from "../../../../../src/store/sqlite/options.ts";
import type { ClaimRequest, NewJob, Outcome, Store } from "../../../../../src/store/store.ts";

/** A folder that is removed at the end of the test. */
export interface Folder extends AsyncDisposable {
  /** Path of a file in it. */
  file(name: string): string;
}

export async function tempFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "gqm-sqlite-"));
  return {
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export async function openStore(path: string, options?: SqliteStoreOptions): Promise<Store> {
  const store = sqliteStore(path, options);
  await store.open();
  return store;
}

export function newJob(id: string, fields: Partial<NewJob> = {}): NewJob {
  return {
    id,
    type: "work",
    queue: "default",
    priority: 0,
    payload: "{}",
    settings: {},
    ...fields,
  };
}

export function claimRequest(fields: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    server: "server-1",
    pool: "pool-1",
    sources: [{ queue: null, types: ["work"], share: 1000 }],
    limit: 10,
    leaseMs: 15_000,
    ...fields,
  };
}

export function completed(job: ClaimedJob): Outcome {
  return {
    id: job.id,
    fence: job.holder.fence,
    verdict: { kind: "complete", result: "1" },
    ranMs: 1,
  };
}

/** One script of this folder as a process of its own, without a pipe but its output. */
export function spawn(script: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fileURLToPath(new URL(script, import.meta.url)), ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/**
 * All lines that a process writes until its end. A last line that was cut off does not count.
 *
 * @param onText Called when it has written something, with all that it has written.
 */
export async function linesOf(
  child: Deno.ChildProcess,
  onText: (text: string) => void = () => {},
): Promise<string[]> {
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    onText(text += piece);
  }
  await child.status;
  return text.split("\n").slice(0, -1);
}

/** Counts as the table has them and as the jobs are; `problem` is what SQLite says of the file. */
export function examine(path: string): { kept: unknown; real: unknown; problem: string } {
  using db = new DatabaseSync(path);
  const kept = db.prepare(
    "SELECT status, lane, n FROM counts WHERE n <> 0 ORDER BY status, lane",
  ).all();
  const real = db.prepare(
    "SELECT status, lane, count(*) AS n FROM jobs GROUP BY status, lane ORDER BY status, lane",
  ).all();
  const check = db.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
  const problem = check.map((row) => row.integrity_check).join("; ");
  return { kept, real, problem };
}
