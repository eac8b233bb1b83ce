import { assert, assertEquals } from "@std/assert";
import { loadSqliteDriver } from "../../../../src/runtime/sqlite_driver.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { claim } from "../../../../src/store/sqlite/claim.ts";
import { act } from "../../../../src/store/sqlite/control.ts";
import { Database } from "../../../../src/store/sqlite/database.ts";
import * as desk from "../../../../src/store/sqlite/desk.ts";
import { TABLE_SIZES } from "../../../../src/store/sqlite/doctor_counts.ts";
import { examine, repair } from "../../../../src/store/sqlite/doctor.ts";
import { children } from "../../../../src/store/sqlite/edges.ts";
import { Engine } from "../../../../src/store/sqlite/engine.ts";
import { enqueue } from "../../../../src/store/sqlite/enqueue.ts";
import { relay } from "../../../../src/store/sqlite/graph.ts";
import { DROP_OLDEST, errorGroups } from "../../../../src/store/sqlite/errors.ts";
import { days, NEXT_SAMPLE, sample, series, totals } from "../../../../src/store/sqlite/insight.ts";
import { counts, getJob, list } from "../../../../src/store/sqlite/inspect.ts";
import { heartbeat, NEXT_REAP, reap } from "../../../../src/store/sqlite/lease.ts";
import { resolveOptions } from "../../../../src/store/sqlite/options.ts";
import { oldest } from "../../../../src/store/sqlite/oldest.ts";
import { page, parents } from "../../../../src/store/sqlite/pages.ts";
import { pause, readPaused } from "../../../../src/store/sqlite/pause.ts";
import { setLimit } from "../../../../src/store/sqlite/limits.ts";
import { Meters } from "../../../../src/store/sqlite/meters.ts";
import { expire, NEXT_EXPIRY, promote, promoteStep } from "../../../../src/store/sqlite/ready.ts";
import { NEXT_RELAY } from "../../../../src/store/sqlite/relay_queue.ts";
import { report } from "../../../../src/store/sqlite/report.ts";
import { prune, retainAfterSettle } from "../../../../src/store/sqlite/retain.ts";
import { SCHEMA } from "../../../../src/store/sqlite/schema.ts";
import {
  changeSchedule,
  scheduleHistory,
  schedules,
} from "../../../../src/store/sqlite/schedules.ts";
import { leave } from "../../../../src/store/sqlite/servers.ts";
import { settleOne } from "../../../../src/store/sqlite/settle.ts";
import { writeMark } from "../../../../src/store/sqlite/start_marks.ts";
import type { JobAction, NewJob, Verdict } from "../../../../src/store/store.ts";
import { claimRequest, newJob, tempFolder } from "./support/fixtures.ts";

/** Tables with a row per lane, or fewer: reading them whole is bounded. */
const SMALL =
  /^SCAN (counts|quotas|lanes|servers|start_marks|kept|used|wanted|meta|paused|pairs|error_groups|rollup|sqlite_master|CONSTANT ROW)\b/;
/** Minutes that were not added up: as many as there are pairs, or a few times that. */
const OPEN_MINUTES = /^SCAN minutes USING INDEX minutes_open$/;
/** Limits are read whole when people ask for them; claims are counted up to the limit; the first look is read. */
const LIMITS = /^SCAN (limits|\(subquery-1\)|looks USING COVERING INDEX looks_at)$/;
/** Beginning to read in the order of an index, or of the table where that is asked for. */
const FIRST = /^SCAN (relays\b|.* USING INDEX)/;
/** The doctor counts the rows of some tables. */
const COUNTS_ALL = /^SCAN (relays|limits|looks)\b/;
/** A store has at most 10 000 schedules; those that are due come in the order of their index. */
const SCHEDULES = /^SCAN schedules USING (COVERING )?INDEX/;
/** Sorting is bounded where rows stand for lanes and statuses, not for jobs. */
const SORTS_LANES = /^SELECT queue, status, sum\(n\)/;

Deno.test("every statement finds its jobs by an index, in the order of that index", async () => {
  const all = await plans();
  assert(all.size > 75, `only ${all.size} statements were seen`);
  const bad: string[] = [];
  for (const [sql, steps] of all) {
    for (const step of steps) {
      const first = FIRST.test(step) && sql.endsWith("LIMIT 1");
      const scans = step.startsWith("SCAN") && !SMALL.test(step) && !OPEN_MINUTES.test(step) &&
        !first && !SCHEDULES.test(step) && !LIMITS.test(step) &&
        !(COUNTS_ALL.test(step) && sql === TABLE_SIZES);
      const sorts = step.includes("TEMP B-TREE") && !SORTS_LANES.test(sql.trim());
      if (scans || sorts) bad.push(`${step} in ${sql}`);
    }
  }
  assertEquals(bad, []);
});

