/**
 * The floor under the SQLite store: a table with one index, and what any queue on it must at least
 * do for a job. No due times, retries, leases, fences, counters or history.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What is done to each job. */
export type PlainStep = "insert" | "run" | "life";

/** How it is done. */
export interface PlainOptions {
  readonly synchronous: "normal" | "full";
  /**
   * What is timed: `insert`; `run`, which marks a job as running and then as done; or `life`, which
   * inserts, marks as running, and deletes.
   */
  readonly step: PlainStep;
  /** Jobs of one transaction. */
  readonly perTransaction: number;
  /** The payload of each job, as text. */
  readonly payload: string;
}

/** Does it to so many jobs in a file of its own, and gives milliseconds. */
export async function plainSqlite(jobs: number, options: PlainOptions): Promise<number> {
  const { synchronous, step, perTransaction, payload } = options;
  const dir = await mkdtemp(join(tmpdir(), "gqm-bench-"));
  const db = new DatabaseSync(join(dir, "plain.db"));
  try {
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
    db.exec(
      "CREATE TABLE jobs (n INTEGER PRIMARY KEY, id TEXT UNIQUE, status INTEGER, payload TEXT)",
    );
    db.exec("CREATE INDEX ready ON jobs (n) WHERE status = 0");
    const insert = db.prepare("INSERT INTO jobs (id, status, payload) VALUES (?, 0, ?)");
    const claim = db.prepare(
      "UPDATE jobs SET status = 1 WHERE n = (SELECT n FROM jobs WHERE status = 0 ORDER BY n LIMIT 1) RETURNING n, payload",
    );
    const settle = db.prepare("UPDATE jobs SET status = 2 WHERE n = ?");
    const remove = db.prepare("DELETE FROM jobs WHERE n = ?");
    const ids = Array.from({ length: jobs }, () => crypto.randomUUID());
    const each = (batch: number, work: (job: number) => void): void => {
      for (let first = 0; first < jobs; first += batch) {
        db.exec("BEGIN IMMEDIATE");
        for (let job = first; job < Math.min(jobs, first + batch); job++) work(job);
        db.exec("COMMIT");
      }
    };
    const add = (job: number): void => void insert.run(ids[job]!, payload);
    const end = (statement: typeof settle): void => {
      const { n } = claim.get() as { readonly n: number };
      statement.run(n);
    };
    if (step === "run") each(1000, add);
    const startedAt = performance.now();
    if (step !== "run") each(perTransaction, add);
    if (step !== "insert") each(perTransaction, () => end(step === "life" ? remove : settle));
    return performance.now() - startedAt;
  } finally {
    db.close();
    await rm(dir, { recursive: true, force: true });
  }
}
