import { assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { CyclicDependencyError } from "../../../src/enqueue/errors.ts";
import { defineJobs, job } from "../../../src/job/registry.ts";
import { World } from "../../support/world.ts";

/** Statuses by name. */
function statusesOf(handles: Readonly<Record<string, { readonly status: string }>>): object {
  return Object.fromEntries(Object.entries(handles).map(([name, { status }]) => [name, status]));
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

Deno.test("enqueueGraph writes all jobs in one call, parents first, and gives handles by name", async () => {
  await using world = new World();
  const handles = await world.client.enqueueGraph({
    publish: { type: "t", payload: "publish", dependsOn: ["small", "large"] },
    small: { type: "t", payload: "small", dependsOn: ["download"] },
    large: { type: "t", payload: "large", dependsOn: ["download"], options: { id: "mine" } },
    download: { type: "t", payload: "download", options: { priority: 3, queue: "q" } },
  });
  assertEquals(statusesOf(handles), {
    publish: "deferred",
    small: "deferred",
    large: "deferred",
    download: "ready",
  });
  assertEquals(Object.keys(handles), ["publish", "small", "large", "download"]);
  assertEquals([handles.large.id, handles.small.isNew], ["mine", true]);
  assertEquals(world.store.calls("enqueue").length, 1);
  assertEquals((await handles.publish.job())?.dependsOn, [
    { id: handles.small.id, onFailure: "cancel" },
    { id: "mine", onFailure: "cancel" },
  ]);
  const download = await world.record(handles.download.id);
  assertEquals([download.priority, download.queue], [3, "q"]);
  assertEquals(await runAll(world), ["download", "small", "large", "publish"]);
});

Deno.test("enqueueGraph gives no handles and asks no store when there are no jobs", async () => {
  await using world = new World();
  assertEquals(await world.client.enqueueGraph({}), {});
  assertEquals(world.store.calls("enqueue").length, 0);
});

Deno.test("handles of a graph resolve to the results of their jobs", async () => {
  await using world = new World();
  const jobs = defineJobs({ one: job<void, number>(), text: job<string, string>() });
  const client = new Client({ store: world.store, jobs });
  const { first, second } = await client.enqueueGraph({
    first: { type: "one" },
    second: { type: "text", payload: "a", dependsOn: ["first"] },
  });
  const server = world.server({ jobs });
  await server.handle("one", () => 1).handle("text", ({ job }) => job.payload.repeat(2)).start();
  assertEquals(await Promise.all([first.result(), second.result()]), [1, "aa"]);
});

Deno.test("a job of a graph may wait for jobs of the store, by handle and by id", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", "by handle");
  const other = await world.client.enqueue("t", "by id", { id: "other" });
  const { child } = await world.client.enqueueGraph({
    child: {
      type: "t",
      payload: "child",
      dependsOn: ["sibling", handle, { id: "other", onFailure: "ignore" }],
    },
    sibling: { type: "t", payload: "sibling" },
  });
  const edges = (await child.job())?.dependsOn.slice(1);
  assertEquals(edges, [
    { id: handle.id, onFailure: "cancel" },
    { id: other.id, onFailure: "ignore" },
  ]);
  assertEquals(await runAll(world), ["by handle", "by id", "sibling", "child"]);
});

for (const onFailure of ["cancel", "continue", "ignore", undefined] as const) {
  Deno.test(`an edge of a graph has the policy ${onFailure}`, async () => {
    await using world = new World();
    const parent = onFailure === undefined ? { job: "a" } : { job: "a", onFailure };
    const { a, b } = await world.client.enqueueGraph({
      b: { type: "t", dependsOn: [parent] },
      a: { type: "t" },
    });
    assertEquals((await b.job())?.dependsOn, [{ id: a.id, onFailure: onFailure ?? "cancel" }]);
  });
}

Deno.test("jobs of a graph may have names that are no ids, or that objects have by themselves", async () => {
  await using world = new World();
  const graph = {
    "über uns / 1": { type: "t" },
    constructor: { type: "t", dependsOn: ["über uns / 1"] },
    ["__proto__"]: { type: "t", dependsOn: ["constructor"] },
    "": { type: "t", dependsOn: ["__proto__"] },
    "10": { type: "t", dependsOn: [""] },
  };
  const handles = await world.client.enqueueGraph(graph);
  assertEquals(Object.keys(handles).toSorted(), Object.keys(graph).toSorted());
  assertEquals((await world.store.counts()).map(({ count }) => count).toSorted(), [1, 4]);
});

Deno.test("enqueueGraph takes its jobs when it is called, whatever the caller does next", async () => {
  await using world = new World();
  const graph = { a: { type: "t", payload: { n: 1 } }, b: { type: "t", dependsOn: ["a"] } };
  const call = world.client.enqueueGraph(graph);
  graph.a.payload.n = 99;
  graph.b.dependsOn.length = 0;
  const { a, b } = await call;
  assertEquals((await a.job())?.payload, { n: 1 });
  assertEquals((await b.job())?.dependsOn.length, 1);
});

Deno.test("enqueueGraph names the jobs along a cycle and writes nothing", async () => {
  await using world = new World();
  const error = await assertRejects(() =>
    world.client.enqueueGraph({
      a: { type: "t", dependsOn: ["c"] },
      b: { type: "t", dependsOn: ["a"] },
      c: { type: "t", dependsOn: ["b"] },
      d: { type: "t" },
    }), CyclicDependencyError);
  const [first, ...rest] = error.cycle;
  assertEquals([rest.at(-1), rest.toSorted()], [first, ["a", "b", "c"]]);
  const ring = [...rest, ...rest].join(" ");
  assertEquals(ring.includes("a b c"), true, `parents before children: ${ring}`);
  assertEquals(await world.store.counts(), []);
});

Deno.test("enqueueGraph sees a cycle that goes by an id of its own jobs", async () => {
  await using world = new World();
  const error = await assertRejects(() =>
    world.client.enqueueGraph({
      a: { type: "t", options: { id: "mine" }, dependsOn: ["b"] },
      b: { type: "t", dependsOn: [{ id: "mine" }] },
    }), CyclicDependencyError);
  assertEquals(new Set(error.cycle), new Set(["a", "b"]));
});

for (const dependsOn of [["a"], [{ job: "a" }], ["b", "a"]]) {
  Deno.test(`enqueueGraph refuses a job that names itself in ${JSON.stringify(dependsOn)}`, async () => {
    await using world = new World();
    const graph = { a: { type: "t", dependsOn }, b: { type: "t" } };
    const error = await assertRejects(
      () => world.client.enqueueGraph(graph),
      CyclicDependencyError,
    );
    assertEquals(error.cycle, ["a", "a"]);
  });
}

Deno.test("the end of a job goes through its graph: cancel, continue and ignore", async () => {
  await using world = new World();
  const { client } = world;
  const handles = await client.enqueueGraph({
    root: { type: "t", payload: "root" },
    canceled: { type: "t", payload: "canceled", dependsOn: ["root"] },
    below: { type: "t", payload: "below", dependsOn: ["canceled"] },
    after: { type: "t", payload: "after", dependsOn: [{ job: "root", onFailure: "continue" }] },
    free: { type: "t", payload: "free", dependsOn: [{ job: "below", onFailure: "ignore" }] },
  });
  await client.control.cancel(handles.root.id);
  const ends = await Promise.all(
    Object.values(handles).map(async ({ id }) => (await world.record(id)).status),
  );
  assertEquals(ends, ["canceled", "canceled", "canceled", "ready", "ready"]);
  assertEquals((await world.record(handles.below.id)).canceledBy, handles.canceled.id);
  assertEquals(new Set(await runAll(world)), new Set(["after", "free"]));
});
