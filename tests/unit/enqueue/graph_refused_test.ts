import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import {
  DuplicateIdInBatchError,
  DuplicateJobError,
  GraphTooLargeError,
  InvalidPayloadError,
  MissingParentError,
} from "../../../src/enqueue/errors.ts";
import type { GraphNodes } from "../../../src/enqueue/graph.ts";
import { GqmError } from "../../../src/errors.ts";
import { checkedJob, defineJobs } from "../../../src/job/registry.ts";
import { withNumber, withNumberLater } from "../../support/schema.ts";
import { World } from "../../support/world.ts";

/** Enqueues what must be refused; the error, once it is sure that nothing was written. */
async function refusal(graph: unknown, before?: (world: World) => Promise<unknown>) {
  await using world = new World();
  await before?.(world);
  const counts = await world.store.counts();
  const error = await assertRejects(() => world.client.enqueueGraph(graph as GraphNodes));
  assertEquals(await world.store.counts(), counts, "nothing was written");
  assertInstanceOf(error, GqmError);
  return error;
}

const t = { type: "t" } as const;

const wrong: readonly [string, unknown, string, string][] = [
  [
    "no object",
    null,
    "INVALID_OPTION",
    "Cannot enqueue graph as 'graph' must be an object of jobs by name: current value is null",
  ],
  [
    "an array",
    [t],
    "INVALID_OPTION",
    "Cannot enqueue graph as 'graph' must be an object of jobs by name: " +
    'current value is [{"type":"t"}]',
  ],
  [
    "a name that stands for nothing",
    { a: t, b: { ...t, dependsOn: ["a", "c"] } },
    "INVALID_OPTION",
    "Cannot enqueue graph as 'dependsOn' must name jobs of the graph, or give '{ id }' for " +
    "others, in job 'b': current value is 'c'",
  ],
  [
    "an object with a name that stands for nothing",
    { b: { ...t, dependsOn: [{ job: "c" }] } },
    "INVALID_OPTION",
    "Cannot enqueue graph as 'dependsOn' must name jobs of the graph, or give '{ id }' for " +
    "others, in job 'b': current value is 'c'",
  ],
  [
    "a text as dependsOn",
    { a: t, b: { ...t, dependsOn: "a" } },
    "INVALID_OPTION",
    "Cannot enqueue graph as 'dependsOn' must be an array in job 'b': current value is 'a'",
  ],
  [
    "a policy that does not exist",
    { a: t, b: { ...t, dependsOn: [{ job: "a", onFailure: "stop" }] } },
    "INVALID_OPTION",
    "Cannot enqueue graph as 'onFailure' must be one of 'cancel', 'continue', 'ignore': " +
    "current value is 'stop'",
  ],
  ["a bad type", { a: { type: "" } }, "INVALID_JOB_TYPE", "Job 'a': Cannot enqueue job as 'type'"],
  ["null as a job", { a: null }, "INVALID_JOB_TYPE", "Job 'a': Cannot enqueue job as 'type'"],
  [
    "an unknown key",
    { a: { ...t, dependOn: [] } },
    "INVALID_OPTION",
    "Job 'a': Cannot enqueue job as 'item.dependOn' must not be given",
  ],
  [
    "a bad option",
    { a: t, b: { ...t, options: { priority: 99 } } },
    "INVALID_OPTION",
    "Job 'b': Cannot enqueue job as 'priority' must be",
  ],
  [
    "onConflict",
    { a: { ...t, options: { onConflict: "existing" } } },
    "INVALID_OPTION",
    "Job 'a': Cannot enqueue job as 'onConflict' must not be given in a batch",
  ],
  [
    "parents among a job's options, where their names would mean ids",
    { a: t, b: { ...t, options: { dependsOn: ["a"] }, dependsOn: ["a"] } },
    "INVALID_OPTION",
    "Job 'b': Cannot enqueue job as 'dependsOn' must",
  ],
  [
    "a bad payload",
    { a: { ...t, payload: 1n } },
    "PAYLOAD_NOT_SERIALIZABLE",
    "Job 'a': Cannot enqueue job as its data must be JSON: 'payload' is a bigint",
  ],
  [
    "a large payload",
    { a: { ...t, payload: "x".repeat(1 << 20) } },
    "PAYLOAD_TOO_LARGE",
    "Job 'a': Cannot enqueue job as its payload must be at most",
  ],
  [
    "a parent twice",
    { a: t, b: { ...t, dependsOn: ["a", { job: "a" }] } },
    "INVALID_OPTION",
    "Job 'b': Cannot enqueue job as 'dependsOn' must name each job once",
  ],
  [
    "a parent with a bad id",
    { b: { ...t, dependsOn: [{ id: "a:b" }] } },
    "INVALID_JOB_ID",
    "Job 'b': Cannot enqueue job as 'id' must be",
  ],
  [
    "an id twice",
    { a: { ...t, options: { id: "x" } }, b: { ...t, options: { id: "x" } } },
    "DUPLICATE_ID_IN_BATCH",
    "Cannot enqueue jobs as the ids of a batch must differ: 'x' is there twice",
  ],
];

