/** Pools on a store that claims for them in the moment in which there is work. */

import { assert, assertEquals } from "@std/assert";
import type { Server } from "../../../src/run/server.ts";
import type { ServerOptions } from "../../../src/run/server_options.ts";
import { seededRng } from "../../../src/rng.ts";
import { sleep } from "../../../src/clock.ts";
import { type ClaimingStore, claimingStore } from "../../support/claiming_store.ts";
import { gate, World } from "../../support/world.ts";

/** Milliseconds to the store, and back again. */
const HALF_MS = 2;

/** A world whose store is some way off and claims by itself. */
function claimingWorld(): { readonly world: World; readonly claiming: ClaimingStore } {
  const world = new World();
  return { world, claiming: claimingStore(world.store, () => sleep(world.clock, HALF_MS)) };
}

/** A server with one pool for the type "t", which has claimed once and found nothing. */
async function start(
  { world, claiming }: ReturnType<typeof claimingWorld>,
  handler: (id: string) => unknown,
  options: ServerOptions = {},
  concurrency = 3,
): Promise<Server> {
  const server = world.server({ store: claiming.store, ...options });
  server.pool({ name: "p", types: ["t"], concurrency });
  server.handle("t", ({ job }) => handler(job.id));
  await server.start();
  await world.until(() => claiming.taken.length === 1, "its offer is taken");
  return server;
}

async function enqueue(world: World, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.client.enqueue("t", null, { id });
}

async function statusOf(world: World, id: string): Promise<string> {
  return (await world.record(id)).status;
}

Deno.test("a pool starts what the store has claimed, and sends no claim for it", async () => {
  const place = claimingWorld();
  const { world, claiming } = place;
  await using _ = world;
  const seen: string[] = [];
  await start(place, (id) => void seen.push(id));
  const claims = world.store.calls("claim").length;
  await enqueue(world, "a");
  await world.clock.advance(HALF_MS);
  assertEquals(seen, ["a"], "after half a trip");
  await world.flush();
  assertEquals(await statusOf(world, "a"), "completed");
  assertEquals(claiming.replies.map(({ jobs }) => jobs.length), [1]);
  assertEquals(world.store.calls("claim").length, claims + 1, "that of the store itself");
  await enqueue(world, "b");
  await world.clock.advance(HALF_MS);
  assertEquals(seen, ["a", "b"]);
});

Deno.test("a pool offers the slots that are free, and claims for no others meanwhile", async () => {
  const place = claimingWorld();
  const { world, claiming } = place;
  await using _ = world;
  const handlers = new Map([["a", gate()], ["b", gate()]]);
  const server = await start(place, (id) => handlers.get(id)?.opened);
  await enqueue(world, "a");
  await world.clock.advance(HALF_MS);
  assertEquals(claiming.taken.map(({ limit }) => limit), [3, 2]);
  handlers.get("a")!.open();
  await world.flush();
  const settles = world.store.calls("settle").map(([{ claim }]) => claim?.limit);
  assertEquals(settles, [1], "the store claims for two, the settle for the one that got free");
  await enqueue(world, "b", "c", "d");
  await world.clock.advance(10 * HALF_MS);
  handlers.get("b")!.open();
  await world.drive(server.drain(), 1);
  for (const id of ["a", "b", "c", "d"]) assertEquals(await statusOf(world, id), "completed");
});

Deno.test("a drain waits for what the store may have claimed, and runs it", async () => {
  const place = claimingWorld();
  const { world, claiming } = place;
  await using _ = world;
  const seen: string[] = [];
  const server = await start(place, (id) => void seen.push(id), {}, 1);
  await enqueue(world, "a", "b");
  await world.drive(server.drain(), 1);
  assertEquals(seen, ["a", "b"]);
  const taken = claiming.taken.length;
  await world.drive(server.drain(), 1);
  assertEquals(claiming.taken.length, taken, "nothing is offered while somebody waits for the end");
  await enqueue(world, "c");
  await world.clock.advance(10 * HALF_MS);
  assertEquals(seen, ["a", "b", "c"]);
});

Deno.test("a drain of two pools ends though both offer their slots", async () => {
  const { world, claiming } = claimingWorld();
  await using _ = world;
  const seen: string[] = [];
  const server = world.server({ store: claiming.store });
  for (const [type, next] of [["t", "u"], ["u", "t"]] as const) {
    server.pool({ name: type, types: [type] });
    server.handle(type, async ({ job }) => {
      const n = job.payload as number;
      seen.push(`${type}${n}`);
      await sleep(world.clock, 3);
      if (n < 4) await world.client.enqueue(next, n + 1);
    });
  }
  await server.start();
  await world.client.enqueue("t", 0);
  await world.drive(server.drain(), 1);
  assertEquals(seen, ["t0", "u1", "t2", "u3", "t4"]);
});

