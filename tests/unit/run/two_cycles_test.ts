import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../../src/clock.ts";
import { seededRng } from "../../../src/rng.ts";
import {
  AHEAD,
  assertRanOnce,
  draining,
  JOBS,
  listed,
  SLOTS,
  untilTwo,
} from "../../support/draining.ts";
import { drained, farWorld, trip } from "../../support/far_world.ts";
import type { Traffic } from "../../support/traffic.ts";
import { gate } from "../../support/world.ts";

for (const runMs of [0, 0.2]) {
  Deno.test(`a pool that claims ahead has two cycles under way, and holds no more than it may, handlers of ${runMs} ms`, async () => {
    await using world = farWorld(true);
    let ended = 0;
    const { server, traffic, seen } = await draining(world, {
      handler: async () => {
        if (runMs > 0) await sleep(world.clock, runMs);
        ended++;
      },
    });
    let most = 0;
    traffic.onSend = () => most = Math.max(most, traffic.asked + traffic.claimed - ended);
    await server.start();
    await drained(world, server);
    assertEquals(traffic.most, 2);
    assertEquals(most, SLOTS + AHEAD);
    assertEquals(seen, seen.toSorted((a, b) => a - b), "in order");
    await assertRanOnce(world, seen);
  });
}

Deno.test("the store always has work while a pool drains it", async () => {
  await using world = farWorld(true);
  const { server, traffic } = await draining(world);
  await server.start();
  await untilTwo(world, traffic);
  let steps = 0;
  let full = 0;
  for (; traffic.claimed < JOBS - SLOTS - AHEAD && steps < 1000; steps++) {
    await world.clock.advance(0.5);
    if (traffic.underWay.size === 2) full++;
  }
  assert(full > 0.9 * steps, `${full} of ${steps}`);
});

Deno.test("a pool has one cycle under way where the store is not pipelined", async () => {
  await using world = farWorld(false);
  const { server, traffic, seen } = await draining(world);
  await server.start();
  await drained(world, server);
  assertEquals(traffic.most, 1);
  await assertRanOnce(world, seen);
});

Deno.test("a pool that claims nothing ahead has one cycle under way", async () => {
  await using world = farWorld(true);
  const { server, traffic, seen } = await draining(world, { prefetch: 0 });
  await server.start();
  await drained(world, server);
  assertEquals(traffic.most, 1);
  await assertRanOnce(world, seen);
});

Deno.test("a pool has one cycle under way where limits let it claim nothing ahead", async () => {
  await using world = farWorld(true);
  await world.store.setLimit({ type: "other" }, { concurrency: 1 });
  const { server, traffic, seen } = await draining(world);
  await server.start();
  await drained(world, server);
  assertEquals(traffic.most, 1);
  await assertRanOnce(world, seen);
});

for (const seed of [1, 2, 3]) {
  Deno.test(`a pool runs each job once, in whatever order its cycles are carried out and answered, seed ${seed}`, async () => {
    await using world = farWorld(true);
    const { server, traffic, seen } = await draining(world);
    const rng = seededRng(seed);
    traffic.travel = async ({ run }) => {
      await sleep(world.clock, 6 * rng());
      const reply = await run();
      await sleep(world.clock, 6 * rng());
      return reply;
    };
    await server.start();
    await drained(world, server);
    assertEquals(traffic.most, 2);
    await assertRanOnce(world, seen);
  });
}

