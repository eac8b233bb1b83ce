import { assertEquals } from "@std/assert";
import { LeaseKeeper } from "../../../src/claim/lease.ts";
import { HolderWatch } from "../../../src/store/holder_watch.ts";
import type { HeartbeatReply, Hold, Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

const leaseMs = 3000;

/** A lease keeper over a store that says which jobs were canceled. */
class Bench {
  readonly clock = new FakeClock();
  readonly logger = new CollectingLogger();
  readonly watch = new HolderWatch();
  readonly told: string[] = [];
  readonly beats: (readonly Hold[])[] = [];
  reply: Partial<HeartbeatReply> = {};
  readonly keeper: LeaseKeeper;

  constructor() {
    const store: Partial<Store> = {
      heartbeat: ({ holds }) => {
        this.beats.push(holds);
        return Promise.resolve({ lost: [], unknown: [], canceled: [], ...this.reply });
      },
      watchClaims: (server) => this.watch.watch(server),
    };
    this.keeper = new LeaseKeeper({
      store: store as Store,
      server: "s",
      leaseMs,
      clock: this.clock,
      logger: this.logger,
      claimsAnswered: () => Promise.resolve(),
      about: { kind: "server", hostname: "h", pid: 1, runtime: "r", version: "v", pools: [] },
      busy: () => [],
    });
    this.keeper.start();
  }

  hold(id: string, fence: number): void {
    this.keeper.add({
      id,
      fence,
      ended: false,
      lost: () => this.told.push(`${id} ${fence} lost`),
      canceled: (reason) => this.told.push(`${id} ${fence} ${reason}`),
      place: 0,
    });
  }
}

Deno.test("LeaseKeeper beats at once when the store says that a claim was canceled", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  bench.hold("b", 2);
  bench.reply = { canceled: [{ id: "a", fence: 1, reason: "why" }] };
  bench.watch.changed("another server");
  await bench.clock.advance(0);
  assertEquals(bench.beats.length, 0, "that is not about this one");
  bench.watch.changed("s");
  await bench.clock.advance(0);
  assertEquals([bench.told, bench.clock.mono()], [["a 1 why"], 0]);
  await bench.clock.advance(leaseMs);
  assertEquals(bench.beats.map((holds) => holds.map(({ id }) => id)), [
    ["a", "b"],
    ["b"],
    ["b"],
    ["b"],
  ]);
  assertEquals(bench.told, ["a 1 why"], "once, and not as lost besides");
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper does not tell a newer holder of the cancel of an older claim", async () => {
  const bench = new Bench();
  bench.hold("a", 2);
  bench.reply = { canceled: [{ id: "a", fence: 1, reason: "why" }] };
  bench.watch.changed("s");
  await bench.clock.advance(0);
  assertEquals(bench.told, []);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper that holds nothing does not beat for a cancel", async () => {
  const bench = new Bench();
  bench.watch.all();
  await bench.clock.advance(0);
  assertEquals(bench.beats, []);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper watches no more when it has stopped", async () => {
  const bench = new Bench();
  await bench.clock.advance(0);
  assertEquals(bench.watch.isWatched, true);
  bench.hold("a", 1);
  await bench.keeper.stop();
  assertEquals(bench.watch.isWatched, false);
  bench.watch.changed("s");
  await bench.clock.advance(leaseMs);
  assertEquals(bench.beats, []);
});
