/** Stored texts that cannot be read: they harm no other job. */

import { assert, assertEquals } from "@std/assert";
import type { JobStatus } from "../../../../src/job/state.ts";
import type { Store, Verdict } from "../../../../src/store/store.ts";
import {
  child,
  claim,
  examine,
  job,
  type Patient,
  put,
  runAll,
  settle,
  start,
  testPatient,
} from "../../../support/redis/doctor.ts";

const complete: Verdict = { kind: "complete", result: null };
const failure: Verdict = { kind: "dead_letter", error: { message: "no" } };
const again: Verdict = { kind: "retry", delayMs: 10, counted: true, error: { message: "no" } };

async function statuses(
  store: Store,
  ids: readonly string[],
): Promise<(JobStatus | undefined)[]> {
  return (await store.getJobs(ids)).map((record) => record?.status);
}

async function idsOf(store: Store, status: JobStatus): Promise<string[]> {
  return (await store.list({ status, limit: 100 })).jobs.map(({ id }) => id).toSorted();
}

const records: Readonly<Record<string, string>> = {
  "no header": "rubbish",
  "nothing": "",
  "half a header": "1|30|;t;|q",
  "a priority that is none": "1|x||q|t\n\n1",
  "settings that are no JSON": "1|30||q|t\n{\n1",
  "settings that are no object": "1|30||q|t\n3\n1",
};

for (const [name, text] of Object.entries(records)) {
  testPatient(
    `a record with ${name} is shown as failed, and others as they are`,
    async ({ store, call }) => {
      await put(store, job("a"), job("b"), job("c"));
      await call("HSET", "KEY:jobs", "b", text);
      const [a, b, c] = await store.getJobs(["a", "b", "c"]);
      assertEquals([a?.status, b?.status, c?.status], ["ready", "failed", "ready"]);
      assert(/^Record cannot be read: its (header|settings) /.test(b?.error ?? ""), `${b?.error}`);
      assertEquals(b?.id, "b");
      assertEquals(await idsOf(store, "ready"), ["a", "b", "c"]);
    },
  );

  testPatient(
    `a record with ${name} keeps nobody else from being claimed`,
    async ({ store, call }) => {
      await put(store, job("a"), job("b"), job("c"));
      await call("HSET", "KEY:jobs", "b", text);
      assertEquals((await claim(store)).map(({ id }) => id), ["a", "c"]);
      assertEquals(await call("HEXISTS", "KEY:claims", "b"), 0);
      assertEquals(await idsOf(store, "dead_letter"), ["b"]);
      const [reply] = await store.act(["b"], { kind: "remove" });
      assertEquals(reply?.outcome, "done");
      assertEquals(await store.getJobs(["b"]), [null]);
    },
  );

  testPatient(
    `a record with ${name} that may have been taken away is passed over`,
    async ({ store, call }) => {
      await put(store, job("a"), job("b"), job("c"), job("d"), job("e"));
      await store.act(["d"], { kind: "cancel", reason: "no" });
      await call("HSET", "KEY:jobs", "b", text);
      assertEquals((await claim(store)).map(({ id }) => id), ["a", "c", "e"]);
    },
  );
}

const states: Readonly<Record<string, string>> = {
  "no head": "rubbish",
  "half a head": "r|1|",
  "no status": "q|0|1|0|5||",
  "an attempt that is none": "w|0|1|0|5||\nrubbish",
  "an error that is no JSON": "w|0|1|0|5||\nr|1|1|s|p|{",
};

for (const [name, text] of Object.entries(states)) {
  testPatient(
    `a state with ${name} keeps nobody else from being seen and claimed`,
    async ({ store, clock, call }) => {
      await put(store, job("a"), job("b"), job("c"));
      const held = await claim(store);
      for (const one of held) await settle(store, [one], again);
      await clock.advance(10);
      await store.promote(10);
      await call("HSET", "KEY:state", "b", text);
      assertEquals(await statuses(store, ["a", "b", "c"]), ["ready", "failed", "ready"]);
      const [, b] = await store.getJobs(["a", "b"]);
      assert(/^Record cannot be read: its state /.test(b?.error ?? ""), `${b?.error}`);
      assertEquals([b?.queue, b?.type], ["q", "t"]);
      assertEquals(await idsOf(store, "ready"), ["a", "b", "c"]);
      assertEquals((await claim(store)).map(({ id }) => id), ["a", "c"]);
      // Where only an attempt cannot be read, it stays so; the job can be looked at, and removed.
      const [seen] = await store.getJobs(["b"]);
      assertEquals(seen?.status, text.startsWith("w") ? "failed" : "dead_letter");
      assertEquals(await idsOf(store, "dead_letter"), ["b"]);
      const findings = (await examine(store)).map(({ kind, id }) => [kind, id]);
      assertEquals(findings, text.startsWith("w") ? [["broken_record", "b"]] : []);
    },
  );
}

