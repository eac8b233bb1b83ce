import { assertEquals, assertInstanceOf } from "@std/assert";
import { JobCanceledError } from "../../../src/run/errors.ts";
import { failAfter, failBefore } from "../../support/decorated_store.ts";
import { gate, untilAborted, World } from "../../support/world.ts";

const leaseMs = 30_000;

Deno.test("many cancels at once reach every handler", async () => {
  await using world = new World();
  let aborted = 0;
  await world.server({ leaseMs }).handle("t", async (context) => {
    await untilAborted(context).catch(() => aborted++);
  }, { concurrency: 50 }).start();
  await world.client.enqueueMany(Array.from({ length: 50 }, () => ({ type: "t" })));
  await world.flush();
  const { changed } = await world.client.control.cancelAll({ status: "processing" });
  await world.flush();
  assertEquals([changed, aborted], [50, 50]);
});

for (const [how, hook] of [["fails", failBefore], ["gets no answer", failAfter]] as const) {
  Deno.test(`a cancel is noticed with a later heartbeat when the first one ${how}`, async () => {
    await using world = new World();
    let reason: unknown;
    await world.server({ leaseMs }).handle("t", (context) => {
      return untilAborted(context).catch((why) => reason = why);
    }).start();
    const { id } = await world.client.enqueue("t");
    await world.flush();
    const before = world.store.calls("heartbeat").length;
    world.store.on("heartbeat", hook((n) => n === before + 1));
    await world.client.control.cancel(id);
    await world.flush();
    assertEquals(reason, undefined);
    await world.clock.advance(leaseMs / 3);
    await world.flush();
    assertInstanceOf(reason, JobCanceledError);
  });
}

Deno.test("heartbeats that fail for a lease after a cancel was told change nothing for that job", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const reasons: unknown[] = [];
  await world.server({ leaseMs }).handle("t", async ({ signal }) => {
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    await opened;
  }, { graceMs: 1e9 }).start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.cancel(id);
  await world.flush();
  world.store.on("heartbeat", () => Promise.reject(new Error("down")));
  await world.clock.advance(3 * leaseMs);
  assertEquals(reasons.map((reason) => reason instanceof JobCanceledError), [true]);
  assertEquals(world.logger.saying("Lease lost, result dropped"), []);
  open();
  await world.flush();
  assertEquals(world.logger.saying("Job was canceled while it ran").length, 1);
});

Deno.test("a store that cannot tell of cancels is noticed, and cancels come with the heartbeats", async () => {
  await using world = new World();
  const watchClaims = (): never => {
    throw new Error("no such verb");
  };
  const store = new Proxy(world.store, {
    get: (target, name) => {
      if (name === "watchClaims") return watchClaims;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  let reason: unknown;
  const server = world.server({ store, leaseMs });
  await server.handle("t", (context) => untilAborted(context).catch((why) => reason = why)).start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  assertEquals(world.logger.saying("Cancels cannot be watched").length, 1);
  await world.client.control.cancel(id);
  await world.clock.advance(leaseMs / 3);
  await world.flush();
  assertInstanceOf(reason, JobCanceledError);
});
