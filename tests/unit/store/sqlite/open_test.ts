import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { InvalidOptionError } from "../../../../src/errors.ts";
import { StoreBusyError, StoreClosedError, StoreOpenError } from "../../../../src/store/errors.ts";
import { sqliteStore } from "../../../../src/store/sqlite/store.ts";
import { linesOf, newJob, openStore, spawn, tempFolder } from "./support/fixtures.ts";

/** Makes a file with SQL, not ours. */
function makeFile(path: string, sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
}

async function namesIn(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(path)) names.push(name);
  return names;
}

const refused: {
  readonly name: string;
  readonly make: (path: string) => void;
  readonly rule: string;
}[] = [
  {
    name: "text",
    make: (path) => Deno.writeTextFileSync(path, "These are notes, not a database.\n".repeat(99)),
    rule: "its file must be a SQLite database",
  },
  {
    name: "a file of one byte",
    make: (path) => Deno.writeTextFileSync(path, "x"),
    rule: "its file must be a SQLite database",
  },
  {
    name: "the beginning of a database",
    make: (path) => Deno.writeTextFileSync(path, "SQLite format 3\0"),
    rule: "its file must not belong to another program",
  },
  {
    name: "a database with tables",
    make: (path) => makeFile(path, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('keep')"),
    rule: "its file must not belong to another program",
  },
  {
    name: "a database with tables and a write-ahead log",
    make: (path) => makeFile(path, "PRAGMA journal_mode = WAL; CREATE TABLE notes (text)"),
    rule: "its file must not belong to another program",
  },
  {
    name: "a database of another application without tables",
    make: (path) => makeFile(path, "PRAGMA application_id = 12345"),
    rule: "its file must not belong to another program",
  },
];

for (const { name, make, rule } of refused) {
  Deno.test(`sqliteStore().open() refuses ${name} and changes nothing`, async () => {
    await using folder = await tempFolder();
    const path = folder.file("foreign.db");
    make(path);
    const before = await Deno.readFile(path);
    const names = await namesIn(folder.file("."));
    await using store = sqliteStore(path);
    const error = await assertRejects(() => store.open(), StoreOpenError);
    assertStringIncludes(error.message, `Cannot open store as ${rule}: current value is '${path}'`);
    assertEquals(await Deno.readFile(path), before);
    assertEquals(await namesIn(folder.file(".")), names);
  });
}

Deno.test("sqliteStore().open() refuses a directory, and a folder that does not exist", async () => {
  await using folder = await tempFolder();
  for (
    const [path, rule] of [
      [folder.file("."), "its path must not be a directory"],
      [folder.file("missing/jobs.db"), "its folder must exist"],
    ] as const
  ) {
    await using store = sqliteStore(path);
    const error = await assertRejects(() => store.open(), StoreOpenError);
    assertStringIncludes(error.message, `Cannot open store as ${rule}: current value is '${path}'`);
  }
});

Deno.test({
  name: "sqliteStore().open() refuses a folder and a file that it may not write",
  // The superuser may write anywhere.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    await using folder = await tempFolder();
    const path = folder.file("jobs.db");
    await Deno.chmod(folder.file("."), 0o555);
    await using first = sqliteStore(path);
    const error = await assertRejects(() => first.open(), StoreOpenError);
    assertStringIncludes(error.message, "its folder must be writable");
    await Deno.chmod(folder.file("."), 0o755);
    await (await openStore(path)).close();
    await Deno.chmod(path, 0o444);
    await using second = sqliteStore(path);
    const refusal = await assertRejects(() => second.open(), StoreOpenError);
    assertStringIncludes(refusal.message, "its file must be readable and writable");
  },
});

Deno.test("sqliteStore().open() takes an empty file and an empty database", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(folder.file("empty.db"), "");
  makeFile(folder.file("database.db"), "VACUUM");
  makeFile(folder.file("log.db"), "PRAGMA journal_mode = WAL");
  for (const name of ["empty.db", "database.db", "log.db"]) {
    await using store = await openStore(folder.file(name));
    assertEquals(await store.counts(), []);
  }
});