testPatient(
  "a state that cannot be read is in the way of no heartbeat",
  async ({ store, call }) => {
    await put(store, job("a"), job("b"));
    const held = await claim(store);
    await store.act(["a"], { kind: "cancel", reason: "no" });
    await call("HSET", "KEY:state", "a", "x|0|1|0|5||\n!{");
    const holds = held.map(({ id, holder: { fence } }) => ({ id, fence }));
    const { canceled, lost } = await store.heartbeat({ server: "s", leaseMs: 1000, holds });
    assertEquals([canceled.map(({ id }) => id), lost], [["a"], []]);
  },
);

testPatient("entries of a lane that are none are passed over", async ({ store, call }) => {
  await put(store, job("a"), job("b"));
  await call("LPUSH", "KEY:l:q|30t", "rubbish", "12");
  assertEquals((await claim(store)).map(({ id }) => id), ["a", "b"]);
  await put(store, job("c"), job("d", { type: "u" }), job("e", { type: "u" }));
  await call("LPUSH", "KEY:l:q|30u", "rubbish", "12");
  const got: string[] = [];
  for (let i = 0; i < 5; i++) got.push(...(await claim(store)).map(({ id }) => id));
  assertEquals(got, ["c", "d", "e"]);
});

testPatient("a tombstone that cannot be read is passed over", async ({ store, call }) => {
  await put(store, job("a"), job("b"), job("c"));
  await store.act(["b"], { kind: "cancel", reason: "no" });
  await call("HSET", "KEY:tombs", "q|30t\nb", "rubbish");
  await call("HSET", "KEY:tombs", "q|30t\nc", "rubbish");
  assert((await claim(store)).some(({ id }) => id === "c"));
});

testPatient(
  "entries of a list of final jobs that are none are passed over",
  async ({ store, call }) => {
    await put(store, job("a"), job("b"));
    await settle(store, await claim(store));
    await call("RPUSH", "KEY:f:q|t", "rubbish");
    await call("LPUSH", "KEY:f:q|t", "rubbish");
    await put(store, ...Array.from({ length: 20 }, (_, i) => job(`j${i}`)));
    await settle(store, await claim(store));
    assertEquals((await store.list({ status: "completed", limit: 100 })).jobs.length, 22);
    await store.list({ status: "completed", limit: 1, cursor: "5" });
    for (let i = 0; i < 20; i++) await store.prune(100);
    await store.act(["a", "b"], { kind: "remove" });
    assertEquals(await statuses(store, ["a", "b"]), [undefined, undefined]);
  },
  { maxCount: 24 },
);

testPatient(
  "members of delayed jobs that are none are passed over",
  async ({ store, clock, call }) => {
    await put(store, job("a", { delayMs: 10 }));
    await call("ZADD", "KEY:d:q|t", "1", "x", "2", "rubbish", "3", "30%a");
    await clock.advance(10);
    for (let i = 0; i < 3; i++) await store.promote(10);
    assertEquals((await claim(store)).map(({ id }) => id), ["a"]);
    assertEquals(await call("EXISTS", "KEY:d:q|t"), 0);
  },
);

testPatient(
  "a record that cannot be read keeps nobody from expiring",
  async ({ store, clock, call }) => {
    const settings = { expireAt: clock.now() + 10 };
    await put(store, job("a", { settings }), job("b", { settings }), job("c", { settings }));
    await call("HSET", "KEY:jobs", "b", "rubbish");
    await clock.advance(10);
    await store.expire(10);
    assertEquals(await statuses(store, ["a", "b", "c"]), ["canceled", "failed", "canceled"]);
  },
);

testPatient("a child that cannot be read keeps nobody from being told", async ({ store, call }) => {
  await put(store, job("p"), child("a", ["p"]), child("b", ["p"]), child("c", ["p"]));
  await call("HSET", "KEY:jobs", "b", "rubbish");
  await settle(store, await claim(store));
  assertEquals(await statuses(store, ["p", "a", "b", "c"]), [
    "completed",
    "ready",
    "failed",
    "ready",
  ]);
});

