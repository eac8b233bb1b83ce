/** Jobs that go by the count limit the moment they, or their children, end. */

import { assertEquals } from "@std/assert";
import type { JobStatus } from "../../../../src/job/state.ts";
import type { Store, Verdict } from "../../../../src/store/store.ts";
import {
  child,
  claim,
  examine,
  job,
  LARGE,
  put,
  settle,
  testPatient,
} from "../../../support/redis/doctor.ts";

const failure: Verdict = { kind: "dead_letter", error: { message: "no" } };

async function statuses(
  store: Store,
  ids: readonly string[],
): Promise<(JobStatus | undefined)[]> {
  return (await store.getJobs(ids)).map((record) => record?.status);
}

const ends: Readonly<Record<string, Verdict>> = {
  "completed": { kind: "complete", result: null },
  "completed with a large result": { kind: "complete", result: LARGE },
  "dead-lettered": failure,
};

for (const [name, verdict] of Object.entries(ends)) {
  testPatient(
    `children are told of a parent that is ${name} and not kept, maxCount 0`,
    async ({ store }) => {
      await put(store, job("p"), child("a", ["p"]), child("b", ["a"]));
      const held = await claim(store);
      assertEquals(held.map(({ id }) => id), ["p"]);
      await settle(store, held, verdict);
      assertEquals(await statuses(store, ["p", "a", "b"]), [undefined, "ready", "deferred"]);
      await settle(store, await claim(store), verdict);
      assertEquals(await statuses(store, ["a", "b"]), [undefined, "ready"]);
      assertEquals(await examine(store), []);
    },
    { maxCount: 0 },
  );
}

testPatient(
  "children are canceled with a parent that is not kept, maxCount 0",
  async ({ store }) => {
    await put(store, job("p"), child("a", ["p"], "cancel"), child("b", ["a"], "cancel"));
    await settle(store, await claim(store), failure);
    assertEquals(await statuses(store, ["p", "a", "b"]), [undefined, undefined, undefined]);
    assertEquals(await examine(store), []);
  },
  { maxCount: 0 },
);

testPatient(
  "a canceled child that the next one trims tells its children, maxCount 1",
  async ({ store }) => {
    const kids = ["a", "b", "c"].map((id) => child(id, ["p"], "cancel"));
    const theirs = ["a", "b", "c"].map((id) => child(`of-${id}`, [id]));
    await put(store, job("p"), ...kids, ...theirs);
    await settle(store, await claim(store), failure);
    assertEquals(await statuses(store, ["of-a", "of-b", "of-c"]), ["ready", "ready", "ready"]);
    assertEquals(await examine(store), []);
  },
  { maxCount: 1 },
);

testPatient(
  "children are told of a parent that a person cancels, maxCount 0",
  async ({ store }) => {
    await put(store, job("p"), child("a", ["p"]));
    await store.act(["p"], { kind: "cancel", reason: "enough" });
    assertEquals(await statuses(store, ["p", "a"]), [undefined, "ready"]);
    assertEquals(await examine(store), []);
  },
  { maxCount: 0 },
);

testPatient(
  "a new child that is canceled leaves no trace of the parent that it trims",
  async ({ store, call }) => {
    await put(store, job("p"));
    await store.act(["p"], { kind: "cancel", reason: "enough" });
    await put(store, child("a", ["p"], "cancel"));
    assertEquals(await statuses(store, ["p", "a"]), [undefined, "canceled"]);
    assertEquals(await call("EXISTS", "KEY:kids:p", "KEY:family"), 0);
    assertEquals(await examine(store), []);
  },
  { maxCount: 1 },
);

testPatient(
  "a group of canceled children leaves no trace of parents that are gone",
  async ({ store, call }) => {
    await put(store, job("p"));
    await store.act(["p"], { kind: "cancel", reason: "enough" });
    const group = [
      child("a", ["p"], "cancel"),
      child("b", ["p"], "cancel"),
      child("c", ["a"], "cancel"),
      child("d", ["b", "c"]),
    ];
    await store.enqueue([group]);
    assertEquals(await statuses(store, ["p", "a", "b", "d"]), [
      undefined,
      undefined,
      undefined,
      "ready",
    ]);
    assertEquals(await call("EXISTS", "KEY:kids:p", "KEY:kids:a", "KEY:kids:b"), 0);
    assertEquals(await examine(store), []);
  },
  { maxCount: 1 },
);
