/** A fleet that stood still for weeks: prune catches up step by step, while others go on. */

import { assert, assertEquals } from "@std/assert";
import { loadSqliteDriver } from "../../../src/runtime/sqlite_driver.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { redisStore } from "../../../src/store/redis/store.ts";
import { claim } from "../../../src/store/sqlite/claim.ts";
import { Database } from "../../../src/store/sqlite/database.ts";
import { Engine } from "../../../src/store/sqlite/engine.ts";
import { enqueue } from "../../../src/store/sqlite/enqueue.ts";
import { counts } from "../../../src/store/sqlite/inspect.ts";
import { resolveOptions } from "../../../src/store/sqlite/options.ts";
import { prune, retainAfterSettle } from "../../../src/store/sqlite/retain.ts";
import { SCHEMA } from "../../../src/store/sqlite/schema.ts";
import { settleOne } from "../../../src/store/sqlite/settle.ts";
import type { NewJob, Store, Verdict } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { RespClient } from "../../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../../support/redis/server.ts";

const DAY_MS = 86_400_000;
/** Jobs that one call of prune removes at most. */
const LIMIT = 500;
/** Rows or commands for each of them, and besides. */
const PER_JOB = 12;
const BESIDES = 500;
const BATCH = 1000;

/** What of a store is needed. */
type Verbs = Pick<Store, "enqueue" | "claim" | "settle" | "prune" | "counts">;

interface Subject {
  readonly store: Verbs;
  readonly clock: FakeClock;
  /** Rows or commands so far. */
  readonly cost?: () => number | Promise<number>;
}

/** Kinds of final jobs, and how many of each: 50 000. */
const kinds: readonly { type: string; count: number; verdict: Verdict; maxCount?: number }[] = [
  { type: "plain", count: 30_000, verdict: { kind: "complete", result: null } },
  { type: "counted", count: 10_000, verdict: { kind: "complete", result: null }, maxCount: 1e6 },
  { type: "dead", count: 10_000, verdict: { kind: "dead_letter", error: { message: "no" } } },
];

async function run(
  store: Verbs,
  jobs: readonly NewJob[],
  verdict: Verdict,
): Promise<void> {
  await store.enqueue(jobs.map((job) => [job]));
  const sources = [{ queue: null, types: [jobs[0]!.type], share: jobs.length }];
  const request = { server: "s", pool: "p", sources, limit: jobs.length, leaseMs: 15_000 };
  const { jobs: held } = await store.claim(request);
  const outcomes = held.map(({ id, holder: { fence } }) => ({ id, fence, verdict, ranMs: 1 }));
  const { results } = await store.settle({ outcomes });
  assertEquals(results.filter((result) => result === "ok").length, jobs.length);
}

function jobOf(type: string, i: number, maxCount?: number): NewJob {
  const settings = maxCount === undefined ? {} : { retention: { maxCount, completedMs: -1 } };
  return { id: `${type}${i}`, type, queue: "q", priority: 0, payload: "1", settings };
}

async function catchUp({ store, clock, cost = () => 0 }: Subject): Promise<void> {
  for (const { type, count, verdict, maxCount } of kinds) {
    for (let at = 0; at < count; at += BATCH) {
      const jobs = Array.from({ length: BATCH }, (_, i) => jobOf(type, at + i, maxCount));
      await run(store, jobs, verdict);
    }
  }
  clock.jump(60 * DAY_MS);
  await run(store, [jobOf("counted", 10_000, 10)], kinds[0]!.verdict);
  let fresh = 0;
  for (let step = 0;; step++) {
    assert(step < 200, "prune() must come to an end");
    const before = await cost();
    const { moved, nextInMs } = await store.prune(LIMIT);
    const used = await cost() - before;
    assert(moved <= LIMIT, `${moved} jobs removed`);
    assert(used <= PER_JOB * LIMIT + BESIDES, `${used} rows or commands in one call`);
    if (nextInMs !== 0) break;
    await run(store, [jobOf("fresh", fresh++)], kinds[0]!.verdict);
  }
  assert(fresh > 40, "others went on meanwhile");
  assertEquals(
    (await store.counts()).map(({ type, count }) => [type, count]).toSorted(),
    [["counted", 10], ["fresh", fresh]],
  );
}

Deno.test("prune() on memory catches up with 50 000 jobs in bounded steps", async () => {
  const clock = new FakeClock();
  await using store = memoryStore({ clock });
  await catchUp({ store, clock });
});

Deno.test("prune() on sqlite catches up with 50 000 jobs in bounded steps", async () => {
  const clock = new FakeClock();
  const driver = await loadSqliteDriver();
  const db = new CountingDatabase(driver!.connect(":memory:", 5));
  db.exec(SCHEMA);
  const engine = new Engine(db, resolveOptions("jobs.db", { clock }));
  const store: Verbs = {
    enqueue: (groups) => engine.write((tx) => Promise.resolve(enqueue(tx, groups))),
    claim: (request) => engine.write((tx) => Promise.resolve(claim(tx, request, engine.turns))),
    settle: ({ outcomes }) =>
      engine.write((tx) => {
        const results = outcomes.map((one) => settleOne(tx, one));
        retainAfterSettle(tx, outcomes.length);
        return Promise.resolve({ results });
      }),
    prune: (limit) => engine.write((tx) => Promise.resolve(prune(tx, limit))),
    counts: () => Promise.resolve(counts(db)),
  };
  await catchUp({ store, clock, cost: () => db.rows });
  engine.close();
});

/** Counts the rows that it gives or changes, and the statements. */
class CountingDatabase extends Database {
  rows = 0;

  override run(...args: Parameters<Database["run"]>): number {
    const changes = super.run(...args);
    this.rows += 1 + changes;
    return changes;
  }

  override get<Row>(...args: Parameters<Database["get"]>): Row | undefined {
    this.rows++;
    return super.get<Row>(...args);
  }

  override all<Row>(...args: Parameters<Database["all"]>): Row[] {
    const rows = super.all<Row>(...args);
    this.rows += 1 + rows.length;
    return rows;
  }
}

Deno.test({
  name: "prune() on redis catches up with 50 000 jobs in bounded steps",
  ignore: serverProblem() !== undefined,
  async fn() {
    const clock = new FakeClock();
    // Of its own, since it counts all commands.
    await using server = await RedisServer.start();
    await using client = await RespClient.connect(server.url);
    await using store = redisStore(server.url, { clock });
    await store.open();
    const cost = async (): Promise<number> => {
      const info = String(await client.call("INFO", "commandstats"));
      return Array.from(info.matchAll(/:calls=(\d+)/g), ([, calls]) => Number(calls))
        .reduce((sum, calls) => sum + calls, 0);
    };
    await catchUp({ store, clock, cost });
  },
});