const usesIndex: Readonly<Record<string, RegExp>> = {
  jobs_ready: /FROM jobs WHERE status = 0 AND parked = 0 AND lane = \?/,
  jobs_due: /^\s*SELECT n, lane, status, at_front/s,
  jobs_expire: /expire_at <= \?/,
  jobs_lease: /^SELECT id, fence FROM jobs/,
  jobs_purge: /purge_at <= \?/,
  jobs_counted: /^\s*SELECT n, lane, status.*links & 8 = 8/s,
  jobs_list: /^SELECT n, moved (AS place )?FROM jobs|AND moved > \? AND moved <= \?/,
  jobs_parents: /links & 2 = 2/,
  sqlite_autoindex_jobs_1: /FROM jobs WHERE id = \?$/,
};

for (const [index, statement] of Object.entries(usesIndex)) {
  Deno.test(`the statements made for it use ${index}`, async () => {
    const meant = [...await plans()].filter(([sql]) => statement.test(sql));
    assert(meant.length > 0, "there is no such statement");
    for (const [sql, steps] of meant) {
      const searches = steps.filter((step) => step.startsWith("SEARCH jobs"));
      assert(
        searches.length > 0 && searches.every((step) => step.includes(index)),
        `${sql}: ${steps}`,
      );
    }
  });
}

const usesTree: Readonly<Record<string, RegExp>> = {
  "edges USING PRIMARY KEY (parent=? AND child>?)": /FROM edges CROSS JOIN jobs/,
  "edges USING INDEX edges_child (child=?)": /FROM edges .*WHERE child = \?/s,
  "relays USING INDEX relays_parent (parent=?)": /FROM relays WHERE parent/,
  "locks USING PRIMARY KEY (key=?)": /FROM locks CROSS JOIN jobs/,
  "memos USING INDEX sqlite_autoindex_memos_1 (key>? AND key<?)": /FROM memos WHERE key >=/,
  "memos USING COVERING INDEX memos_ends (ends_at<?)": /DELETE FROM memos WHERE rowid IN/,
  "hits USING COVERING INDEX hits_ends (ends_at<?)": /DELETE FROM hits WHERE key IN/,
  "trails USING PRIMARY KEY (name=? AND number<?)": /FROM trails .* DESC/s,
};

for (const [tree, statement] of Object.entries(usesTree)) {
  Deno.test(`the statements made for it search ${tree}`, async () => {
    const meant = [...await plans()].filter(([sql]) => statement.test(sql));
    assert(meant.length > 0, "there is no such statement");
    for (const [sql, steps] of meant) {
      assert(steps.some((step) => step.startsWith(`SEARCH ${tree}`)), `${sql}: ${steps}`);
    }
  });
}

let found: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

/** What SQLite said of each statement: asked by the first test, and the same for all. */
function plans(): Promise<ReadonlyMap<string, readonly string[]>> {
  return found ??= plansOfAllVerbs();
}

/** Runs every verb once on a small file and asks SQLite how it runs each statement. */
async function plansOfAllVerbs(): Promise<Map<string, string[]>> {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  const driver = await loadSqliteDriver();
  const connection = driver!.connect(path, 5);
  connection.exec(SCHEMA);
  const statements = new Set<string>();
  const db = new Database({
    prepare(sql) {
      statements.add(sql);
      return connection.prepare(sql);
    },
    exec: (sql) => connection.exec(sql),
    close: () => connection.close(),
  });
  await runAllVerbs(db);
  const plans = new Map<string, string[]>();
  for (const sql of statements) {
    if (/^(BEGIN|COMMIT|ROLLBACK|PRAGMA)/.test(sql)) continue;
    const values = Array.from(sql.matchAll(/\?/g), () => 1);
    const steps = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    plans.set(sql, (steps as { detail: string }[]).map(({ detail }) => detail));
  }
  db.close();
  return plans;
}

