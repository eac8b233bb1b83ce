import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { Control } from "../../../src/control/control.ts";
import { JobRefusedError } from "../../../src/control/errors.ts";
import { Client } from "../../../src/enqueue/client.ts";
import { ClientClosedError } from "../../../src/enqueue/errors.ts";
import { JobFailedError } from "../../../src/enqueue/handle.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { World } from "../../support/world.ts";

/** Runs all there is, one by one, and gives the payloads in their order. */
async function runAll(world: World): Promise<unknown[]> {
  const seen: unknown[] = [];
  const server = world.server().handle("t", ({ job }) => void seen.push(job.payload));
  server.pool({ name: "one", types: ["t"], concurrency: 1 });
  await server.start();
  await world.flush();
  return seen;
}

Deno.test("cancel gives the job its reason as error, 'canceled' unless told otherwise", async () => {
  await using world = new World();
  const { control } = world.client;
  const [a, b, c] = await world.client.enqueueMany([{ type: "t" }, { type: "t" }, { type: "t" }]);
  await control.cancel(a.id, { reason: "not needed" });
  await control.cancel(b.id);
  await control.cancel(c.id, { reason: "x".repeat(1000) });
  const error = await assertRejects(() => a.result(), JobFailedError);
  assertEquals([error.job.status, error.job.error], ["canceled", "not needed"]);
  assertEquals((await b.job())?.error, "canceled");
  assertEquals((await c.job())?.error?.length, 1000);
  assertEquals(await control.cancel(a.id, { reason: "other" }), false);
  assertEquals((await a.job())?.error, "not needed", "the first reason counts");
});

Deno.test("cancel cancels the children, as the edges say, and tells which parent it was", async () => {
  await using world = new World();
  const { client } = world;
  const parent = await client.enqueue("t");
  const child = await client.enqueue("t", null, { dependsOn: [parent] });
  const other = await client.enqueue("t", null, {
    dependsOn: [{ id: parent.id, onFailure: "continue" }],
  });
  await client.control.cancel(parent.id);
  const [first, second] = [await child.job(), await other.job()];
  assertEquals([first?.status, first?.canceledBy, first?.error], [
    "canceled",
    parent.id,
    `Parent '${parent.id}' ended as canceled`,
  ]);
  assertEquals(second?.status, "ready");
});

Deno.test("retry lets a job run again with all its retries, and another payload if told so", async () => {
  await using world = new World();
  const { client } = world;
  const server = world.server({ maxRetry: 1, backoff: { type: "fixed", baseMs: 1 } });
  server.handle("t", ({ job }) => {
    if (job.payload !== "good") throw new Error(`bad ${job.attempt}`);
    return "done";
  });
  await server.start();
  const handle = await client.enqueue("t", "bad");
  await world.drive(handle.result().catch(() => {}), 1);
  assertEquals((await handle.job())?.attempt, 2);
  assertEquals(await client.control.retry(handle.id), true);
  await world.drive(handle.result().catch(() => {}), 1);
  const again = await handle.job();
  assertEquals([again?.status, again?.attempt, again?.retryCount], ["dead_letter", 4, 1]);
  assertEquals(await client.control.retry(handle.id, { payload: "good" }), true);
  assertEquals(await handle.result(), "done");
  assertEquals((await handle.job())?.attempt, 5, "its attempts stay");
});

Deno.test("retry is refused while a parent has failed; with revive the parent brings it back", async () => {
  await using world = new World();
  const { client } = world;
  const parent = await client.enqueue("t", "parent", { id: "parent" });
  const child = await client.enqueue("t", "child", { id: "child", dependsOn: [parent] });
  const below = await client.enqueue("t", "below", { dependsOn: [child] });
  await client.control.cancel("parent");
  const error = await assertRejects(() => client.control.retry("child"), JobRefusedError);
  assertEquals([error.reason, error.by, error.status], ["parent", "parent", "canceled"]);
  assertEquals(
    error.message,
    "Cannot retry job as its parents must not have failed: parent 'parent' of job 'child' has, " +
      "or is gone; retry that one first, with 'revive'",
  );
  assertEquals(await client.control.retry("parent", { revive: true }), true);
  assertEquals([(await child.job())?.status, (await below.job())?.status], [
    "deferred",
    "deferred",
  ]);
  assertEquals(await runAll(world), ["parent", "child", "below"]);
});

Deno.test("retry without revive leaves the children canceled", async () => {
  await using world = new World();
  const { client } = world;
  const parent = await client.enqueue("t");
  const child = await client.enqueue("t", null, { dependsOn: [parent] });
  await client.control.cancel(parent.id);
  await client.control.retry(parent.id, { revive: false });
  assertEquals([(await parent.job())?.status, (await child.job())?.status], ["ready", "canceled"]);
});

Deno.test("retry is refused while another job has the unique key", async () => {
  await using world = new World();
  const { client } = world;
  const options = { unique: { key: "k" } };
  await client.enqueue("t", 1, { ...options, id: "first" });
  await client.control.cancel("first");
  await client.enqueue("t", 2, { ...options, id: "second" });
  const error = await assertRejects(() => client.control.retry("first"), JobRefusedError);
  assertEquals([error.reason, error.by], ["duplicate", "second"]);
  assertEquals(
    error.message,
    "Cannot retry job as no other job may have its unique key: job 'second' has that of job 'first'",
  );
});

