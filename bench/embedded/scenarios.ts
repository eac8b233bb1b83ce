/**
 * What is measured on the embedded stores. Each scenario makes a store of its
 * own and gives the milliseconds that its jobs took.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client, memoryStore, Server, sqliteStore, type Store } from "../../mod.ts";

/** One figure of the table. */
export interface Scenario {
  readonly name: string;
  /** Own number of jobs. */
  readonly jobs?: number;
  /** Runs it and gives milliseconds. */
  run(jobs: number): Promise<number>;
}

const payload = { to: "someone@example.com", subject: "Hello", body: "x".repeat(50) };
const TYPE = "bench.nothing";
const BATCH = 1000;

type Place = (dir: string) => Store;

const memory: Place = () => memoryStore();
const full: Place = (dir) => sqliteStore(join(dir, "full.db"), { synchronous: "full" });
const normal: Place = (dir) => sqliteStore(join(dir, "normal.db"), { synchronous: "normal" });

/** All scenarios, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...embedded("memory", memory),
  drain("memory: drain of 1 000, concurrency 100", memory, 100, 1000),
  drain("memory: drain of 100 000, concurrency 100", memory, 100, 100_000),
  ...embedded("sqlite normal", normal),
  ...embedded("sqlite full", full),
  { name: "plain loop on SQLite, transactions of 100", run: plainLoop },
];

function embedded(name: string, place: Place): Scenario[] {
  return [
    {
      name: `${name}: enqueue one by one`,
      run: (jobs) => timed(place, (client) => enqueueOneByOne(client, jobs)),
    },
    {
      name: `${name}: enqueue, 64 in flight`,
      run: (jobs) => timed(place, (client) => enqueueInFlight(client, jobs, 64)),
    },
    {
      name: `${name}: enqueue, batches of 1000`,
      run: (jobs) => timed(place, (client) => enqueueBatches(client, jobs)),
    },
    ...[1, 10, 100].map((concurrency) =>
      drain(`${name}: drain, concurrency ${concurrency}`, place, concurrency)
    ),
  ];
}

function drain(name: string, place: Place, concurrency: number, jobs?: number): Scenario {
  return {
    name,
    jobs,
    run: (count) =>
      withStore(place, async (store) => {
        await using client = new Client({ store });
        await enqueueBatches(client, count);
        await using server = new Server({ store, logLevel: "silent" });
        server.handle(TYPE, () => {}, { concurrency });
        const startedAt = performance.now();
        await server.start();
        await server.drain();
        const tookMs = performance.now() - startedAt;
        const done = (await store.counts()).reduce(
          (sum, row) => row.status === "completed" ? sum + row.count : sum,
          0,
        );
        if (done !== count) throw new Error(`${done} of ${count} jobs were completed`);
        return tookMs;
      }),
  };
}

function timed(place: Place, work: (client: Client) => Promise<void>): Promise<number> {
  return withStore(place, async (store) => {
    await using client = new Client({ store });
    const startedAt = performance.now();
    await work(client);
    return performance.now() - startedAt;
  });
}

async function withStore(place: Place, use: (store: Store) => Promise<number>): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "gqm-bench-"));
  try {
    await using store = place(dir);
    await store.open();
    return await use(store);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function enqueueOneByOne(client: Client, jobs: number): Promise<void> {
  for (let i = 0; i < jobs; i++) await client.enqueue(TYPE, payload);
}

async function enqueueInFlight(client: Client, jobs: number, inFlight: number): Promise<void> {
  let left = jobs;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (left-- > 0) await client.enqueue(TYPE, payload);
  }));
}

async function enqueueBatches(client: Client, jobs: number): Promise<void> {
  for (let done = 0; done < jobs; done += BATCH) {
    const size = Math.min(BATCH, jobs - done);
    await client.enqueueMany(Array.from({ length: size }, () => ({ type: TYPE, payload })));
  }
}

/** Insert, mark as running, mark as done: what any queue on SQLite must at least do. */
async function plainLoop(jobs: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "gqm-bench-"));
  const db = new DatabaseSync(join(dir, "plain.db"));
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    db.exec(
      "CREATE TABLE jobs (n INTEGER PRIMARY KEY, id TEXT UNIQUE, status INTEGER, payload TEXT)",
    );
    db.exec("CREATE INDEX ready ON jobs (n) WHERE status = 0");
    const insert = db.prepare("INSERT INTO jobs (id, status, payload) VALUES (?, 0, ?)");
    const claim = db.prepare(
      "UPDATE jobs SET status = 1 WHERE n = (SELECT n FROM jobs WHERE status = 0 ORDER BY n LIMIT 1) RETURNING n, payload",
    );
    const settle = db.prepare("UPDATE jobs SET status = 2 WHERE n = ?");
    const text = JSON.stringify(payload);
    const startedAt = performance.now();
    for (let i = 0; i < jobs; i++) {
      if (i % 100 === 0) db.exec("BEGIN IMMEDIATE");
      insert.run(crypto.randomUUID(), text);
      if (i % 100 === 99 || i === jobs - 1) db.exec("COMMIT");
    }
    for (let i = 0; i < jobs; i++) {
      if (i % 100 === 0) db.exec("BEGIN IMMEDIATE");
      const row = claim.get() as { n: number };
      settle.run(row.n);
      if (i % 100 === 99 || i === jobs - 1) db.exec("COMMIT");
    }
    return performance.now() - startedAt;
  } finally {
    db.close();
    await rm(dir, { recursive: true, force: true });
  }
}