testPatient(
  "a child that cannot be read keeps nobody from being brought back",
  async ({ store, call }) => {
    const kids = ["a", "b", "c"].map((id) => child(id, ["p"], "cancel"));
    await put(store, job("p"), ...kids);
    await settle(store, await claim(store), failure);
    await call("HSET", "KEY:jobs", "b", "rubbish");
    await call("HSET", "KEY:state", "a", "x|\n<p|x");
    await store.act(["p"], { kind: "retry", revive: true });
    assertEquals(await statuses(store, ["p", "c"]), ["ready", "deferred"]);
  },
);

testPatient(
  "a draft with a record that cannot be read is removed",
  async ({ store, clock, call }) => {
    await put(store, job("p"), child("a", ["p"]), child("b", ["p"]));
    await call("HSET", "KEY:jobs", "a", "rubbish");
    await call("ZADD", "KEY:drafts", String(clock.now()), "d");
    await call("RPUSH", "KEY:draftIds:d", "a", "b");
    await store.relay(10);
    assertEquals(await call("EXISTS", "KEY:drafts", "KEY:draftIds:d"), 0);
    assertEquals(await statuses(store, ["b"]), [undefined]);
  },
);

const kinds = [
  { kind: "cancel", reason: "no" },
  { kind: "retry", revive: true },
  { kind: "promote" },
  { kind: "prioritize", priority: 3 },
  { kind: "edit", payload: "2" },
] as const;

for (const action of kinds) {
  testPatient(
    `a ${action.kind} of a job that cannot be read is refused, others are done`,
    async ({ store, clock, call }) => {
      await put(store, job("a"), job("b"), job("c"), job("d"));
      const held = await claim(store);
      const verdict = action.kind === "retry" ? failure : again;
      await settle(store, held, verdict);
      if (action.kind === "cancel") {
        await clock.advance(10);
        await store.promote(10);
      }
      await call("HSET", "KEY:jobs", "b", "rubbish");
      await call("HSET", "KEY:state", "c", "rubbish");
      const replies = await store.act(["a", "b", "c", "d"], action);
      assertEquals(replies.map(({ outcome }) => outcome), ["done", "refused", "refused", "done"]);
      assertEquals("status" in replies[1]! && replies[1].status, "failed");
    },
  );
}

testPatient(
  "a job that cannot be read can be removed, others are done",
  async ({ store, call }) => {
    await put(store, job("a"), job("b"), job("c"));
    await call("HSET", "KEY:jobs", "a", "rubbish");
    await call("HSET", "KEY:state", "b", "rubbish");
    const replies = await store.act(["a", "b", "c"], { kind: "remove" });
    assertEquals(replies.map(({ outcome }) => outcome), ["done", "done", "done"]);
    assertEquals(await store.getJobs(["a", "b", "c"]), [null, null, null]);
    assertEquals(await claim(store), []);
  },
);

testPatient("progress that cannot be read is left out", async ({ store, call }) => {
  await put(store, job("a"));
  const [held] = await claim(store);
  const { fence } = held!.holder;
  await store.report([{ id: "a", fence, progress: { value: 0.5 }, logs: ["line"] }]);
  await call("HSET", "KEY:told", "a", "5|{");
  const [a] = await store.getJobs(["a"]);
  assertEquals([a?.status, a?.progress, a?.logs.length], ["processing", null, 1]);
});

const claims: Readonly<Record<string, (fence: number) => string>> = {
  "that is nothing": () => "",
  "that is rubbish": () => "rubbish",
  "with a fence alone": (fence) => `${fence}`,
  "with a fence and rubbish": (fence) => `${fence}|rubbish`,
  "without a place": (fence) => `${fence}||5|tag|s|p|alone-b|30t`,
  "without a lane": (fence) => `${fence}|1|5|tag|s|p|`,
  "with a place that is no number": (fence) => `${fence}|1.5|5|tag|s|p|24-b|30t`,
  "with a sign that is none": (fence) => `${fence}|1?5|tag|s|p|alone-b|30t`,
};

/** Three jobs that run, of which the claim of the second, of a server of its own, is broken. */
async function breakClaim(
  { store, call }: Patient,
  textOf: (fence: number) => string,
): Promise<number[]> {
  const a = await start(store, job("a"));
  const b = await start(store, job("b"));
  const c = await start(store, job("c"));
  await call("HSET", "KEY:claims", "b", textOf(b.holder.fence));
  return [a, b, c].map(({ holder: { fence } }) => fence);
}

