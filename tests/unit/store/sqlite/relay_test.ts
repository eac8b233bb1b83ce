import { assert, assertEquals } from "@std/assert";
import type { NewJob, Store } from "../../../../src/store/store.ts";
import { claimRequest, completed, newJob, openStore, tempFolder } from "./support/fixtures.ts";

const CHILDREN = 1200;

type Policy = "cancel" | "continue";

/** A parent with many children, each with a child of its own if so asked. */
async function family(store: Store, policy: Policy, parent: Partial<NewJob> = {}): Promise<void> {
  await store.enqueue([[newJob("parent", parent)]]);
  const settings = { dependsOn: [{ id: "parent", onFailure: policy }] };
  for (let at = 0; at < CHILDREN; at += 400) {
    const group = Array.from({ length: 400 }, (_, i) => newJob(`child-${at + i}`, { settings }));
    await store.enqueue([group]);
  }
}

async function count(store: Store): Promise<Record<string, number>> {
  const rows = await store.counts();
  return Object.fromEntries(rows.map((row) => [row.status, row.count]));
}

/** Works on what is left; returns how many jobs each step moved. */
async function relayAll(store: Store, limit = 500): Promise<number[]> {
  const moved: number[] = [];
  for (;;) {
    const reply = await store.relay(limit);
    moved.push(reply.moved);
    if (reply.nextInMs !== 0) return moved;
  }
}

async function endParent(store: Store, kind: "complete" | "dead_letter"): Promise<void> {
  const { jobs } = await store.claim(claimRequest({ limit: 1 }));
  const verdict = kind === "complete"
    ? { kind, result: null } as const
    : { kind, error: { message: "no" } } as const;
  const { results } = await store.settle({
    outcomes: jobs.map((job) => ({ ...completed(job), verdict })),
  });
  assertEquals(results, ["ok"]);
}

Deno.test("settle() releases a bounded number of children, relay() the rest, also after the file is opened anew", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  const options = { retention: { completedMs: 0 } };
  const first = await openStore(path, options);
  await family(first, "cancel");
  await endParent(first, "complete");
  assertEquals(await count(first), { ready: 500, deferred: CHILDREN - 500 });
  assertEquals(await first.getJobs(["parent"]), [null]);
  await first.close();
  await using second = await openStore(path, options);
  assertEquals(await relayAll(second), [500, 200]);
  assertEquals(await count(second), { ready: CHILDREN });
  assertEquals(await second.relay(500), { moved: 0, nextInMs: null });
});

Deno.test("relay() cancels the rest of the children of a job that has gone", async () => {
  await using folder = await tempFolder();
  await using store = await openStore(folder.file("jobs.db"));
  await family(store, "cancel");
  assertEquals(await store.act(["parent"], { kind: "remove" }), [{
    outcome: "done",
    status: null,
  }]);
  assertEquals(await count(store), { canceled: 500, deferred: CHILDREN - 500 });
  // Another job with its id is none of the old children's business.
  await store.enqueue([[newJob("parent", { type: "other" })]]);
  await relayAll(store);
  assertEquals(await count(store), { canceled: CHILDREN, ready: 1 });
  const [last] = await store.getJobs([`child-${CHILDREN - 1}`]);
  assertEquals([last?.canceledBy, last?.error], ["parent", "Parent 'parent' was removed"]);
});

Deno.test("a cascade over a long chain of jobs takes several transactions", async () => {
  await using folder = await tempFolder();
  await using store = await openStore(folder.file("jobs.db"));
  const chain = Array.from({ length: CHILDREN }, (_, i) => {
    const dependsOn = i === 0 ? [] : [{ id: `job-${i - 1}`, onFailure: "cancel" as const }];
    return newJob(`job-${i}`, { settings: { dependsOn } });
  });
  for (let at = 0; at < CHILDREN; at += 400) await store.enqueue([chain.slice(at, at + 400)]);
  await store.act(["job-0"], { kind: "cancel", reason: "no" });
  assertEquals(await count(store), { canceled: 501, deferred: CHILDREN - 501 });
  assert((await relayAll(store, 100)).every((moved) => moved <= 100));
  assertEquals(await count(store), { canceled: CHILDREN });
  await store.act(["job-0"], { kind: "retry", revive: true });
  assertEquals(await count(store), { ready: 1, deferred: 500, canceled: CHILDREN - 501 });
  await relayAll(store);
  assertEquals(await count(store), { ready: 1, deferred: CHILDREN - 1 });
});

Deno.test("a job that is retried before all children know of its end keeps its word to each", async () => {
  await using folder = await tempFolder();
  await using store = await openStore(folder.file("jobs.db"));
  await family(store, "cancel");
  await endParent(store, "dead_letter");
  await store.act(["parent"], { kind: "retry", revive: true });
  await relayAll(store);
  assertEquals(await count(store), { ready: 1, deferred: CHILDREN });
  await endParent(store, "complete");
  await relayAll(store);
  assertEquals(await count(store), { completed: 1, ready: CHILDREN });
});

Deno.test("a job that ends again before all children are revived tells those as well", async () => {
  await using folder = await tempFolder();
  await using store = await openStore(folder.file("jobs.db"), { retention: { completedMs: 0 } });
  await family(store, "cancel");
  await endParent(store, "dead_letter");
  await relayAll(store);
  await store.act(["parent"], { kind: "retry", revive: true });
  assertEquals(await count(store), { ready: 1, deferred: 500, canceled: CHILDREN - 500 });
  await endParent(store, "complete");
  await relayAll(store);
  assertEquals(await count(store), { ready: CHILDREN });
});

Deno.test("a child whose parent has gone may be retried before it is told that the parent let it go", async () => {
  await using folder = await tempFolder();
  await using store = await openStore(folder.file("jobs.db"), { retention: { failedMs: 60_000 } });
  await family(store, "continue", { settings: { retention: { failedMs: 0 } } });
  const last = `child-${CHILDREN - 1}`;
  await store.act([last], { kind: "cancel", reason: "no" });
  await store.act(["parent"], { kind: "cancel", reason: "no" });
  assertEquals(await store.getJobs(["parent"]), [null]);
  assertEquals(await store.act([last], { kind: "retry" }), [{ outcome: "done", status: "ready" }]);
  await relayAll(store);
  assertEquals(await count(store), { ready: CHILDREN });
});