Deno.test("a stop gives back what the store has claimed, and runs nothing of it", async () => {
  const place = claimingWorld();
  const { world } = place;
  await using _ = world;
  const seen: string[] = [];
  const server = await start(place, (id) => void seen.push(id));
  await enqueue(world, "a");
  await world.flush();
  assertEquals(await statusOf(world, "a"), "processing", "its answer is on its way");
  await world.drive(server.stop(), 1);
  const { status, attemptsMade, deliveries } = await world.record("a");
  assertEquals([seen, status, attemptsMade, deliveries], [[], "ready", 0, 0]);
});

Deno.test("a stop ends within its times though the store never says what it has claimed", async () => {
  const world = new World();
  const { promise: never } = Promise.withResolvers<void>();
  const claiming = claimingStore(world.store, () => never);
  await using _ = world;
  const server = await start({ world, claiming }, () => {}, { leaseMs: 1000 });
  const options = { shutdownTimeoutMs: 1000, graceMs: 500 };
  await world.drive(server.stop(options));
  assertEquals(world.logger.saying("Store does not answer, leases are left to lapse").length, 1);
});

Deno.test("a heartbeat does not give back a claim of the store whose answer is on its way", async () => {
  const world = new World();
  const answer = gate();
  const claiming = claimingStore(world.store, () => answer.opened);
  await using _ = world;
  const seen: string[] = [];
  await start({ world, claiming }, (id) => void seen.push(id), { leaseMs: 6000 });
  await enqueue(world, "a");
  await world.flush();
  await world.clock.advance(2000);
  assertEquals(await statusOf(world, "a"), "processing");
  answer.open();
  await world.flush();
  assertEquals(seen, ["a"]);
  await world.clock.advance(10_000);
  assertEquals(seen, ["a"], "given back, it would have run twice");
  assertEquals(await statusOf(world, "a"), "completed");
});

Deno.test("a claim of the store of which it cannot tell is given back by the next heartbeat", async () => {
  const place = claimingWorld();
  const { world } = place;
  await using _ = world;
  const seen: string[] = [];
  await start(place, (id) => void seen.push(id), { leaseMs: 6000 });
  let isLost = true;
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    if (isLost && reply.jobs.length > 0) {
      isLost = false;
      throw new Error("the answer was lost");
    }
    return reply;
  });
  await enqueue(world, "a");
  await world.clock.advance(1900);
  assertEquals([seen, await statusOf(world, "a")], [[], "processing"]);
  await world.clock.advance(200);
  assertEquals(seen, ["a"]);
  const { attemptsMade, deliveries } = await world.record("a");
  assertEquals([attemptsMade, deliveries], [1, 0]);
});

Deno.test("a job that the store has claimed for longer than its lease is not started before it says so", async () => {
  const place = claimingWorld();
  const { world } = place;
  await using _ = world;
  const seen: string[] = [];
  const refused = gate();
  await start(place, (id) => void seen.push(id), { leaseMs: 3000 });
  world.store.on("heartbeat", async ({ run }) => {
    await refused.opened;
    return await run();
  });
  await world.clock.advance(1499);
  await enqueue(world, "a"); // claimed by an offer of 1499 ms ago, for 1500 ms
  await world.clock.advance(HALF_MS);
  assertEquals([seen, await statusOf(world, "a")], [[], "processing"]);
  refused.open();
  await world.flush();
  assertEquals(seen, ["a"]);
});

Deno.test("a claim of the store has half a lease, which a heartbeat extends if the job lasts", async () => {
  const place = claimingWorld();
  const { world, claiming } = place;
  await using _ = world;
  await start(place, (id) => id === "a" ? undefined : new Promise(() => {}), { leaseMs: 6000 });
  const beats = world.store.calls("heartbeat").length;
  await enqueue(world, "a");
  await world.clock.advance(2 * HALF_MS);
  assertEquals(await statusOf(world, "a"), "completed");
  assertEquals(world.store.calls("heartbeat").length, beats, "it took no time");
  await enqueue(world, "b");
  await world.flush();
  assertEquals(claiming.taken.map(({ leaseMs }) => leaseMs), [3000, 3000]);
  const { fence, claimedAt, leaseUntil } = (await world.record("b")).holder!;
  assertEquals(leaseUntil, claimedAt + 3000);
  await world.clock.advance(HALF_MS);
  assertEquals(world.store.calls("heartbeat").slice(beats), [[
    {
      server: world.store.calls("heartbeat")[0]![0].server,
      leaseMs: 6000,
      holds: [{ id: "b", fence }],
      isPart: true,
    },
  ]]);
  assertEquals((await world.record("b")).holder!.leaseUntil, claimedAt + HALF_MS + 6000);
});

