/** Files of other layouts: older ones are carried forward, later ones refused where they must be. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { StoreVersionError } from "../../../../src/store/errors.ts";
import { LAYOUT } from "../../../../src/store/sqlite/layout.ts";
import { sqliteStore } from "../../../../src/store/sqlite/store.ts";
import { examine as check, fillWard, runToEnd } from "../../../support/doctor.ts";
import { examine, linesOf, newJob, openStore, spawn, tempFolder } from "./support/fixtures.ts";
import { ADDED, carry, makeLayout6, nextLayout, RAISED, shapeOf } from "./support/layouts.ts";

/** Runs SQL on a file, past the store. */
function exec(path: string, sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
}

/** Resolves when somebody is in the middle of a transaction that has written so much. */
async function untilWritten(path: string, bytes: number): Promise<void> {
  while ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) < bytes) await delay(5);
}

Deno.test("sqliteStore().open() carries a file of layout 6 forward with all that is in it", async () => {
  await using folder = await tempFolder();
  const old = folder.file("old.db");
  makeLayout6(old);
  const clock = new FakeClock();
  await using store = await openStore(old, { clock });
  assertEquals((await store.info()).layoutVersion, LAYOUT.version);
  assertEquals(await check(store, false), []);
  assertEquals(await store.memos(["note"]), ["kept"]);
  assertEquals(await store.paused(), [{ queue: "paused", type: null }]);
  assertEquals((await store.limits()).map(({ limits }) => limits), [{ concurrency: 50 }]);
  assertEquals((await store.schedules({ limit: 10 })).records.length, 2);

  const freshClock = new FakeClock();
  await using fresh = await openStore(folder.file("new.db"), { clock: freshClock });
  await fillWard(fresh, freshClock.now());
  assertEquals(await runToEnd(store, clock), await runToEnd(fresh, freshClock));
  assertEquals(await check(store, false), []);
  assertEquals(shapeOf(old), shapeOf(folder.file("new.db")));
});

Deno.test("sqliteStore().open() lets processes that open an older file at once all succeed", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  makeLayout6(path);
  const startAt = String(Date.now() + 700);
  const ids = ["a", "b", "c", "d"];
  const children = ids.map((id) => spawn("./open_process.ts", path, id, startAt));
  assertEquals(await Promise.all(children.map((child) => linesOf(child))), ids.map(() => ["open"]));
  await using store = await openStore(path, { clock: new FakeClock() });
  assertEquals((await store.getJobs([...ids, "held"])).map((job) => job?.id), [...ids, "held"]);
  assertEquals((await store.info()).layoutVersion, LAYOUT.version);
});

Deno.test("sqliteStore().open() waits while another process carries the file forward", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  makeLayout6(path);
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE; ALTER TABLE meta ADD COLUMN least INTEGER NOT NULL DEFAULT 7");
  let tries = 0;
  const tried = Promise.withResolvers<void>();
  // Asked for the length of each pause between two tries.
  const rng = (): number => {
    if (++tries === 3) tried.resolve();
    return 0.5;
  };
  const opened = openStore(path, { rng });
  await Promise.race([tried.promise, opened]);
  assertEquals(tries, 3);
  other.exec("PRAGMA user_version = 7; COMMIT");
  await using store = await opened;
  assertEquals((await store.info()).layoutVersion, LAYOUT.version);
});

Deno.test("sqliteStore() has the old layout whole when a process is killed on the way to the next", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  makeLayout6(path);
  await (await openStore(path)).close();
  const shape = shapeOf(path);
  const child = spawn("./carry_process.ts", path);
  const lines = linesOf(child);
  await untilWritten(path, 8 * 1024 * 1024);
  child.kill("SIGKILL");
  await lines;
  assertEquals(shapeOf(path), shape);
  const { kept, real, problem } = examine(path);
  assertEquals(problem, "ok");
  assertEquals(kept, real);
  const clock = new FakeClock();
  await using store = await openStore(path, { clock });
  assertEquals(await check(store, false), []);
  assertEquals((await runToEnd(store, clock)).held, "completed");
});

Deno.test("sqliteStore().open() changes nothing when a step fails", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await (await openStore(path)).close();
  const before = shapeOf(path);
  await assertRejects(
    () => carry(path, nextLayout("DROP TABLE logs; ALTER TABLE missing ADD COLUMN x")),
    Error,
    "no such table: missing",
  );
  assertEquals(shapeOf(path), before);
  await (await openStore(path)).close();
});

Deno.test("sqliteStore() refuses every call on a file whose layout was raised while it was open", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  await store.enqueue([[newJob("before")]]);
  await carry(path, RAISED);
  const rule = `the version of its layout must be at most ${LAYOUT.version}: current value is ` +
    `${RAISED.version}, of 'sqlite:${path}'; start this process anew`;
  for (
    const call of [
      () => store.enqueue([[newJob("after")]]),
      () => store.getJobs(["before"]),
      () => store.heartbeat({ server: "s", leaseMs: 1000, holds: [] }),
      () => store.info(),
    ]
  ) {
    const error = await assertRejects(call, StoreVersionError);
    assertStringIncludes(error.message, rule);
    assertEquals([error.found, error.own], [RAISED.version, LAYOUT.version]);
  }
  using db = new DatabaseSync(path);
  assertEquals(db.prepare("SELECT id FROM jobs").all().map(({ id }) => id), ["before"]);
});

Deno.test("sqliteStore() tells of the layout when its tables are others", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  await carry(
    path,
    nextLayout(
      "ALTER TABLE meta RENAME COLUMN last_order TO last_place; UPDATE meta SET least = 8",
    ),
  );
  await assertRejects(() => store.enqueue([[newJob("a")]]), StoreVersionError);
});

Deno.test("sqliteStore() goes on with a file whose next layout it may overlook", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  await carry(path, ADDED);
  await store.enqueue([[newJob("a")]]);
  assertEquals((await store.info()).layoutVersion, ADDED.version);
  await using second = await openStore(path);
  assertEquals((await second.getJobs(["a"])).map((job) => job?.id), ["a"]);
  assertEquals((await second.info()).layoutVersion, ADDED.version);
});

const refused: readonly { readonly name: string; readonly sql: string; readonly says: RegExp }[] = [
  {
    name: "that a newer version has written",
    sql: "PRAGMA user_version = 99; UPDATE meta SET least = 99",
    says: /layout must be at most 7: current value is 99, .*nothing was changed; update this/,
  },
  {
    name: "that a newer version has written with other tables",
    sql: "PRAGMA user_version = 99; ALTER TABLE meta RENAME TO facts",
    says: /layout must be at most 7: current value is 99/,
  },
  {
    name: "of a layout that is not carried forward",
    sql: "PRAGMA user_version = 5",
    says: /layout must be at least 6: current value is 5, .*nothing was changed; name another/,
  },
];

for (const { name, sql, says } of refused) {
  Deno.test(`sqliteStore().open() refuses a file ${name}, and changes nothing`, async () => {
    await using folder = await tempFolder();
    const path = folder.file("jobs.db");
    await (await openStore(path)).close();
    exec(path, sql);
    const before = await Deno.readFile(path);
    await using store = sqliteStore(path);
    const error = await assertRejects(() => store.open(), StoreVersionError);
    assert(says.test(error.message), error.message);
    assertStringIncludes(error.message, `'sqlite:${path}'`);
    assertEquals(await Deno.readFile(path), before);
  });
}