for (const moment of ["before", "after"] as const) {
  for (const failing of [1, 2]) {
    Deno.test(`${failing} of two cycles under way that fail ${moment} their work send nothing twice at once`, async () => {
      await using world = farWorld(true);
      const { server, traffic, seen } = await draining(world);
      let left = 0;
      traffic.onSend = ({ request }) => {
        const fences = [...traffic.underWay].flatMap(({ request }) => request.outcomes)
          .map(({ fence }) => fence);
        assertEquals(new Set(fences).size, fences.length, "an end is under way twice");
        assert(request.outcomes.length <= SLOTS + AHEAD);
      };
      traffic.travel = ({ run }) =>
        trip(world, async () => {
          const fails = left > 0 && left-- > 0;
          const reply = fails && moment === "before" ? undefined : await run();
          if (fails) throw new Error("down");
          return reply;
        });
      await server.start();
      await untilTwo(world, traffic);
      left = failing;
      // Claims whose reply was lost come back with the next heartbeat.
      for (let i = 0; seen.length < JOBS && i < 10_000; i++) await world.clock.advance(1);
      await drained(world, server);
      assertEquals(world.logger.saying("Store cannot be reached").length, 1, "one pause for both");
      await assertRanOnce(world, seen);
    });
  }
}

/** Keeps the answers of all cycles from now on. */
function keepAnswers(traffic: Traffic): () => void {
  const { travel } = traffic;
  const { opened, open } = gate();
  traffic.travel = async (way) => {
    const reply = await travel(way);
    await opened;
    return reply;
  };
  return open;
}

Deno.test("a stop waits for both cycles under way, and gives back what they bring", async () => {
  await using world = farWorld(true);
  const { server, traffic, seen } = await draining(world);
  await server.start();
  await untilTwo(world, traffic);
  const open = keepAnswers(traffic);
  for (let i = 0; i < 50; i++) await world.clock.advance(0.5);
  assertEquals(traffic.underWay.size, 2);
  const ran = seen.length;
  let isOver = false;
  const stopped = server.stop().then(() => isOver = true);
  for (let i = 0; i < 100; i++) await world.clock.advance(1);
  assertEquals(isOver, false);
  open();
  await world.drive(stopped, 1);
  assertEquals(seen.length, ran, "nothing is started any more");
  const jobs = await listed(world, "completed");
  assertEquals(jobs.length, ran);
  const ready = await listed(world, "ready");
  assertEquals(ready.length, JOBS - ran);
  assert(ready.every((job) => job.deliveries === 0 && job.attemptsMade === 0));
});

Deno.test("a stop gives up a store that answers neither of two cycles", async () => {
  await using world = farWorld(true);
  const { server, traffic } = await draining(world);
  await server.start();
  await untilTwo(world, traffic);
  const open = keepAnswers(traffic);
  for (let i = 0; i < 50; i++) await world.clock.advance(0.5);
  await world.drive(server.stop({ shutdownTimeoutMs: 100, graceMs: 100 }));
  assertEquals(
    world.logger.saying("Store does not answer, leases are left to lapse").length,
    1,
  );
  open();
  await world.flush();
});

Deno.test("claims of two cycles whose answers are late are not given back meanwhile", async () => {
  await using world = farWorld(true);
  const { server, traffic, seen } = await draining(world);
  await server.start();
  await untilTwo(world, traffic);
  const open = keepAnswers(traffic);
  // Heartbeats come every third of a lease, and name claims that the pool does not know.
  for (let i = 0; i < 50; i++) await world.clock.advance(100);
  assertEquals(traffic.underWay.size, 2);
  open();
  await drained(world, server);
  assertEquals(world.logger.saying("Claims without a reply are given back"), []);
  await assertRanOnce(world, seen);
});

Deno.test("a type that is closed with two cycles under way is not started, and goes on when it is opened", async () => {
  await using world = farWorld(true);
  const { server, traffic, seen } = await draining(world);
  await server.start();
  await untilTwo(world, traffic);
  server.gate.close("work");
  const ran = seen.length;
  for (let i = 0; i < 100; i++) await world.clock.advance(1);
  assertEquals(seen.length, ran);
  assertEquals(traffic.underWay.size, 0);
  const jobs = await listed(world, "processing");
  assertEquals(jobs, [], "all went back");
  server.gate.open("work");
  await drained(world, server);
  await assertRanOnce(world, seen);
});
