/**
 * What is measured on the embedded stores. Each scenario makes a store of its
 * own and gives the milliseconds that its jobs took.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, memoryStore, Server, sqliteStore, type Store } from "../../mod.ts";
import { type PlainOptions, plainSqlite } from "./plain_sqlite.ts";

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
const sqlite = (synchronous: "full" | "normal"): Place => (dir) =>
  sqliteStore(join(dir, "jobs.db"), { synchronous });
/** Completed jobs are not kept. */
const fleeting = (synchronous: "full" | "normal"): Place => (dir) =>
  sqliteStore(join(dir, "jobs.db"), { synchronous, retention: { completedMs: 0 } });

/** All scenarios, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...embedded("memory", memory),
  drain("memory: drain of 1 000, concurrency 100", memory, 100, 1000),
  drain("memory: drain of 100 000, concurrency 100", memory, 100, 100_000),
  ...(["normal", "full"] as const).flatMap((synchronous) => [
    ...embedded(`sqlite ${synchronous}`, sqlite(synchronous)),
    life(`sqlite ${synchronous}: enqueue, drain, remove`, fleeting(synchronous)),
    plain(synchronous, "insert", 1),
    plain(synchronous, "insert", 64),
    plain(synchronous, "insert", 1000),
    plain(synchronous, "run", 1),
    plain(synchronous, "run", 10),
    plain(synchronous, "run", 100),
    plain(synchronous, "life", 100),
  ]),
];

/** Which scenario is measured by which: ours by plain SQL with the same number of jobs a transaction. */
export const ratios: readonly { readonly ours: string; readonly floor: string }[] = [
  {
    ours: "memory: drain of 100 000, concurrency 100",
    floor: "memory: drain of 1 000, concurrency 100",
  },
  ...(["normal", "full"] as const).flatMap((synchronous) => {
    const pair = (ours: string, step: PlainOptions["step"], perTransaction: number) => ({
      ours: `sqlite ${synchronous}: ${ours}`,
      floor: plain(synchronous, step, perTransaction).name,
    });
    return [
      pair("enqueue one by one", "insert", 1),
      pair("enqueue, 64 in flight", "insert", 64),
      pair("enqueue, batches of 1000", "insert", 1000),
      pair("drain, concurrency 1", "run", 1),
      pair("drain, concurrency 10", "run", 10),
      pair("drain, concurrency 100", "run", 100),
      pair("enqueue, drain, remove", "life", 100),
    ];
  }),
];

function plain(
  synchronous: PlainOptions["synchronous"],
  step: PlainOptions["step"],
  perTransaction: number,
): Scenario {
  const done = { insert: "insert", run: "two updates", life: "insert, update, delete" }[step];
  const text = JSON.stringify(payload);
  return {
    name: `plain SQL ${synchronous}: ${done}, ${perTransaction} a transaction`,
    run: (jobs) => plainSqlite(jobs, { synchronous, step, perTransaction, payload: text }),
  };
}

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
        const tookMs = await runAll(store, concurrency, count);
        const done = (await store.counts()).reduce(
          (sum, row) => row.status === "completed" ? sum + row.count : sum,
          0,
        );
        if (done !== count) throw new Error(`${done} of ${count} jobs were completed`);
        return tookMs;
      }),
  };
}

function life(name: string, place: Place): Scenario {
  return {
    name,
    run: (count) =>
      withStore(place, async (store) => {
        await using client = new Client({ store });
        const startedAt = performance.now();
        await enqueueBatches(client, count);
        const tookMs = performance.now() - startedAt + await runAll(store, 100, count);
        const left = (await store.counts()).reduce((sum, row) => sum + row.count, 0);
        if (left !== 0) throw new Error(`${left} of ${count} jobs are left`);
        return tookMs;
      }),
  };
}

/** Runs what is waiting, and gives milliseconds. */
async function runAll(store: Store, concurrency: number, jobs: number): Promise<number> {
  let starts = 0;
  await using server = new Server({ store, logLevel: "silent" });
  server.handle(TYPE, () => {
    starts++;
  }, { concurrency });
  const startedAt = performance.now();
  await server.start();
  await server.drain();
  const tookMs = performance.now() - startedAt;
  if (starts !== jobs) throw new Error(`${starts} of ${jobs} jobs were started`);
  return tookMs;
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