async function runAllVerbs(db: Database): Promise<void> {
  const clock = new FakeClock();
  const options = resolveOptions("jobs.db", { clock, retention: { maxCount: 1 } });
  const engine = new Engine(db, options);
  const { lanes, turns } = engine;
  const large = JSON.stringify("x".repeat(5000));
  const sources = [
    { queue: "default", types: Array.from({ length: 12 }, (_, i) => `t${i}`), share: 2 },
    { queue: null, types: ["t0", "work"], share: 2 },
  ];
  const wake = engine.subscribe(sources);
  engine.write((tx) => {
    const jobs = Array.from({ length: 36 }, (_, i) => {
      const queue = i % 2 === 0 ? "default" : "other";
      return newJob(`job-${i}`, { type: `t${i % 12}`, queue, payload: i % 3 === 0 ? large : "{}" });
    });
    enqueue(tx, [jobs, [newJob("b", { delayMs: 5 }), newJob("job-1")], [
      newJob("c", { delayMs: 5 }),
    ]]);
    enqueue(tx, [[newJob("d", { type: "t1", settings: { expireAt: tx.now + 1 } })]]);
  });
  await wake.next(AbortSignal.abort());
  clock.jump(10);
  const request = claimRequest({ sources, limit: 20 });
  const { jobs } = engine.write((tx) => {
    promote(tx, 10);
    expire(tx, 10);
    return claim(tx, request, turns);
  });
  const error = { message: "no", fingerprint: "f".repeat(16) };
  const verdicts: Verdict[] = [
    { kind: "release" },
    { kind: "retry", delayMs: 5, counted: true, error },
    { kind: "dead_letter", error },
    { kind: "cancel", error },
    { kind: "complete", result: null },
  ];
  const awaited = engine.awaitFinal("job-2", AbortSignal.timeout(1), () => Promise.resolve(null));
  engine.write((tx) => {
    for (const [i, { id, holder: { fence } }] of jobs.slice(0, 16).entries()) {
      report(tx, { id, fence, progress: { value: 1 }, logs: ["line"] });
      settleOne(tx, { id, fence, verdict: verdicts[i % 5]!, ranMs: 1 });
    }
    retainAfterSettle(tx, 16);
    const holds = jobs.slice(16).map(({ id, holder }) => ({ id, fence: holder.fence }));
    heartbeat(tx, { server: "server-1", leaseMs: 1, holds });
  });
  await awaited;
  clock.jump(10);
  engine.write((tx) => reap(tx, { limit: 10, maxDeliveries: 1 }));
  engine.write(sample);
  engine.write((tx) => tx.db.run(DROP_OLDEST));
  clock.jump(60_000);
  engine.write(sample);
  engine.read(() => {
    for (const status of ["ready", "processing", "completed"] as const) {
      list(db, lanes, { status, limit: 5 });
      list(db, lanes, { status, limit: 5, fromAt: 1, toAt: 9_999_999_999_999 });
      list(db, lanes, { status, limit: 5, queue: "default", type: "t1", cursor: "9" });
    }
    counts(db);
    oldest(db, lanes, clock.now());
    series(db, { fromAt: 0, toAt: clock.now(), queue: "default", limit: 1 }, clock.now());
    totals(db);
    errorGroups(db, { limit: 1, cursor: `${clock.now()}:${"f".repeat(16)}` });
    errorGroups(db, { limit: 1, fingerprint: "f".repeat(16) });
    days(db, 90, clock.now());
    for (const sql of [NEXT_EXPIRY, NEXT_REAP, NEXT_RELAY, NEXT_SAMPLE]) db.get(sql);
  });
  runAhead(engine, clock);
  runCounted(engine);
  runPages(engine);
  runGraphVerbs(engine);
  runScheduleVerbs(engine);
  runDeskVerbs(engine);
  runDoctor(engine);
  clock.jump(40 * 86_400_000);
  engine.write((tx) => prune(tx, 100));
  await wake.next(AbortSignal.abort());
  wake[Symbol.dispose]();
  // The connection stays open: the statements are still to be explained.
  db.close = () => {};
  engine.close();
}

