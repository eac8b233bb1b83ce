/** Who has some queues or types alone enqueues into these, and learns nothing of the others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, memoryStore } from "../../../mod.ts";
import { JobWriter } from "../../../src/enqueue/writer.ts";
import { DuplicateJobError } from "../../../src/enqueue/errors.ts";
import type { Principal } from "../../../src/monitor/auth/principal.ts";
import { Call } from "../../../src/monitor/call.ts";
import type { Desk } from "../../../src/monitor/desk.ts";
import {
  checkScopes,
  conflictFor,
  enqueueItems,
} from "../../../src/monitor/enqueue/enqueue_items.ts";
import type { Item } from "../../../src/monitor/enqueue/item.ts";
import { toApiError } from "../../../src/monitor/errors.ts";
import { Query } from "../../../src/monitor/params.ts";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import type { Store } from "../../../src/store/store.ts";

const producer: Principal = {
  name: "apikey:edge",
  role: "producer",
  queues: new Set(["mine"]),
  types: new Set(["t"]),
  by: "key",
};

function callOf(store: Store, who: Principal): Call {
  const opened = () => Promise.resolve(store);
  const closing = new AbortController().signal;
  const writer = new JobWriter({ store: opened, jobs: undefined, closing });
  const desk: Partial<Desk> = { store: opened, writer };
  return new Call({
    request: new Request("http://localhost/"),
    params: {},
    query: new Query(new URLSearchParams()),
    who,
    client: undefined,
    desk: desk as Desk,
  });
}

function item(options: EnqueueOptions, type = "t"): Item {
  return { type, payload: null, options };
}

/** Ids of what was enqueued, or the code and text of the refusal. */
async function tryIt(call: Call, items: readonly Item[], isList = false): Promise<string> {
  try {
    checkScopes(call, items);
    return (await enqueueItems(call, items, { isList })).map(({ id }) => id).join();
  } catch (error) {
    const told = error instanceof DuplicateJobError ? await conflictFor(call, error) : error;
    const { code, message } = toApiError(told)!;
    return `${code}: ${message}`;
  }
}

const mine = { queue: "mine" };

test("a producer enqueues into its queues and of its types alone, under its name", async () => {
  const store = memoryStore();
  const call = callOf(store, producer);
  assert.equal(await tryIt(call, [item({ id: "a", ...mine })]), "a");
  assert.equal((await store.getJobs(["a"]))[0]!.settings.enqueuedBy, "apikey:edge");
  assert.match(await tryIt(call, [item({ id: "b", queue: "other" })]), /^FORBIDDEN.*'other'/);
  assert.match(await tryIt(call, [item({ id: "b" })]), /^FORBIDDEN.*'default'/);
  assert.match(await tryIt(call, [item({ id: "b", ...mine }, "u")]), /^FORBIDDEN.*'u'/);
  const some = [item({ id: "b", ...mine }), item({ id: "c", queue: "other" })];
  assert.match(await tryIt(call, some, true), /^FORBIDDEN/);
  assert.deepEqual(await store.getJobs(["b", "c"]), [null, null]);
});

test("jobs of other queues cannot be told from those that are not there", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("t", null, { id: "hidden", queue: "other" });
  await client.enqueue("t", null, { id: "seen", queue: "mine", unique: { key: "seen" } });
  await client.enqueue("t", null, { id: "owner", queue: "other", unique: { key: "k" } });
  const call = callOf(store, producer);
  const child = (dependsOn: readonly string[], more: EnqueueOptions = {}): readonly Item[] => [
    item({ ...mine, dependsOn, ...more }),
  ];
  assert.match(await tryIt(call, child(["seen"])), /^[0-9a-f-]+$/);
  for (const isList of [false, true]) {
    const hidden = await tryIt(call, child(["seen", "hidden"]), isList);
    const gone = await tryIt(call, child(["seen", "gone"]), isList);
    assert.match(hidden, /^CONFLICT/);
    assert.equal(hidden.replaceAll("hidden", "gone"), gone);
  }
  const edges = ["hidden", "gone", "seen"];
  const id = await tryIt(call, child(edges, { onMissingParent: "resolved" }));
  const [job] = await store.getJobs([id]);
  assert.deepEqual(job!.settings.dependsOn, [{ id: "seen", onFailure: "cancel" }]);
  const taken = "CONFLICT: the id or the unique key is in use";
  for (const onConflict of [undefined, "existing"] as const) {
    const options = onConflict === undefined ? mine : { ...mine, onConflict };
    assert.equal(await tryIt(call, [item({ ...options, id: "hidden" })]), taken);
    assert.equal(await tryIt(call, [item({ ...options, unique: { key: "k" } })]), taken);
  }
  assert.equal(await tryIt(call, [item({ ...mine, id: "hidden" })], true), taken);
  assert.match(await tryIt(call, [item({ ...mine, id: "seen" })]), /^CONFLICT: .*'seen' is ready/);
  const same = item({ ...mine, unique: { key: "seen" }, onConflict: "existing" });
  assert.equal(await tryIt(call, [same]), "seen");
});

test("who has some queues alone changes no job that is there", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("t", 1, { id: "a", queue: "mine" });
  for (const onConflict of ["replace", "debounce", "rerun"] as const) {
    const wanted = item({ ...mine, id: "a", delayMs: 1, onConflict });
    assert.match(await tryIt(callOf(store, producer), [wanted]), /^FORBIDDEN/);
  }
  const everyone: Principal = { ...producer, queues: null };
  const wanted = item({ ...mine, id: "a", onConflict: "replace" });
  assert.equal(await tryIt(callOf(store, everyone), [wanted]), "a");
});

test("parents of a list may come in the list", async () => {
  const store = memoryStore();
  const list = [item({ ...mine, id: "child", dependsOn: ["root"] }), item({ ...mine, id: "root" })];
  assert.equal(await tryIt(callOf(store, producer), list, true), "child,root");
});
