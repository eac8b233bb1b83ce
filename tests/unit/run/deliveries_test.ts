import { assertEquals, assertLessOrEqual } from "@std/assert";
import type { Server } from "../../../src/run/server.ts";
import { never, World } from "../../support/world.ts";

/**
 * Lets no call of a server reach the store, as if its process had died.
 *
 * @returns Brings it back to life: the calls under way fail, the next ones work.
 */
function kill(world: World, server: Server): () => void {
  const { store } = world;
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => {});
  store.on("heartbeat", ({ args: [request], run }) => request.server === server.id ? lost : run());
  store.on("claim", ({ args: [request], run }) => request.server === server.id ? lost : run());
  store.on("settle", ({ args: [{ claim }], run }) => claim?.server === server.id ? lost : run());
  return () => {
    for (const verb of ["heartbeat", "settle", "claim"] as const) store.on(verb, undefined);
    reject(new Error("connection reset"));
  };
}

for (const leaseMs of [1000, 15_000, 60_000]) {
  for (const after of [0, 0.5, 0.99]) {
    Deno.test(`a dead server's job runs elsewhere within a lease of ${leaseMs} ms + 1 s, dead after ${after} of one`, async () => {
      await using world = new World();
      const ranBy: [server: string, at: number][] = [];
      const make = (): Server => {
        const server: Server = world.server({ leaseMs });
        server.handle("t", ({ job }) => {
          ranBy.push([server.id, world.clock.mono()]);
          return job.attempt === 1 ? never() : "saved";
        });
        return server;
      };
      const [one, two] = [make(), make()];
      await one.start();
      const handle = await world.client.enqueue("t", null, { timeoutMs: 3_600_000 });
      await world.flush();
      await two.start();
      await world.clock.advance(Math.floor(leaseMs * after));
      const diedAt = world.clock.mono();
      const revive = kill(world, one);
      await world.clock.advance(leaseMs + 1000);
      revive();
      assertEquals(ranBy.map(([id]) => id), [one.id, two.id]);
      assertLessOrEqual(ranBy[1]![1] - diedAt, leaseMs + 1000);
      assertEquals(await handle.result(), "saved");
      const { deliveries, retryCount, attempts } = await world.record(handle.id);
      assertEquals([deliveries, retryCount], [1, 0], "a crash is a delivery, not a retry");
      assertEquals(attempts.map(({ outcome, server }) => [outcome, server === one.id]), [
        ["lost", true],
        ["completed", false],
      ]);
    });
  }
}

Deno.test("a job that kills its servers is dead-lettered at maxDeliveries", async () => {
  await using world = new World();
  const runs: number[] = [];
  const server = world.server({ leaseMs: 1000, maxDeliveries: 3 });
  // Its heartbeats do not arrive; another server sees its leases end.
  world.store.on(
    "heartbeat",
    ({ args: [{ server: id }], run }) =>
      id === server.id ? Promise.reject(new Error("dead")) : run(),
  );
  await world.server({ leaseMs: 1000, maxDeliveries: 3 }).start();
  server.handle("poison", ({ job }) => {
    runs.push(job.deliveries);
    return never();
  }).handle("good", () => "fine");
  await server.start();
  const handle = await world.client.enqueue("poison", null, { maxRetry: 100 });
  await world.flush();
  await world.clock.advance(20_000);
  const record = await world.record(handle.id);
  assertEquals([record.status, record.deliveries, record.retryCount], ["dead_letter", 3, 0]);
  assertEquals(runs, [0, 1, 2]);
  assertEquals(record.attempts.map(({ outcome }) => outcome), ["lost", "lost", "lost"]);
  assertEquals(record.error?.includes("presumed dead"), true, `${record.error}`);
  assertEquals(await (await world.client.enqueue("good")).result(), "fine");
});

Deno.test("failures and deliveries are counted apart", async () => {
  await using world = new World();
  const server = world.server({ leaseMs: 1000, backoff: { type: "fixed", baseMs: 0 } });
  await world.server({ leaseMs: 1000 }).start();
  server.handle("t", ({ job }) => {
    if (job.attempt === 2) return never();
    if (job.attempt < 4) throw new Error("x");
    return [job.deliveries, job.retryCount];
  });
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  world.store.on(
    "heartbeat",
    ({ args: [{ server: id }], run }) =>
      id === server.id ? Promise.reject(new Error("dead")) : run(),
  );
  await world.clock.advance(3000);
  world.store.on("heartbeat", undefined);
  assertEquals(await world.drive(handle.result()), [1, 2]);
});

Deno.test("a server that comes back after its lease settles nothing of the old claim", async () => {
  await using world = new World();
  const { promise, resolve } = Promise.withResolvers<string>();
  const one = world.server({ leaseMs: 1000 });
  one.handle("t", () => promise);
  await one.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  const revive = kill(world, one);
  const two = world.server({ leaseMs: 1000 });
  two.handle("t", () => "by the second");
  await two.start();
  await world.clock.advance(2000);
  revive();
  resolve("by the first, too late");
  await world.clock.advance(2000);
  assertEquals(await handle.result(), "by the second");
  assertEquals((await world.record(handle.id)).attemptsMade, 2);
});