Deno.test("a job whose claim by the store cannot be extended is lost when that ends", async () => {
  const place = claimingWorld();
  const { world } = place;
  await using _ = world;
  const reasons: unknown[] = [];
  const server = world.server({ store: place.claiming.store, leaseMs: 6000 });
  server.pool({ name: "p", types: ["t"] });
  server.handle("t", async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reasons.push(signal.reason.name);
  });
  await server.start();
  await world.until(() => place.claiming.taken.length === 1, "its offer is taken");
  world.store.on("heartbeat", () => Promise.reject(new Error("down")));
  await enqueue(world, "a");
  await world.clock.advance(2999);
  assertEquals(reasons, []);
  await world.clock.advance(1);
  assertEquals(reasons, ["LeaseLostError"]);
  world.store.on("heartbeat", undefined);
});

Deno.test("a suspect that the store has claimed is not started before a heartbeat is answered", async () => {
  const place = claimingWorld();
  const { world } = place;
  await using _ = world;
  const seen: string[] = [];
  await start(place, (id) => void seen.push(id));
  const answer = gate();
  world.store.on("heartbeat", async ({ run }) => {
    const reply = await run();
    await answer.opened;
    return reply;
  });
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    return { ...reply, jobs: reply.jobs.map((job) => ({ ...job, suspect: true })) };
  });
  await enqueue(world, "a");
  await world.clock.advance(10 * HALF_MS);
  assertEquals([seen, await statusOf(world, "a")], [[], "processing"]);
  answer.open();
  await world.flush();
  assertEquals(seen, ["a"]);
});

Deno.test("a job of a type that was closed while its claim was on its way goes back", async () => {
  const place = claimingWorld();
  const { world } = place;
  await using _ = world;
  const seen: string[] = [];
  const server = await start(place, (id) => void seen.push(id));
  await enqueue(world, "a");
  await world.flush();
  server.gate.close("t");
  await world.clock.advance(10 * HALF_MS);
  const { status, attemptsMade } = await world.record("a");
  assertEquals([seen, status, attemptsMade], [[], "ready", 0]);
  server.gate.open("t");
  await world.clock.advance(10 * HALF_MS);
  assertEquals(seen, ["a"]);
});

Deno.test("a delayed job is claimed by the store when it is due", async () => {
  const place = claimingWorld();
  const { world, claiming } = place;
  await using _ = world;
  const seen: number[] = [];
  // Upkeep would make it ready as well.
  world.store.on("promote", () => Promise.resolve({ moved: 0, nextInMs: null }));
  await start(place, () => void seen.push(world.clock.mono()));
  const at = world.clock.mono();
  await world.client.enqueue("t", null, { delayMs: 100 });
  await world.clock.advance(250);
  assertEquals(seen.map((time) => time - at), [100 + 3 * HALF_MS]);
  assertEquals(
    world.store.calls("claim").length,
    1 + claiming.replies.length,
    "the pool only at first",
  );
});

for (let seed = 1; seed <= 8; seed++) {
  Deno.test(`a pool never holds more than its slots, and runs each job once, seed ${seed}`, async () => {
    const world = new World();
    await using _ = world;
    const rng = seededRng(seed);
    const claiming = claimingStore(world.store, () => sleep(world.clock, Math.floor(rng() * 4)));
    const concurrency = 1 + Math.floor(rng() * 5);
    const seen: string[] = [];
    const server = world.server({ store: claiming.store, leaseMs: 3000, rng });
    server.pool({ name: "p", types: ["t"], concurrency, prefetch: 0 });
    server.handle("t", async ({ job }) => {
      seen.push(job.id);
      if (rng() < 0.7) await sleep(world.clock, Math.floor(rng() * 12));
    });
    await server.start();
    const ids: string[] = [];
    let most = 0;
    while (ids.length < 120) {
      for (let i = Math.floor(rng() * 4); i > 0; i--) {
        ids.push(`j${ids.length}`);
        const delayMs = rng() < 0.2 ? Math.floor(rng() * 30) : 0;
        await world.client.enqueue("t", null, { id: ids.at(-1)!, delayMs });
      }
      if (rng() < 0.05) server.gate.close("t");
      if (rng() < 0.5) server.gate.open("t");
      const drained = rng() < 0.1 ? server.drain() : undefined;
      await world.clock.advance(Math.floor(rng() * 15));
      if (drained !== undefined && server.gate.isOpen("t")) await world.drive(drained, 1);
      const rows = await world.store.counts();
      const processing = rows.find(({ status }) => status === "processing")?.count ?? 0;
      most = Math.max(most, processing);
    }
    server.gate.open("t");
    await world.clock.advance(200);
    await world.drive(server.drain(), 1);
    assertEquals(seen.toSorted(), ids.toSorted());
    assert(most <= concurrency, `${most} jobs held by ${concurrency} slots`);
    assert(claiming.replies.some(({ jobs }) => jobs.length > 0), "the store has claimed some");
  });
}