Deno.test("sqliteStore().open() succeeds later when what was wrong has been put right", async () => {
  await using folder = await tempFolder();
  const path = folder.file("later/jobs.db");
  await using store = sqliteStore(path);
  await assertRejects(() => store.open(), StoreOpenError);
  await Deno.mkdir(folder.file("later"));
  await store.open();
  await store.open();
  assertEquals(await store.counts(), []);
});

Deno.test("sqliteStore().open() reads a path as a path, whatever characters it has", async () => {
  await using folder = await tempFolder();
  for (const name of ["file:jobs.db?mode=memory", "50%41.db", "naïve jobs.db"]) {
    await (await openStore(folder.file(name))).close();
    assert((await Deno.stat(folder.file(name))).isFile, name);
  }
});

Deno.test("sqliteStore().open() lets processes that create the file at once all succeed", async () => {
  await using folder = await tempFolder();
  for (let round = 0; round < 3; round++) {
    const path = folder.file(`race-${round}.db`);
    const startAt = String(Date.now() + 700);
    const ids = ["a", "b", "c", "d"];
    const children = ids.map((id) => spawn("./open_process.ts", path, id, startAt));
    const lines = await Promise.all(children.map((child) => linesOf(child)));
    assertEquals(lines, ids.map(() => ["open"]));
    await using store = await openStore(path);
    const jobs = await store.getJobs(ids);
    assertEquals(jobs.map((job) => job?.id), ids);
  }
});

Deno.test("sqliteStore() refuses options that break their rules", () => {
  for (
    const make of [
      () => sqliteStore(""),
      () => sqliteStore(":memory:"),
      () => sqliteStore("a\0b"),
      () => sqliteStore("jobs.db", { pollMs: 0 }),
      () => sqliteStore("jobs.db", { busyTimeoutMs: -1 }),
      () => sqliteStore("jobs.db", { synchronous: "off" as "full" }),
      () => sqliteStore("jobs.db", { retention: { maxCount: -1 } }),
      () => sqliteStore("jobs.db", { polMs: 5 } as object),
    ]
  ) assertThrows(make, InvalidOptionError);
});

Deno.test("sqliteStore() throws from every verb before open() and after close()", async () => {
  await using folder = await tempFolder();
  const store = sqliteStore(folder.file("jobs.db"));
  await assertRejects(() => store.counts(), StoreOpenError);
  await store.open();
  await store.close();
  await store.close();
  await assertRejects(() => store.counts(), StoreClosedError);
  await assertRejects(() => store.open(), StoreClosedError);
  assertThrows(() => store.subscribe([]), StoreClosedError);
});

Deno.test("sqliteStore() waits for a lock without blocking the thread", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  let beats = 0;
  const heart = setInterval(() => beats++, 1);
  const enqueued = store.enqueue([[newJob("a")]]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  clearInterval(heart);
  assertEquals(await store.getJobs(["a"]), [null]);
  other.exec("COMMIT");
  assertEquals(await enqueued, [{ outcome: "created", statuses: ["ready"] }]);
  assert(beats > 2, `the thread had ${beats} turns while the file was locked`);
});

Deno.test("sqliteStore() gives up on a lock after busyTimeoutMs, and says what to do", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path, { busyTimeoutMs: 50 });
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const error = await assertRejects(() => store.enqueue([[newJob("a")]]), StoreBusyError);
  assertStringIncludes(error.message, "must be unlocked within 50 ms");
  other.exec("COMMIT");
  assertEquals((await store.enqueue([[newJob("a")]]))[0]?.outcome, "created");
});

Deno.test("sqliteStore() ends a wait for a lock when it is closed", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  const store = await openStore(path);
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const enqueued = assertRejects(() => store.enqueue([[newJob("a")]]), StoreClosedError);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await store.close();
  await enqueued;
});
