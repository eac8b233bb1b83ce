import { assertEquals, assertMatch } from "@std/assert";
import { Cancel, Client, memoryStore, type ServerEvent, SkipRetry } from "../../../mod.ts";
import { failBefore } from "../../support/decorated_store.ts";
import { World } from "../../support/world.ts";

/** What a test compares of an event. */
function short(event: ServerEvent): string {
  const { event: name } = event;
  if (!("id" in event)) return "pool" in event ? `${name} ${event.pool}` : name;
  const more = "error" in event ? ` '${event.error}'` : "value" in event ? ` ${event.value}` : "";
  return `${name} ${event.id} ${event.attempt}${more}`;
}

Deno.test("Server.on tells how each attempt begins and ends, in its order", async () => {
  await using world = new World();
  const server = world.server({
    maxRetry: 1,
    backoff: { type: "fixed", baseMs: 100, jitter: 0 },
  });
  server.handle("ends", async ({ job, progress }) => {
    switch (job.payload) {
      case "completes":
        return await progress(0.5);
      case "cancels":
        throw new Cancel("not needed");
      case "skips":
        throw new SkipRetry("no use");
      default:
        throw new Error("failed");
    }
  });
  const told: string[] = [];
  server.on("*", (event) => told.push(short(event)));
  await server.start();
  for (const how of ["completes", "cancels", "skips", "fails"]) {
    await world.client.enqueue("ends", how, { id: how });
    await world.flush();
  }
  await world.clock.advance(100);
  await world.drive(server.stop());
  assertEquals(told, [
    "pool.started default",
    "server.started",
    "job.started completes 1",
    "job.progress completes 1 0.5",
    "job.completed completes 1",
    "job.started cancels 1",
    "job.canceled cancels 1 'not needed'",
    "job.started skips 1",
    "job.dead_lettered skips 1 'no use'",
    "job.started fails 1",
    "job.retried fails 1 'failed'",
    "job.started fails 2",
    "job.dead_lettered fails 2 'failed'",
    "server.stopping",
    "pool.stopping default",
    "pool.stopped default",
    "server.stopped",
  ]);
});

Deno.test("Server.on tells of a job that was canceled, lost or given back while it ran", async () => {
  await using world = new World();
  const server = world.server({ shutdownTimeoutMs: 0, graceMs: 0, leaseMs: 3000 });
  const names: string[] = [];
  server.handle(
    "waits",
    ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  for (const event of ["job.canceled", "job.lost", "job.released"] as const) {
    server.on(
      event,
      ({ id, type, queue, pool }) => names.push([event, id, type, queue, pool].join(" ")),
    );
  }
  await server.start();
  for (const id of ["a", "b", "c"]) await world.client.enqueue("waits", null, { id });
  await world.flush();
  await world.client.control.cancel("a");
  await world.until(() => names.length === 1, "the cancel is told");
  world.store.on("heartbeat", async ({ args: [{ holds }], run }) => ({
    ...await run(),
    lost: holds.filter(({ id }) => id === "b"),
  }));
  await world.clock.advance(1000);
  await world.drive(server.stop());
  assertEquals(names, [
    "job.canceled a waits default default",
    "job.lost b waits default default",
    "job.released c waits default default",
  ]);
});

Deno.test("Server.on tells of an end only when the store has confirmed it", async () => {
  await using world = new World();
  const server = world.server();
  server.handle("work", () => {});
  const told: string[] = [];
  server.on("*", (event) => told.push(event.event));
  await server.start();
  await world.flush();
  told.length = 0;
  world.store.on("settle", failBefore((n) => n === 1));
  await world.client.enqueue("work");
  await world.flush();
  assertEquals(told, ["job.started", "store.failed"]);
  await world.clock.advance(1000);
  assertEquals(told, ["job.started", "store.failed", "job.completed"]);
});

Deno.test("Server.on tells of heartbeats that failed and of results that are not kept", async () => {
  await using world = new World();
  const server = world.server({ leaseMs: 3000 });
  server.handle("large", () => "x".repeat(2 ** 21));
  const told: string[] = [];
  server.on("lease.failed", ({ error }) => told.push((error as Error).message));
  server.on("job.result_dropped", ({ id, reason }) => told.push(`${id}: ${reason}`));
  await server.start();
  await world.client.enqueue("large", null, { id: "a" });
  await world.flush();
  world.store.on("heartbeat", failBefore(() => true));
  await world.clock.advance(1000);
  assertEquals(told.length, 2);
  assertMatch(told[0]!, /^a: it has \d+ bytes/);
  assertEquals(told[1], "down");
});

Deno.test("Server.on has no listener hold up a job or hurt another", async () => {
  await using world = new World();
  const server = world.server();
  server.pool({ name: "one", concurrency: 1 });
  server.handle("work", () => {});
  const told: string[] = [];
  server.on("job.completed", () => new Promise(() => {}));
  server.on("job.completed", () => {
    throw new Error("thrown");
  });
  server.on("job.completed", ({ id }) => told.push(id));
  await server.start();
  for (const id of ["a", "b"]) await world.client.enqueue("work", null, { id });
  await server.drain();
  assertEquals(told, ["a", "b"]);
});

Deno.test("Client.on tells of jobs that are enqueued, by whatever call", async () => {
  await using client = new Client({ store: memoryStore() });
  const told: string[] = [];
  client.on(
    "job.enqueued",
    ({ id, type, status, isNew }) => told.push([id, type, status, isNew].join(" ")),
  );
  await client.enqueue("one", 1, { id: "a" });
  await client.enqueue("one", 1, { id: "a", onConflict: "existing" });
  await client.enqueueMany([{ type: "two", options: { id: "b", delayMs: 10 } }]);
  const graph = await client.enqueueGraph({ first: { type: "three" } });
  const background = client.background();
  background.add("four", 4, { id: "d" });
  await background.flush();
  assertEquals(told, [
    "a one ready true",
    "a one ready false",
    "b two scheduled true",
    `${graph.first.id} three ready true`,
    "d four ready true",
  ]);
});

Deno.test("Client.on tells of jobs that failed in the background", async () => {
  await using client = new Client({ store: memoryStore() });
  const [told, failed]: [string[], string[]] = [[], []];
  client.on("background.failed", ({ id, type }) => told.push(`${id} ${type}`));
  const background = client.background({ onError: (_error, { type }) => failed.push(type) });
  background.add("work", 1n, { id: "a" });
  await background.flush();
  await undefined;
  assertEquals([told, failed], [["a work"], ["work"]]);
});
