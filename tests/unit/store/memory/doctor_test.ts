import { assert, assertEquals, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../../src/errors.ts";
import { MemoryState } from "../../../../src/store/memory/state.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";
import { defaultRetention } from "../../../../src/store/retention.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { type Break, examine, fillWard, patient, short } from "../../../support/doctor.ts";
import { type Damage, damage, ghost, storeOn, testBreaks } from "./support/doctor.ts";

const COUNTED = { settings: { retention: { maxCount: 5 } } };

const breaks: readonly Break<Damage>[] = [
  {
    name: "a ready job that is not in line",
    how: (_, of) => of("ready").lane.ready.keep(({ entry }) => entry.job.id !== "ready"),
    kind: "lost_entry",
    id: "ready",
  },
  {
    name: "a job that runs and that no limit counts",
    how: (state, of) => state.meters.delete(of("held")),
    kind: "wrong_slot",
    id: "held",
  },
  {
    name: "a job that limits count, and that does not run",
    how: (state, of) => state.meters.add(of("ready")),
    kind: "wrong_slot",
    id: "ready",
  },
  {
    name: "a job that is in line twice",
    how: (_, of) => of("ready").lane.ready.push({ entry: of("ready"), key: of("ready").order }),
    kind: "double_entry",
    id: "ready",
  },
  {
    name: "an entry of no job in line",
    how: (state) => {
      const entry = ghost(state, "ghost", { order: -5 });
      entry.lane.ready.push({ entry, key: -5 });
    },
    kind: "stale_entry",
    id: "ghost",
  },
  {
    name: "a scheduled job that is not in due",
    how: (state) => state.due.keep(({ entry }) => entry.job.id !== "later"),
    kind: "lost_entry",
    id: "later",
  },
  {
    name: "a retry that is never due",
    how: (_, of) => damage(of("retry"), { runAt: null }),
    kind: "lost_entry",
    id: "retry",
  },
  {
    name: "an entry of no job in due",
    how: (state) => {
      const entry = ghost(state, "later", { runAt: 7, status: "scheduled" });
      state.due.push({ entry, key: 7 });
    },
    kind: "stale_entry",
    id: "later",
  },
  {
    name: "an entry of no job in purging",
    how: (state) => {
      const entry = ghost(state, "ready", { purgeAt: 7, status: "completed" });
      state.purging.push({ entry, key: 7 });
    },
    kind: "stale_entry",
    id: "ready",
  },
  {
    name: "a job with a number of its own that is not counted by it",
    how: (state, of) => {
      damage(of("dead").job.settings, { retention: { maxCount: 5 } });
      state.quotas.delete(of("dead"));
    },
    kind: "lost_entry",
    id: "dead",
  },
  {
    name: "a job that is counted, but not final",
    how: (state, of) => {
      const entry = ghost(state, "ready", {});
      damage(entry, { status: "completed", job: patient("ready", COUNTED), lane: of("dead").lane });
      state.quotas.add(entry);
    },
    kind: "stale_entry",
    id: "ready",
  },
  {
    name: "a job that is to expire, but would not",
    how: (state) => state.expiring.keep(() => false),
    kind: "lost_entry",
    id: "first",
  },
  {
    name: "a processing job that counts as of nobody",
    how: (_, of) => damage(of("held"), { holder: null }),
    kind: "lost_lease",
    id: "held",
  },
  {
    name: "a processing job whose lease does not end",
    how: (_, of) => damage(of("held"), { holder: { ...of("held").holder!, leaseUntil: Infinity } }),
    kind: "lost_lease",
    id: "held",
  },
  {
    name: "a processing job that is not among those that are",
    how: (state) => state.processing.clear(),
    kind: "lost_lease",
    id: "held",
  },
  {
    name: "a ready job with a holder",
    how: (_, of) => damage(of("ready"), { holder: of("held").holder }),
    kind: "stale_lease",
    id: "ready",
  },
  {
    name: "a ready job among those that are processing",
    how: (state, of) => state.processing.add(of("ready")),
    kind: "stale_lease",
    id: "ready",
    // It has no holder, so that heartbeat and reap would throw.
  },
  {
    name: "a ready job that retention would remove",
    how: (state, of) => {
      damage(of("ready"), { purgeAt: 5 });
      state.purging.push({ entry: of("ready"), key: 5 });
    },
    kind: "stale_entry",
    id: "ready",
  },
  {
    name: "a final job that is in no list",
    how: (state, of) =>
      state.retained.get("completed")!.get("default")!.entries.delete(of("completed")),
    kind: "lost_entry",
    id: "completed",
  },
  {
    name: "a final job without an end",
    how: (_, of) => damage(of("completed"), { finishedAt: null }),
    kind: "lost_entry",
    id: "completed",
  },
  {
    name: "a final job that nothing would remove",
    how: (state, of) => {
      damage(of("dead"), { purgeAt: null });
      state.purging.keep(({ entry }) => entry !== of("dead"));
    },
    kind: "lost_entry",
    id: "dead",
  },
  {
    name: "a final job in two lists",
    how: (state, of) => state.retained.get("completed")!.get("default")!.entries.add(of("dead")),
    kind: "double_entry",
    id: "dead",
  },
  {
    name: "a ready job in a list of final ones",
    how: (state, of) => state.retained.get("completed")!.get("default")!.entries.add(of("ready")),
    kind: "stale_entry",
    id: "ready",
  },
  {
    name: "a count that is wrong",
    how: (_, of) => of("ready").lane.counts.ready--,
    kind: "wrong_count",
    id: null,
  },
  {
    name: "a number of all jobs that is wrong",
    how: (_, of) => of("ready").lane.total = 1,
    kind: "wrong_count",
    id: null,
  },
  {
    name: "a line that is not there",
    how: (state) => state.lanes.get("default")!.delete("parent"),
    kind: "lost_entry",
    id: "parent",
  },
  {
    name: "a job that counts as removed",
    how: (_, of) => damage(of("ready"), { removed: true }),
    kind: "lost_entry",
    id: "ready",
  },
];

testBreaks(breaks);

Deno.test("check() on memory tells of a child that ran too early, and leaves it alone", async () => {
  const clock = new FakeClock();
  const state = new MemoryState(clock, defaultRetention);
  const store = storeOn(state);
  await fillWard(store, clock.now());
  state.makeReady(state.jobs.get("other")!, "end");
  for (let i = 0; i < 2; i++) {
    const findings = await examine(store, true);
    assertEquals(short(findings), ["early_child other"]);
    assertEquals(findings[0]?.repaired, false);
  }
});

Deno.test("check() on memory keeps a broken job that would not be retained", async () => {
  const state = new MemoryState(new FakeClock(), { ...defaultRetention, failedMs: 0 });
  const store = storeOn(state);
  await store.enqueue([[patient("a")], [
    patient("b", { settings: { retention: { failedMs: 0 } } }),
  ]]);
  for (const entry of state.jobs.values()) damage(entry, { attempts: "x" });
  assertEquals(short(await examine(store, true, 1)), ["broken_record a", "broken_record b"]);
  assertEquals(await examine(store, true), []);
  const records = await store.getJobs(["a", "b"]);
  assertEquals(records.map((record) => record?.status), ["failed", "failed"]);
});

Deno.test("check() on memory gives out what it finds in steps", async () => {
  const state = new MemoryState(new FakeClock(), defaultRetention);
  const store = storeOn(state);
  await store.enqueue([Array.from({ length: 50 }, (_, i) => patient(`job${i}`))]);
  for (let i = 0; i < 70; i++) state.owners.set(`key${i}`, ghost(state, "ghost", {}));
  for (const entry of state.jobs.values()) damage(entry, { purgeAt: 1 });
  const seen = await examine(store, false, 10);
  assertEquals(seen.length, 120);
  assertEquals(new Set(seen.map(({ text, id }) => `${id} ${text}`)).size, 120);
  let cursor: string | undefined;
  let found = 0;
  do {
    const from = cursor === undefined ? {} : { cursor };
    const reply = await store.check({ repair: true, limit: 10, ...from });
    assert(reply.findings.length <= 36, `${reply.findings.length}`);
    found += reply.findings.length;
    cursor = reply.cursor;
  } while (cursor !== undefined);
  assertEquals(found, 120);
  assertEquals(await examine(store, true, 10), []);
});

Deno.test("a child that runs after the owner of its key leaves nothing behind when it is removed", async () => {
  const state = new MemoryState(new FakeClock(), defaultRetention);
  const store = storeOn(state);
  const settings = { unique: { key: "k", until: "finished" } } as const;
  await store.enqueue([[patient("owner", { settings })]]);
  await store.claim({
    server: "s",
    pool: "p",
    sources: [{ queue: null, types: ["work"], share: 1 }],
    limit: 1,
    leaseMs: 1000,
  });
  await store.enqueue([[patient("after", { settings, onConflict: "rerun" })]]);
  assertEquals([...state.jobs.get("owner")!.children!.keys()], ["after"]);
  await store.act(["after"], { kind: "remove" });
  assertEquals(state.jobs.get("owner")!.children!.size, 0);
});

for (const cursor of ["x1", "jx", "", "j-1"]) {
  Deno.test(`check() on memory refuses the cursor '${cursor}'`, async () => {
    await using store = memoryStore();
    const request = { repair: false, limit: 1, cursor };
    await assertRejects(
      () => store.check(request),
      InvalidOptionError,
      "come from the step before",
    );
  });
}