/** Jobs that are claimed ahead, and reaped. */
function runAhead(engine: Engine, clock: FakeClock): void {
  const mark = { server: "server-1", pool: "pool-1" };
  engine.write((tx) => {
    enqueue(tx, [[newJob("ahead-1")], [newJob("ahead-2")]]);
    claim(tx, claimRequest({ limit: 2, ahead: 1 }), engine.turns);
    writeMark(tx.db, { ...mark, unstartedFrom: 1 });
    setLimit(tx, { key: "k" }, { concurrency: 1 });
    claim(tx, claimRequest({ limit: 2, ahead: 1 }), engine.turns);
    setLimit(tx, { key: "k" }, null);
  });
  clock.jump(60_000);
  engine.write((tx) => reap(tx, { limit: 10, maxDeliveries: 9 }));
  engine.write((tx) => {
    writeMark(tx.db, { ...mark, unstartedFrom: null });
    leave(tx, "server-1");
  });
}

/** Jobs with a number of their own, of which prune has some left to remove. */
function runCounted(engine: Engine): void {
  const counted = (id: string, maxCount: number): NewJob =>
    newJob(id, { type: "counted", settings: { retention: { maxCount } } });
  engine.write((tx) => {
    const jobs = Array.from({ length: 40 }, (_, i) => counted(`counted-${i}`, i === 39 ? 1 : 100));
    enqueue(tx, jobs.map((job) => [job]));
    for (const { id } of jobs) act(tx, id, { kind: "cancel", reason: "no" }, undefined);
    act(tx, "counted-39", { kind: "retry" }, undefined);
    prune(tx, 5);
  });
}

/** Pages in the middle of lists that are long enough to be counted. */
function runPages(engine: Engine): void {
  const { db, lanes } = engine;
  const chain = Array.from({ length: 1100 }, (_, i): NewJob => {
    const dependsOn = i === 0 ? [] : [{ id: `chain-${i - 1}`, onFailure: "cancel" as const }];
    return newJob(`chain-${i}`, { type: "chain", settings: { dependsOn } });
  });
  engine.write((tx) => enqueue(tx, [chain]));
  engine.read(() => {
    page(db, lanes, { status: "deferred", offset: 550, limit: 3 });
    parents(db, lanes, { offset: 550, limit: 3, order: "oldest" });
  });
}

/** A check that finds something of each kind. */
function runDoctor(engine: Engine): void {
  const { db } = engine;
  const request = { repair: true, limit: 1000 };
  db.exec(`
UPDATE jobs SET server = 's', purge_at = 1 WHERE status = 0;
UPDATE jobs SET lease_until = NULL WHERE status = 3;
UPDATE jobs SET finished_at = NULL WHERE status = 7;
UPDATE jobs SET run_at = NULL WHERE status IN (1, 4);
UPDATE jobs SET pending = 9, links = 0 WHERE n IN (SELECT child FROM edges);
UPDATE edges SET pending = 1;
INSERT INTO edges VALUES (1, 99999, 0, 0, 1, 'p');
INSERT INTO locks VALUES ('x', 99999, 'removed', NULL);
INSERT INTO payloads VALUES (99999, '1');
INSERT INTO logs VALUES (99999, 1, 1, '1');
UPDATE jobs SET last_line = 0;
UPDATE counts SET n = 9;
INSERT INTO counts VALUES (12, 1, 1);
UPDATE quotas SET n = 99;
UPDATE meta SET paused = 5;`);
  engine.read(() => examine(engine, request));
  engine.write((tx) => repair(tx, request));
  db.exec("UPDATE jobs SET settings = '{', attempts = '{', progress = '{', error = '{'");
  db.exec("UPDATE jobs SET payload = NULL WHERE n NOT IN (SELECT n FROM payloads)");
  db.exec("DELETE FROM lanes; UPDATE jobs SET status = 42 WHERE status = 0");
  engine.write((tx) => repair(tx, request));
}

/** Schedules: made, fired with each overlap, read and removed. */
function runScheduleVerbs(engine: Engine): void {
  const { db } = engine;
  const write = {
    definition: "{}",
    source: "code",
    scope: "default",
    paused: false,
    custom: false,
    slotAt: 1,
    dueAt: 1,
  } as const;
  let version: number | null = null;
  for (const [slotAt, overlap] of (["allow", "queueOne", "replace", "skip"] as const).entries()) {
    const fires = [{ slotAt, kind: "slot", overlap, job: newJob(`s.${slotAt}`) }] as const;
    const reply = engine.write((tx) => changeSchedule(tx, { id: "s", version, write, fires }));
    if (reply.outcome === "done") version = reply.record!.version;
    if (slotAt === 0) engine.write((tx) => claim(tx, claimRequest(), engine.turns));
  }
  schedules(db, { ids: ["s"] }, 1);
  schedules(db, { limit: 10, cursor: "a" }, 1);
  schedules(db, { due: 10, can: ["s"] }, 1);
  scheduleHistory(db, "s", { limit: 10 });
  engine.write((tx) => changeSchedule(tx, { id: "s", version, write: null }));
}