for (const [what, graph, code, message] of wrong) {
  Deno.test(`enqueueGraph refuses a graph that is or has ${what}`, async () => {
    const error = await refusal(graph);
    assertEquals(error.code, code, error.message);
    assertEquals(error.message.slice(0, message.length), message);
  });
}

Deno.test("a message about a parent that is there twice names it as the caller did", async () => {
  const { message } = await refusal({ a: t, b: { ...t, dependsOn: ["a", "a"] } });
  assertEquals(message.endsWith("must name each job once: current value is 'a'"), true, message);
});

Deno.test("a bad id is blamed on the job that has it, not on one that waits for it", async () => {
  const { message } = await refusal({
    child: { ...t, dependsOn: ["bad"] },
    bad: { ...t, options: { id: "a:b" } },
  });
  assertEquals(message.startsWith("Job 'bad': "), true, message);
});

Deno.test("enqueueGraph refuses a key that is there twice", async () => {
  const options = { unique: { key: "k" } };
  const error = await refusal({ a: { ...t, options }, b: { ...t, options } });
  assertInstanceOf(error, DuplicateIdInBatchError);
  assertEquals(
    error.message,
    "Cannot enqueue jobs as the unique keys of a batch must differ: 't:k' is there twice",
  );
});

Deno.test("enqueueGraph takes 10000 jobs and refuses 10001", async () => {
  await using world = new World();
  const graph = (size: number): GraphNodes =>
    Object.fromEntries(Array.from({ length: size }, (_, i) => [`n${i}`, t]));
  const handles = await world.client.enqueueGraph(graph(10_000));
  assertEquals(Object.keys(handles).length, 10_000);
  const error = await refusal(graph(10_001));
  assertInstanceOf(error, GraphTooLargeError);
  assertEquals([error.code, error.message], [
    "GRAPH_TOO_LARGE",
    "Cannot enqueue graph as it must have at most 10000 jobs: current value is 10001; " +
    "enqueue a part of it, and let a job of that part enqueue the rest",
  ]);
});

Deno.test("enqueueGraph takes 100000 edges and refuses 100001", async () => {
  await using world = new World();
  const parents = Array.from({ length: 1000 }, (_, i) => `p${i}`);
  const roots = Object.fromEntries(parents.map((name) => [name, t]));
  const child = { ...t, dependsOn: parents };
  const children = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`c${i}`, child]));
  const handles = await world.client.enqueueGraph({ ...roots, ...children });
  assertEquals(handles["c99"]?.status, "deferred");
  const more = { ...t, dependsOn: ["p0"] };
  const error = await refusal({ ...roots, ...children, more });
  assertInstanceOf(error, GraphTooLargeError);
  assertEquals(error.message.includes("at most 100000 edges: current value is 100001"), true);
});

Deno.test("a graph with a parent that is not in the store is not written", async () => {
  const graph = { b: { ...t, dependsOn: ["a", { id: "gone" }] }, a: t };
  const error = await refusal(graph);
  assertInstanceOf(error, MissingParentError);
  assertEquals([error.parent, error.message.startsWith("Job 'b': Cannot enqueue job as its")], [
    "gone",
    true,
  ]);
});

Deno.test("a graph with an id that is in use is not written", async () => {
  const error = await refusal(
    { b: { ...t, options: { id: "taken" }, dependsOn: ["a"] }, a: t },
    ({ client }) => client.enqueue("t", null, { id: "taken" }),
  );
  assertInstanceOf(error, DuplicateJobError);
  assertEquals([error.existing.id, error.existing.isNew], ["taken", false]);
  assertEquals(error.message.startsWith("Job 'b': Cannot enqueue jobs as no id of a batch"), true);
});

Deno.test("a graph with a key that is in use is not written", async () => {
  const options = { unique: { key: "k" } };
  const error = await refusal(
    { a: { ...t, options } },
    ({ client }) => client.enqueue("t", null, { id: "owner", ...options }),
  );
  assertInstanceOf(error, DuplicateJobError);
  assertEquals(
    error.message,
    "Job 'a': Cannot enqueue jobs as no unique key of a batch may be in use: job 'owner' has it " +
      "and is ready; none was written, take another unique key or leave the job out",
  );
});

for (const [when, schema] of [["at once", withNumber], ["later", withNumberLater]] as const) {
  Deno.test(`enqueueGraph names the first job that a schema refuses ${when}`, async () => {
    await using world = new World();
    const jobs = defineJobs({ n: checkedJob(schema) });
    const client = new Client({ store: world.store, jobs });
    const graph = {
      good: { type: "n", payload: { n: 1 } },
      bad: { type: "n", payload: {} as { n: number }, dependsOn: ["good"] },
    } as const;
    const error = await assertRejects(() => client.enqueueGraph(graph), InvalidPayloadError);
    assertEquals(error.message.startsWith("Job 'bad': Cannot enqueue job as its payload"), true);
    const other = { x: { type: "other" } } as unknown as typeof graph;
    const unknown = await assertRejects(() => client.enqueueGraph(other), GqmError);
    assertEquals(unknown.message.startsWith("Job 'x': Cannot enqueue job as 'type' must"), true);
    assertEquals(await world.store.counts(), []);
  });
}