Deno.test("setPriority moves a job to the end of its new line, setPayload keeps its place", async () => {
  await using world = new World();
  const { control } = world.client;
  const handles = await world.client.enqueueMany(
    ["a", "b", "c", "d"].map((payload) => ({ type: "t", payload })),
  );
  const [, b, c, d] = handles.map(({ id }) => id);
  assertEquals(await control.setPriority(d!, 5), true);
  assertEquals(await control.setPriority(c!, 5), true);
  assertEquals(await control.setPriority(c!, 5), false, "it has that already");
  assertEquals(await control.setPayload(b!, "B"), true);
  assertEquals(await runAll(world), ["d", "c", "a", "B"]);
});

Deno.test("promote runs a delayed job now", async () => {
  await using world = new World();
  const { id } = await world.client.enqueue("t", "late", { delayMs: 1e6 });
  const seen = await runAll(world);
  assertEquals(await world.client.control.promote(id), true);
  await world.flush();
  assertEquals(seen, ["late"]);
});

const large = "x".repeat(1 << 20);
const wrong: readonly [string, (control: Control) => Promise<unknown>, string][] = [
  ["cancel", (c) => c.cancel("a:b"), "Cannot cancel job as 'id' must be 1 to 256 of"],
  ["cancel", (c) => c.cancel(""), "Cannot cancel job as 'id' must be"],
  ["cancel", (c) => c.cancel("a", { reason: 5 as unknown as string }), "'reason' must be a string"],
  ["cancel", (c) => c.cancel("a", { reason: "x".repeat(1001) }), "of at most 1000 characters"],
  ["cancel", (c) => c.cancel("a", { why: "x" } as object), "'why' must not be given"],
  ["cancel", (c) => c.cancel("a", null as unknown as object), "'options' must be an object"],
  ["retry", (c) => c.retry(5 as unknown as string), "Cannot retry job as 'id' must be"],
  ["retry", (c) => c.retry("a", { payload: 1n }), "Cannot retry job as 'payload' must be JSON"],
  ["retry", (c) => c.retry("a", { payload: { f: () => 1 } }), "'payload.f' must be JSON"],
  ["retry", (c) => c.retry("a", { payload: large }), "must be at most 1048576 bytes of JSON"],
  ["retry", (c) => c.retry("a", { revive: 1 } as object), "'revive' must be true or false"],
  ["retry", (c) => c.retry("a", { all: true } as object), "'all' must not be given"],
  ["remove", (c) => c.remove("a b"), "Cannot remove job as 'id' must be"],
  ["promote", (c) => c.promote("a b"), "Cannot promote job as 'id' must be"],
  ["setPriority", (c) => c.setPriority("a b", 1), "Cannot change priority of job as 'id' must"],
  [
    "setPriority",
    (c) => c.setPriority("a", 31),
    "'priority' must be a whole number from -30 to 30",
  ],
  ["setPriority", (c) => c.setPriority("a", NaN), "'priority' must be a whole number from -30"],
  ["setPayload", (c) => c.setPayload("a b", 1), "Cannot change payload of job as 'id' must"],
  [
    "setPayload",
    (c) => c.setPayload("a", NaN),
    "Cannot change payload of job as 'payload' must be",
  ],
  ["setPayload", (c) => c.setPayload("a", large), "must be at most 1048576 bytes of JSON"],
];

for (const [verb, call, message] of wrong) {
  Deno.test(`${verb} refuses what breaks a rule: ${message}`, async () => {
    await using world = new World();
    const error = await assertRejects(() => call(world.client.control));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(error.message.includes(message), true, error.message);
    assertEquals(world.store.calls("act").length, 0, "the store was not asked");
  });
}

const closed: readonly [string, (control: Control) => Promise<unknown>][] = [
  ["cancel job", (c) => c.cancel("a")],
  ["retry job", (c) => c.retry("a")],
  ["remove job", (c) => c.remove("a")],
  ["promote job", (c) => c.promote("a")],
  ["change priority of job", (c) => c.setPriority("a", 1)],
  ["change payload of job", (c) => c.setPayload("a", 1)],
  ["cancel jobs", (c) => c.cancelAll({ status: "ready" })],
  ["retry jobs", (c) => c.retryAll({ status: "dead_letter" })],
  ["remove jobs", (c) => c.removeAll({ status: "dead_letter" })],
  ["pause", (c) => c.pause({ queue: "q" })],
  ["resume", (c) => c.resume({ queue: "q" })],
  ["list what is paused", (c) => c.paused()],
  ["tell whether it is paused", (c) => c.isPaused({ queue: "q" })],
];

for (const [action, call] of closed) {
  Deno.test(`a client that is closed does not ${action}`, async () => {
    await using world = new World();
    const client = new Client({ store: world.store });
    await client.close();
    const error = await assertRejects(() => call(client.control), ClientClosedError);
    assertEquals(error.message, `Cannot ${action} as the client has been closed`);
  });
}
