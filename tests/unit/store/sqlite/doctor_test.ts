import { assert, assertEquals, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../../src/errors.ts";
import { type Break, examine, fillWard, patient, short } from "../../../support/doctor.ts";
import { exec, job, set, testBreaks } from "./support/doctor.ts";
import { openStore, tempFolder } from "./support/fixtures.ts";

const breaks: readonly Break<string>[] = [
  {
    name: "a processing job without a lease",
    how: set("held", "lease_until = NULL"),
    kind: "lost_lease",
    id: "held",
  },
  {
    name: "a processing job of nobody",
    how: set("held", "server = NULL, pool = NULL, claimed_at = NULL"),
    kind: "lost_lease",
    id: "held",
    look: async (store) => {
      await store.reap({ limit: 10, maxDeliveries: 10 });
      const [record] = await store.getJobs(["held"]);
      assertEquals(record?.error, "Lease ended: server 'unknown' is presumed dead");
    },
  },
  {
    name: "a job that limits count by a key that is not its own",
    how: set("held", "limit_key = 'k'"),
    kind: "wrong_slot",
    id: "held",
  },
  {
    name: "a ready job that stands aside without a key",
    how: set("ready", "parked = 1"),
    kind: "stuck_job",
    id: "ready",
  },
  {
    name: "a lease of a ready job",
    how: set("ready", "server = 's9', lease_until = 1"),
    kind: "stale_lease",
    id: "ready",
  },
  {
    name: "a scheduled job that is never due",
    how: set("later", "run_at = NULL"),
    kind: "lost_entry",
    id: "later",
  },
  {
    name: "a retry that is never due",
    how: set("retry", "run_at = NULL"),
    kind: "lost_entry",
    id: "retry",
  },
  {
    name: "a ready job that retention would remove",
    how: set("ready", "purge_at = 1"),
    kind: "stale_entry",
    id: "ready",
  },
  {
    name: "a job that would expire without being told to",
    how: set("ready", "expire_at = 1"),
    kind: "stale_entry",
    id: "ready",
  },
  {
    name: "a final job without an end",
    how: set("completed", "finished_at = NULL"),
    kind: "lost_entry",
    id: "completed",
  },
  {
    name: "a final job that its own retention would not remove",
    how: set("dead", "purge_at = NULL"),
    kind: "lost_entry",
    id: "dead",
    look: async (store) => {
      assert((await store.prune(10)).nextInMs! <= 9_000_000);
    },
  },
  {
    name: "a payload of no job",
    how: "INSERT INTO payloads VALUES (99999, '1')",
    kind: "stale_data",
    id: null,
  },
  {
    name: "a second payload",
    how: `INSERT INTO payloads VALUES (${job("ready")}, '1')`,
    kind: "stale_data",
    id: "ready",
  },
  {
    name: "a log of no job",
    how: "INSERT INTO logs VALUES (99999, 1, 1, '\"a\"'), (99999, 2, 1, '\"a\"')",
    kind: "stale_data",
    id: null,
  },
  {
    name: "a history of no schedule",
    how: "INSERT INTO schedule_log VALUES ('gone', 1, 1, 1, 'slot', 'missed', NULL, NULL, NULL), " +
      "('gone', 2, 1, 1, 'slot', 'missed', NULL, NULL, NULL)",
    kind: "stale_data",
    id: null,
    look: async (store) => {
      assertEquals((await store.scheduleHistory("gone", { limit: 1 })).entries, []);
    },
  },
  {
    name: "a log that goes on behind its end",
    how: set("completed", "last_line = 0"),
    kind: "wrong_count",
    id: "completed",
    look: async (store) => {
      const [record] = await store.getJobs(["completed"]);
      assertEquals(record?.logs.map(({ text }) => text), ["a", "b"]);
    },
  },
  {
    name: "a count that is too low",
    how: "UPDATE counts SET n = 0 WHERE status = 0",
    kind: "wrong_count",
    id: null,
    also: ["wrong_count null"],
  },
  {
    name: "a count of jobs with a number of their own that are not there",
    how: "INSERT INTO quotas VALUES (6, 1, 5, 2)",
    kind: "wrong_count",
    id: null,
    look: async (store) => {
      assert((await store.prune(10)).nextInMs! > 0, "there is nothing to be removed");
    },
  },
  {
    name: "jobs with a number of their own that are not counted",
    how: set("dead", "links = links | 8"),
    kind: "wrong_count",
    id: null,
  },
  {
    name: "a count of jobs that are not there",
    how: "INSERT INTO counts VALUES (8, 1, 5)",
    kind: "wrong_count",
    id: null,
    look: async (store) => {
      assertEquals((await store.counts()).filter(({ status }) => status === "stopped"), []);
    },
  },
  {
    name: "a count of a status and a lane that are none",
    how: "INSERT INTO counts VALUES (12, 77, 5)",
    kind: "wrong_count",
    id: null,
  },
  {
    name: "a wrong number of pauses",
    how: "INSERT INTO paused VALUES ('idle', '')",
    kind: "wrong_count",
    id: null,
  },
  {
    name: "a wrong number of ends that are to be told",
    how: "UPDATE meta SET relays = 3",
    kind: "wrong_count",
    id: null,
  },
];

testBreaks(breaks);

Deno.test("check() on sqlite tells of a child that ran too early, and leaves it alone", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  await fillWard(store, Date.now());
  exec(path, set("other", "status = 0"));
  exec(path, "UPDATE counts SET n = n + 1 WHERE status = 0 AND lane = 1");
  exec(path, "UPDATE counts SET n = n - 1 WHERE status = 2 AND lane = 1");
  for (let i = 0; i < 2; i++) {
    const findings = await examine(store, true);
    assertEquals(short(findings), ["early_child other"]);
    assertEquals(findings[0]?.repaired, false);
  }
});

