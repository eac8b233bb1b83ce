import { assertEquals } from "@std/assert";
import { type Clock, memoryStore, Server } from "../../../mod.ts";
import { systemClock } from "../../../src/clock.ts";
import { newJob } from "../../../src/testing/conformance/builders.ts";

Deno.test("a job whose lease ended while its server stood still between two starts is not started", async () => {
  let stoodStillMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + stoodStillMs,
    mono: () => systemClock.mono() + stoodStillMs,
    after: (ms, call) => systemClock.after(ms, call),
  };
  const store = memoryStore({ clock });
  await store.open();
  await store.enqueue([[newJob("a"), newJob("b")]]);
  const started: string[] = [];
  let taken: Promise<readonly string[]> | undefined;
  await using server = new Server({ store, clock, leaseMs: 1000, logLevel: "silent" });
  server.handle("work", async ({ job: { id } }) => {
    started.push(id);
    if (id !== "a") return;
    stoodStillMs = 2000;
    taken = (async () => {
      await store.reap({ limit: 10, maxDeliveries: 10 });
      const sources = [{ queue: "default", types: ["work"], share: 9 }];
      const holder = { server: "other", pool: "other", leaseMs: 60_000 };
      return (await store.claim({ ...holder, sources, limit: 9 })).jobs.map(({ id }) => id);
    })();
    await taken; // else this server would claim them again before the other
  }, { concurrency: 2 });
  await server.start();
  await server.drain();
  assertEquals(await taken, ["a", "b"]);
  assertEquals(started, ["a"]);
});