/** Memos, hits and trails. */
function runDeskVerbs(engine: Engine): void {
  const { db, now } = engine;
  engine.write((tx) => {
    desk.putMemos(tx, [{ key: "a", value: "x", ttlMs: 1 }, { key: "b", value: null }]);
    desk.addMemo(tx, { key: "b", value: "x", ttlMs: 1 });
    desk.countHit(tx, "a", { limit: 5, windowMs: 1 });
    desk.giveBackHits(tx, "a", undefined);
    desk.addToTrail(tx, "t", ["x"], { most: 1 });
  });
  desk.memos(db, ["a"], now);
  desk.memosUnder(db, "a", { limit: 5 }, now);
  desk.trail(db, "t", { limit: 5 });
}

/** Parents, keys, pauses and interventions. */
function runGraphVerbs(engine: Engine): void {
  const { db, lanes, turns } = engine;
  const large = JSON.stringify("x".repeat(5000));
  const dependsOn = [{ id: "p", onFailure: "cancel" }] as const;
  const unique = { key: "k", until: "finished" } as const;
  engine.write((tx) => {
    enqueue(tx, [
      [
        newJob("p", { settings: { unique } }),
        newJob("c1", { settings: { dependsOn } }),
        newJob("c2", { settings: { dependsOn, unique: { key: null, until: "removed" } } }),
        newJob("c3", { delayMs: 5, settings: { dependsOn: [{ id: "p", onFailure: "ignore" }] } }),
      ],
      [newJob("q", { payload: large, settings: { unique }, onConflict: "debounce" })],
      [newJob("c3", { payload: "1", delayMs: 5, onConflict: "debounce" })],
      [newJob("r", { payload: large, holder: { id: "p", fence: 1 } })],
    ]);
    pause(tx, { queue: null, type: "other" }, true);
    const { jobs } = claim(tx, claimRequest(), turns);
    pause(tx, { queue: null, type: "other" }, false);
    const [first] = jobs;
    heartbeat(tx, { server: "server-1", leaseMs: 1, holds: [{ id: "c1", fence: 1 }] });
    if (first !== undefined) act(tx, first.id, { kind: "cancel", reason: "no" }, undefined);
  });
  const rate = { count: 1, perMs: 1000, burst: 1 };
  engine.write((tx) => {
    setLimit(tx, { type: "work", perKey: true }, { concurrency: 1, rate });
    setLimit(tx, { key: "k" }, { concurrency: 1 });
    setLimit(tx, { type: "work" }, { concurrency: 100, rate: { ...rate, count: 90, burst: 90 } });
    const keyed = (id: string, limitKey: string) => [newJob(id, { settings: { limitKey } })];
    enqueue(tx, [keyed("k1", "k"), keyed("k2", "k"), keyed("l1", "l"), keyed("l2", "l")]);
    claim(tx, claimRequest({ limit: 100 }), turns);
  });
  engine.write((tx) => setLimit(tx, { type: "work", perKey: true }, null));
  engine.write((tx) => setLimit(tx, { type: "work" }, null));
  engine.write((tx) => promoteStep(tx, 10));
  new Meters(engine).rows();
  readPaused(db);
  getJob(db, lanes, "c1");
  children(db, "p", { limit: 5 });
  const actions: JobAction[] = [
    { kind: "cancel", reason: "no" },
    { kind: "retry", revive: true },
    { kind: "prioritize", priority: 3 },
    { kind: "edit", payload: large },
    { kind: "edit", payload: "1" },
    { kind: "promote" },
    { kind: "cancel", reason: "no" },
    { kind: "remove" },
  ];
  for (const action of actions) {
    engine.write((tx) => {
      // What is left is for the relay.
      tx.relays.budget = 1;
      act(tx, "p", action, undefined);
    });
    getJob(db, lanes, "c1");
    engine.write((tx) => {
      for (const id of ["c1", "c2", "c3"]) act(tx, id, { kind: "retry" }, undefined);
    });
    engine.write((tx) => relay(tx, 1));
    engine.write((tx) => relay(tx, 100));
  }
}
