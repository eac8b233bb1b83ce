import { assertEquals } from "@std/assert";
import { type Held, LeaseKeeper } from "../../../src/claim/lease.ts";
import { HolderWatch } from "../../../src/store/holder_watch.ts";
import type { Hold, Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

const leaseMs = 3000;

/** A lease keeper whose own heartbeats never come back, with an aide whose do. */
function bench() {
  const clock = new FakeClock();
  const told: string[] = [];
  const lost: string[] = [];
  const aide = {
    trustedAt: -Infinity,
    add: (holds: readonly Hold[]) => {
      for (const { id, fence } of holds) told.push(`add ${id} ${fence}`);
    },
    remove: ({ id, fence }: Hold) => void told.push(`remove ${id} ${fence}`),
  };
  const store: Partial<Store> = {
    heartbeat: () => new Promise(() => {}),
    watchClaims: (server) => new HolderWatch().watch(server),
  };
  const keeper = new LeaseKeeper({
    ...{ store: store as Store, server: "s", leaseMs, clock, aide },
    logger: new CollectingLogger(),
    claimsAnswered: () => Promise.resolve(),
    about: { kind: "server", hostname: "h", pid: 1, runtime: "r", version: "v", pools: [] },
    busy: () => [],
  });
  const hold = (id: string, fence: number): Held => {
    const held = {
      id,
      fence,
      ended: false,
      lost: () => lost.push(id),
      canceled: () => {},
      place: 0,
    };
    keeper.add(held);
    return held;
  };
  keeper.start();
  return { clock, told, lost, aide, keeper, hold };
}

Deno.test("a lease keeper believes its leases while its aide is answered", async () => {
  const { clock, lost, aide, keeper, hold } = bench();
  hold("a", 1);
  for (let i = 0; i < 10; i++) {
    aide.trustedAt = clock.mono();
    await clock.advance(leaseMs / 2);
  }
  assertEquals(lost, []);
  await clock.advance(2 * leaseMs);
  assertEquals(lost, ["a"], "the aide is not answered any more");
  await keeper.stop();
});

Deno.test("a lease keeper does not take its aide's word for a claim that it asks about", async () => {
  const { clock, aide, keeper } = bench();
  await clock.advance(leaseMs);
  aide.trustedAt = clock.mono();
  const refreshed = keeper.refresh(true);
  await clock.advance(leaseMs);
  assertEquals(await refreshed, false);
  await keeper.stop();
});

Deno.test("a lease keeper tells its aide of what it holds, and of what it lets go", async () => {
  const { clock, told, keeper, hold } = bench();
  const a = hold("a", 1);
  hold("b", 2);
  keeper.remove(a);
  keeper.remove(a);
  assertEquals(told, ["add a 1", "add b 2", "remove a 1"]);
  await clock.advance(2 * leaseMs);
  assertEquals(told.at(-1), "remove b 2", "lost, as nobody answers");
  await keeper.stop();
});