for (const [name, textOf] of Object.entries(claims)) {
  testPatient(`a claim ${name} is in the way of nobody who looks`, async (patient) => {
    const { store } = patient;
    await breakClaim(patient, textOf);
    assertEquals(await statuses(store, ["a", "b", "c"]), [
      "processing",
      "processing",
      "processing",
    ]);
    assertEquals(await idsOf(store, "processing"), ["a", "b", "c"]);
    const first = await store.list({ status: "processing", limit: 1 });
    assertEquals(first.jobs.map(({ id }) => id), ["c"]);
    const last = await store.list({ status: "processing", limit: 5, cursor: first.cursor! });
    assertEquals(last.jobs.map(({ id }) => id).toSorted(), ["a", "b"]);
    assertEquals((await store.counts()).filter(({ queue }) => queue === ""), []);
  });

  testPatient(`a job with a claim ${name} runs again when its lease has ended`, async (patient) => {
    const { store, clock, call } = patient;
    await breakClaim(patient, textOf);
    await clock.advance(1001);
    assertEquals((await store.reap({ limit: 10, maxDeliveries: 3 })).moved, 3);
    assertEquals(await call("HLEN", "KEY:claims"), 1, "the sentinel");
    const [b] = await store.getJobs(["b"]);
    assertEquals([b?.status, b?.deliveries, b?.attempts.length], ["ready", 1, 1]);
    assertEquals(await examine(store), []);
    await runAll(patient);
    assertEquals(await statuses(store, ["a", "b", "c"]), ["completed", "completed", "completed"]);
  });

  testPatient(`a claim ${name} is in the way of no other that is settled`, async (patient) => {
    const { store, clock } = patient;
    const fences = await breakClaim(patient, textOf);
    const outcomes = ["a", "b", "c"].map((id, i) => (
      { id, fence: fences[i]!, verdict: complete, ranMs: 1 }
    ));
    const { results } = await store.settle({ outcomes });
    assertEquals(results, ["ok", name === "without a place" ? "ok" : "lost", "ok"]);
    await clock.advance(1001);
    await store.reap({ limit: 10, maxDeliveries: 3 });
    await runAll(patient);
    assertEquals(await statuses(store, ["a", "b", "c"]), ["completed", "completed", "completed"]);
    assertEquals(await examine(store), []);
  });

  testPatient(`a claim ${name} is in the way of no heartbeat`, async (patient) => {
    const { store, clock } = patient;
    const fences = await breakClaim(patient, textOf);
    await clock.advance(900);
    const holds = ["a", "b", "c"].map((id, i) => ({ id, fence: fences[i]! }));
    await store.heartbeat({ server: "s", leaseMs: 1000, holds: holds.slice(1) });
    await store.heartbeat({ server: "s", leaseMs: 1000, holds });
    await clock.advance(900);
    const { moved } = await store.reap({ limit: 10, maxDeliveries: 3 });
    assertEquals(await statuses(store, ["a", "c"]), ["processing", "processing"]);
    assert(moved <= 1, "only the broken one");
  });

  testPatient(`a job with a claim ${name} can be canceled`, async (patient) => {
    const { store } = patient;
    await breakClaim(patient, textOf);
    const replies = await store.act(["a", "b", "c"], { kind: "cancel", reason: "no" });
    assertEquals(replies.map(({ outcome }) => outcome), ["done", "done", "done"]);
    assertEquals(await statuses(store, ["a", "b", "c"]), ["canceled", "canceled", "canceled"]);
    assertEquals(await examine(store), []);
  });
}

for (const text of ["", "rubbish", "q|0|9", "o|x|9"]) {
  testPatient(`relay() gets over '${text}', which it cannot read`, async ({ store, call }) => {
    await put(store, job("p"), job("f"), job("w"));
    await put(store, child("a", ["p"]), child("b", ["f"], "cancel"), child("c", ["w"]));
    const held = await claim(store);
    await call("RENAME", "KEY:family", "KEY:hidden");
    await settle(store, held.filter(({ id }) => id === "p"));
    await settle(store, held.filter(({ id }) => id === "f"), failure);
    await call("RENAME", "KEY:hidden", "KEY:family");
    await call("HSET", "KEY:relay", "p", text, "f", text, "w", text);
    const { nextInMs } = await store.relay(100);
    assertEquals(nextInMs, null);
    assertEquals(await statuses(store, ["a", "b", "c"]), ["ready", "canceled", "deferred"]);
    await settle(store, held.filter(({ id }) => id === "w"));
    assertEquals(await statuses(store, ["c"]), ["ready"]);
    assertEquals(await examine(store), []);
  });
}
