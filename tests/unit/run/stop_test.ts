import { assertEquals, assertInstanceOf } from "@std/assert";
import { ShutdownError } from "../../../src/run/errors.ts";
import { Cancel, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";
import { gate, never, untilAborted, World } from "../../support/world.ts";

/** Starts to stop a server, and tells whether it has. */
function stopping(
  server: { stop(options?: object): Promise<void> },
  options?: object,
): { readonly done: boolean; readonly ended: Promise<void> } {
  const state = { done: false, ended: server.stop(options) };
  state.ended.then(() => state.done = true);
  return state;
}

Deno.test("stop waits for running jobs and claims no more", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server();
  server.handle("t", () => opened.then(() => "done"), { concurrency: 1 });
  await server.start();
  const [first, second] = [await world.client.enqueue("t"), await world.client.enqueue("t")];
  await world.flush();
  const stop = stopping(server);
  await world.clock.advance(29_000);
  assertEquals(stop.done, false);
  open();
  await stop.ended;
  assertEquals((await world.record(first.id)).status, "completed");
  assertEquals((await world.record(second.id)).status, "ready");
});

Deno.test("stop aborts running jobs with ShutdownError after shutdownTimeoutMs", async () => {
  await using world = new World();
  let reason: unknown;
  const server = world.server({ shutdownTimeoutMs: 2000, graceMs: 500 });
  server.handle("t", ({ signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
        resolve("finished in time");
      });
    }));
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  const stop = stopping(server);
  await world.clock.advance(1999);
  assertEquals(reason, undefined);
  await world.clock.advance(1);
  assertInstanceOf(reason, ShutdownError);
  assertEquals([reason.name, reason.code], ["ShutdownError", "SHUTDOWN"]);
  await stop.ended;
  assertEquals(await handle.result(), "finished in time", "success within grace counts");
});

const thrown: readonly [string, unknown, string, number][] = [
  ["the signal's reason", undefined, "ready", 0],
  ["another error", new Error("cleaned up"), "ready", 0],
  ["SkipRetry", new SkipRetry("useless"), "dead_letter", 1],
  ["Cancel", new Cancel("unwanted"), "canceled", 1],
  ["RetryAfter", new RetryAfter(5), "retry", 1],
  ["SkipRetry as a cause", new Error("x", { cause: new SkipRetry("useless") }), "dead_letter", 1],
];

for (const [what, error, status, attempts] of thrown) {
  Deno.test(`a job that throws ${what} after the abort is ${status}`, async () => {
    await using world = new World();
    const called: string[] = [];
    const server = world.server({ shutdownTimeoutMs: 100, graceMs: 500, maxRetry: 0 });
    const { id } = await world.client.enqueue("t", null, { maxRetry: 5 });
    server.handle("t", (context) =>
      untilAborted(context).catch((reason) => {
        throw error ?? reason;
      }), { onComplete: ({ status }) => called.push(status) });
    await server.start();
    await world.flush();
    await world.drive(server.stop(), 50);
    const record = await world.record(id);
    assertEquals([record.status, record.attemptsMade, record.deliveries], [status, attempts, 0]);
    assertEquals(called, status === "ready" ? [] : [status]);
  });
}

Deno.test("stop gives back what is left after graceMs, without burning an attempt", async () => {
  await using world = new World();
  const server = world.server({ shutdownTimeoutMs: 1000, graceMs: 300 });
  server.handle("t", never);
  await server.start();
  const { id } = await world.client.enqueue("t", null, { maxRetry: 0 });
  await world.flush();
  const stop = stopping(server);
  await world.clock.advance(1299);
  assertEquals([stop.done, (await world.record(id)).status], [false, "processing"]);
  await world.clock.advance(1);
  await stop.ended;
  const record = await world.record(id);
  assertEquals([record.status, record.attemptsMade, record.retryCount, record.deliveries], [
    "ready",
    0,
    0,
    0,
  ]);
});

Deno.test("a job given back runs on the next server, at its old place", async () => {
  await using world = new World();
  const seen: string[] = [];
  const one = world.server({ shutdownTimeoutMs: 0, graceMs: 0 });
  one.handle("t", never, { concurrency: 1 });
  await one.start();
  await world.client.enqueue("t", "first");
  await world.flush();
  const last = await world.client.enqueue("t", "second");
  await world.drive(one.stop());
  const two = world.server();
  two.handle("t", ({ job }) => void seen.push(`${job.payload} ${job.attempt}`), { concurrency: 1 });
  await two.start();
  await last.result();
  assertEquals(seen, ["first 1", "second 1"]);
});

