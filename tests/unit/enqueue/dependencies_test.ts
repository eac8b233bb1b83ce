import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { EnqueueItem } from "../../../src/enqueue/client.ts";
import {
  CyclicDependencyError,
  DuplicateJobError,
  MissingParentError,
} from "../../../src/enqueue/errors.ts";
import { World } from "../../support/world.ts";

/** One item with an id, which waits for others. */
function item(id: string, ...dependsOn: string[]): EnqueueItem {
  return { type: "t", payload: id, options: dependsOn.length > 0 ? { id, dependsOn } : { id } };
}

/** Runs all there is, one by one, and gives the payloads in their order. */
async function runAll(world: World): Promise<unknown[]> {
  const seen: unknown[] = [];
  const server = world.server().handle("t", ({ job }) => void seen.push(job.payload));
  server.pool({ name: "one", types: ["t"], concurrency: 1 });
  await server.start();
  await world.flush();
  return seen;
}

Deno.test("a job with dependsOn runs after its parents", async () => {
  await using world = new World();
  const parent = await world.client.enqueue("t", "parent", { delayMs: 1000 });
  const child = await world.client.enqueue("t", "child", { dependsOn: [parent] });
  assertEquals([parent.status, child.status, child.isNew], ["scheduled", "deferred", true]);
  const job = await child.job();
  assertEquals(job?.dependsOn, [{ id: parent.id, onFailure: "cancel" }]);
  assertEquals(job?.pendingParents, [parent.id]);
  const seen = await runAll(world);
  assertEquals(seen, []);
  await world.clock.advance(1000);
  assertEquals(seen, ["parent", "child"]);
});

Deno.test("a job is ready, or canceled, at once when its parents have ended", async () => {
  await using world = new World();
  const { control } = world.client;
  const failed = await world.client.enqueue("t");
  await control.cancel(failed.id);
  const child = await world.client.enqueue("t", null, { dependsOn: [failed] });
  assertEquals(child.status, "canceled");
  assertEquals((await child.job())?.canceledBy, failed.id);
  const dependsOn = [{ id: failed.id, onFailure: "continue" as const }];
  assertEquals((await world.client.enqueue("t", null, { dependsOn })).status, "ready");
});

Deno.test("a parent that is not in the store is refused, unless it counts as resolved", async () => {
  await using world = new World();
  const error = await assertRejects(() => world.client.enqueue("t", null, { dependsOn: ["gone"] }));
  assertInstanceOf(error, MissingParentError);
  assertEquals([error.name, error.code, error.parent], [
    "MissingParentError",
    "MISSING_PARENT",
    "gone",
  ]);
  assertEquals(
    error.message,
    "Cannot enqueue job as its parents must be in the store: there is no job 'gone'; " +
      "enqueue it first, or set onMissingParent: 'resolved'",
  );
  assertEquals(await world.store.counts(), [], "nothing was written");
  const options = { dependsOn: ["gone"], onMissingParent: "resolved" } as const;
  assertEquals((await world.client.enqueue("t", null, options)).status, "ready");
});

for (const onMissingParent of ["ignore", true, null]) {
  Deno.test(`enqueue refuses the onMissingParent ${onMissingParent}`, async () => {
    await using world = new World();
    const options = { dependsOn: ["a"], onMissingParent } as object;
    await assertRejects(
      () => world.client.enqueue("t", null, options),
      Error,
      "Cannot enqueue job as 'onMissingParent' must be one of 'reject', 'resolved'",
    );
  });
}

Deno.test("enqueue refuses a job that names its own id as a parent", async () => {
  await using world = new World();
  const options = { id: "a", dependsOn: ["a"] };
  await assertRejects(() => world.client.enqueue("t", null, options), CyclicDependencyError);
});

Deno.test("items of a batch may name each other in any order", async () => {
  await using world = new World();
  const handles = await world.client.enqueueMany([
    item("last", "left", "right"),
    item("left", "first"),
    item("right", "first"),
    item("first"),
  ]);
  assertEquals(handles.map(({ id, status }) => [id, status]), [
    ["last", "deferred"],
    ["left", "deferred"],
    ["right", "deferred"],
    ["first", "ready"],
  ], "handles stay in the order of the items");
  assertEquals(await runAll(world), ["first", "left", "right", "last"]);
});

Deno.test("items of a batch run in their order where edges leave the choice", async () => {
  await using world = new World();
  await world.client.enqueueMany([
    item("c", "b"),
    item("x1"),
    item("b", "a"),
    item("x2"),
    item("a"),
    item("x3"),
  ]);
  assertEquals(await runAll(world), ["x1", "x2", "a", "x3", "b", "c"]);
});

Deno.test("items that nothing holds back run in their order, also one whose parent in the batch is canceled", async () => {
  await using world = new World();
  const failed = await world.client.enqueue("t", null, { id: "failed" });
  await world.client.control.cancel(failed.id);
  const dependsOn = [{ id: "doomed", onFailure: "continue" as const }];
  const handles = await world.client.enqueueMany([
    item("doomed", "failed"),
    { type: "t", payload: "second", options: { dependsOn } },
    { type: "t", payload: "third" },
  ]);
  assertEquals(handles.map(({ status }) => status), ["canceled", "ready", "ready"]);
  assertEquals(await runAll(world), ["second", "third"]);
});

Deno.test("a cycle among the items of a batch is named by their positions, nothing is written", async () => {
  await using world = new World();
  const items = [item("x"), item("a", "b"), item("b", "a")];
  const error = await assertRejects(() => world.client.enqueueMany(items), CyclicDependencyError);
  assertEquals(new Set(error.cycle), new Set(["Item 1", "Item 2"]));
  assertEquals(await world.store.counts(), []);
});

Deno.test("an error about a batch names the item's own position, though parents are written first", async () => {
  await using world = new World();
  const { client } = world;
  const missing = await assertRejects(
    () => client.enqueueMany([item("b", "a", "gone"), item("a")]),
    MissingParentError,
  );
  assertEquals(missing.message.startsWith("Item 0: Cannot enqueue job as its parents"), true);
  assertEquals(await world.store.counts(), []);
  await client.enqueue("t", null, { id: "b" });
  const duplicate = await assertRejects(
    () => client.enqueueMany([item("c", "b", "a"), item("b", "a"), item("a")]),
    DuplicateJobError,
  );
  assertEquals(duplicate.message.startsWith("Item 1: Cannot enqueue jobs as no id of"), true);
  assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
});

Deno.test("delayMs of a job with parents counts from the end of the last of them", async () => {
  await using world = new World();
  const parent = await world.client.enqueue("t", "parent", { delayMs: 1000 });
  const options = { dependsOn: [parent], delayMs: 500 };
  const child = await world.client.enqueue("t", "child", options);
  assertEquals(child.status, "deferred");
  const seen = await runAll(world);
  await world.clock.advance(1499);
  assertEquals(seen, ["parent"]);
  await world.clock.advance(1);
  assertEquals(seen, ["parent", "child"]);
});