Deno.test("check() on sqlite keeps a broken job that would not be retained", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path, { retention: { failedMs: 0 } });
  const settings = { retention: { failedMs: 0 } };
  await store.enqueue([[patient("a"), patient("b", { settings })]]);
  exec(path, "UPDATE jobs SET attempts = 'x'");
  assertEquals(short(await examine(store, true, 1)), ["broken_record a", "broken_record b"]);
  assertEquals(await examine(store, true), []);
  const records = await store.getJobs(["a", "b"]);
  assertEquals(records.map((record) => record?.status), ["failed", "failed"]);
  assertEquals((await store.act(["a"], { kind: "remove" }))[0]?.outcome, "done");
  assertEquals(await examine(store, true), []);
});

Deno.test("check() on sqlite repairs more than one step may, step by step", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path, { synchronous: "normal" });
  const group = Array.from({ length: 60 }, (_, i) => patient(`job${i}`));
  await store.enqueue([group]);
  exec(path, "UPDATE jobs SET purge_at = 1, server = 's', error = '}'");
  exec(
    path,
    "INSERT INTO payloads WITH RECURSIVE i (n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM i WHERE n < 1099) SELECT n, '1' FROM i",
  );
  const reply = await store.check({ repair: true, limit: 10 });
  assert(reply.findings.length <= 36 && reply.cursor !== undefined);
  const rest = await examine(store, true, 10);
  assertEquals(reply.findings.length + rest.length, 3 * 60 + 100);
  assertEquals(await examine(store, true, 10), []);
  assertEquals((await store.counts())[0]?.count, 60);
});

for (const cursor of ["x1", "jx", "e1", "c1", "", "m1"]) {
  Deno.test(`check() on sqlite refuses the cursor '${cursor}'`, async () => {
    await using folder = await tempFolder();
    await using store = await openStore(folder.file("jobs.db"));
    const request = { repair: false, limit: 1, cursor };
    await assertRejects(
      () => store.check(request),
      InvalidOptionError,
      "come from the step before",
    );
  });
}