Deno.test("stop takes other times than the server's", async () => {
  await using world = new World();
  const server = world.server({ shutdownTimeoutMs: 60_000, graceMs: 60_000 });
  server.handle("t", never);
  await server.start();
  await world.client.enqueue("t");
  await world.flush();
  const stop = stopping(server, { shutdownTimeoutMs: 10, graceMs: 5 });
  await world.clock.advance(14);
  assertEquals(stop.done, false);
  await world.clock.advance(1);
  await stop.ended;
});

Deno.test("stop gives the same promise when called twice", async () => {
  await using world = new World();
  const server = world.server();
  await server.start();
  const [first, second] = [server.stop(), server.stop({ graceMs: 5 })];
  assertEquals(first === second, true);
  await world.drive(first);
  assertEquals(server.stop() === first, true, "also afterwards");
});

Deno.test("stop ends a server that was never started", async () => {
  await using world = new World();
  await world.server().stop();
});

Deno.test("await using stops the server", async () => {
  await using world = new World();
  {
    await using server = world.server().handle("t", () => 1);
    await server.start();
  }
  const handle = await world.client.enqueue("t");
  await world.clock.advance(60_000);
  assertEquals((await world.record(handle.id)).status, "ready");
});

Deno.test("a claim answered after stop runs nothing and is given back", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let runs = 0;
  const server = world.server().handle("t", () => runs++);
  await server.start();
  await world.flush();
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    await opened;
    return reply;
  });
  const { id } = await world.client.enqueue("t");
  await world.flush();
  const stop = stopping(server);
  await world.flush();
  open();
  await world.flush();
  assertEquals([stop.done, runs], [true, 0]);
  const record = await world.record(id);
  assertEquals([record.status, record.attemptsMade], ["ready", 0]);
});

for (const verb of ["settle", "claim", "heartbeat", "reap"] as const) {
  for (const how of ["fails", "hangs"] as const) {
    Deno.test(`stop ends within its times when the store's ${verb} ${how}`, async () => {
      await using world = new World();
      const server = world.server({ shutdownTimeoutMs: 1000, graceMs: 500, leaseMs: 900 });
      server.handle("t", untilAborted);
      await server.start();
      await world.client.enqueue("t");
      await world.flush();
      const { opened, open } = gate();
      const down = (): Promise<never> =>
        how === "fails"
          ? Promise.reject(new Error("down"))
          : opened.then(() => Promise.reject(new Error("down")));
      world.store.on(verb, down);
      await world.client.enqueue("t");
      await world.clock.advance(2000);
      const stop = stopping(server);
      // 10 s are what stop gives a store that does not answer.
      await world.clock.advance(1000 + 500 + 10_000 + 1000);
      const { done } = stop;
      world.store.on(verb, undefined);
      open();
      assertEquals(done, true);
    });
  }
}

const VERBS = ["settle", "claim", "heartbeat", "reap", "promote", "prune", "leave"] as const;

Deno.test("stop ends within its times when no call of the store is answered", async () => {
  await using world = new World();
  const server = world.server({ shutdownTimeoutMs: 1000, graceMs: 500, leaseMs: 900 });
  server.handle("t", untilAborted);
  await server.start();
  await world.client.enqueue("t");
  await world.flush();
  const { opened, open } = gate();
  const hang = (): Promise<never> => opened.then(() => Promise.reject(new Error("down")));
  for (const verb of VERBS) world.store.on(verb, hang);
  await world.clock.advance(2000);
  const stop = stopping(server);
  await world.clock.advance(1000 + 500 + 10_000 + 1000);
  const { done } = stop;
  for (const verb of VERBS) world.store.on(verb, undefined);
  open();
  await world.drive(stop.ended);
  assertEquals(done, true);
});

Deno.test("heartbeats go on while stop waits", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server({ leaseMs: 900, shutdownTimeoutMs: 60_000 });
  server.handle("t", () => opened.then(() => "done"));
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  const stop = stopping(server);
  await world.clock.advance(20_000);
  open();
  await world.drive(stop.ended);
  assertEquals([await handle.result(), (await world.record(handle.id)).deliveries], ["done", 0]);
});

for (
  const options of [{ graceMs: -1 }, { shutdownTimeoutMs: NaN }, { shutdownTimeoutMs: "5" }, {
    timeoutMs: 5,
  }]
) {
  Deno.test(`stop refuses the options ${JSON.stringify(options)}`, async () => {
    await using world = new World();
    const server = world.server();
    await server.start();
    let code = "";
    try {
      await world.drive(server.stop(options as object));
    } catch (error) {
      code = (error as { code: string }).code;
    }
    assertEquals(code, "INVALID_OPTION");
  });
}
