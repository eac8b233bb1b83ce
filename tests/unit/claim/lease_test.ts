import { assertEquals } from "@std/assert";
import { type Held, LeaseKeeper } from "../../../src/claim/lease.ts";
import { HolderWatch } from "../../../src/store/holder_watch.ts";
import type {
  HeartbeatReply,
  HeartbeatRequest,
  Hold,
  Outcome,
  Store,
} from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

const leaseMs = 3000;
const nothing: HeartbeatReply = { lost: [], unknown: [], canceled: [] };

/** A lease keeper over a store of two verbs. */
class Bench {
  readonly clock = new FakeClock();
  readonly logger = new CollectingLogger();
  readonly beats: { readonly at: number; readonly holds: readonly Hold[] }[] = [];
  readonly settled: Outcome[] = [];
  readonly lost: string[] = [];
  readonly canceled: string[] = [];
  readonly watch = new HolderWatch();
  /** Answers the n-th heartbeat, from 1. */
  answer: (n: number) => Promise<HeartbeatReply> = () => Promise.resolve(nothing);
  claimsAnswered: () => Promise<void> = () => Promise.resolve();
  readonly keeper: LeaseKeeper;

  constructor() {
    const store: Partial<Store> = {
      heartbeat: ({ holds }: HeartbeatRequest) => {
        this.beats.push({ at: this.clock.mono(), holds });
        return this.answer(this.beats.length);
      },
      watchClaims: (server) => this.watch.watch(server),
      settle: ({ outcomes }) => {
        this.settled.push(...outcomes);
        return Promise.resolve({ results: outcomes.map(() => "ok" as const) });
      },
    };
    this.keeper = new LeaseKeeper({
      store: store as Store,
      server: "s",
      leaseMs,
      clock: this.clock,
      logger: this.logger,
      claimsAnswered: () => this.claimsAnswered(),
      about: { kind: "server", hostname: "h", pid: 1, runtime: "r", version: "v", pools: [] },
      busy: () => [],
    });
    this.keeper.start();
  }

  hold(id: string, fence: number): Held {
    const held: Held = {
      id,
      fence,
      ended: false,
      lost: () => this.lost.push(`${id} ${fence}`),
      canceled: (reason) => this.canceled.push(`${id} ${fence} ${reason}`),
      place: 0,
    };
    this.keeper.add(held);
    return held;
  }

  /** When heartbeats went out. */
  get beatenAt(): number[] {
    return this.beats.map(({ at }) => at);
  }
}

Deno.test("LeaseKeeper beats every third of a lease", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  await bench.clock.advance(leaseMs);
  assertEquals(
    bench.beats,
    [1000, 2000, 3000].map((at) => ({ at, holds: [{ id: "a", fence: 1 }] })),
  );
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper.remove lets go of the claim it is given, not of a newer one", async () => {
  const bench = new Bench();
  const a = bench.hold("a", 1);
  const b = bench.hold("b", 2);
  bench.keeper.remove(a);
  bench.hold("b", 5);
  bench.keeper.remove(b);
  bench.keeper.remove(b);
  bench.keeper.remove(a);
  await bench.clock.advance(1000);
  assertEquals(bench.beats[0]?.holds, [{ id: "b", fence: 5 }]);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper tells a holder once that its lease is lost", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  bench.hold("b", 2);
  bench.answer = () =>
    Promise.resolve({ lost: [{ id: "a", fence: 1 }], unknown: [], canceled: [] });
  await bench.clock.advance(leaseMs);
  assertEquals(bench.lost, ["a 1"]);
  assertEquals(bench.beats.map(({ holds }) => holds.length), [2, 1, 1]);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper does not tell a newer holder when an older claim is lost", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  const { promise, resolve } = Promise.withResolvers<HeartbeatReply>();
  bench.answer = () => promise;
  await bench.clock.advance(1000);
  bench.hold("a", 2);
  resolve({ lost: [{ id: "a", fence: 1 }], unknown: [], canceled: [] });
  await bench.clock.advance(0);
  assertEquals(bench.lost, ["a 1"], "the older one is told, once");
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper beats again soon when the store could not be reached", async () => {
  const bench = new Bench();
  bench.answer = (n) => n < 4 ? Promise.reject(new Error("down")) : Promise.resolve(nothing);
  await bench.clock.advance(2900);
  assertEquals(bench.beatenAt, [1000, 1300, 1600, 1900, 2900]);
  assertEquals(bench.logger.saying("Heartbeat failed").length, 3);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper gives up all holds when a lease has passed unheard", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  bench.hold("b", 2);
  bench.answer = (n) => n === 1 ? Promise.resolve(nothing) : Promise.reject(new Error("down"));
  await bench.clock.advance(1000 + leaseMs - 1);
  assertEquals(bench.lost, [], "heard 2999 ms ago");
  await bench.clock.advance(301);
  assertEquals(bench.lost, ["a 1", "b 2"]);
  await bench.clock.advance(10_000);
  assertEquals(bench.lost.length, 2, "once each");
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper counts a lease from when a heartbeat was sent, not answered", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  const { promise, resolve } = Promise.withResolvers<HeartbeatReply>();
  bench.answer = (n) => n === 1 ? promise : Promise.reject(new Error("down"));
  await bench.clock.advance(2900);
  resolve(nothing);
  await bench.clock.advance(0);
  await bench.clock.advance(1000 + leaseMs - 2900 - 1);
  assertEquals(bench.lost, []);
  await bench.clock.advance(400);
  assertEquals(bench.lost, ["a 1"], "the store knew of us at 1000 for the last time");
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper beats again when a heartbeat hangs for ever", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  bench.answer = (n) => n === 1 ? new Promise(() => {}) : Promise.resolve(nothing);
  await bench.clock.advance(2 * leaseMs);
  assertEquals(bench.lost, ["a 1"]);
  bench.hold("b", 2);
  await bench.clock.advance(2 * leaseMs);
  const held = bench.beats.some(({ holds }) => holds.some(({ id }) => id === "b"));
  assertEquals(held, true, "a job claimed later is not kept alive");
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper.stop ends while a heartbeat hangs", async () => {
  const bench = new Bench();
  bench.answer = () => new Promise(() => {});
  await bench.clock.advance(1000);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper gives back claims of its server that it does not know", async () => {
  const bench = new Bench();
  bench.hold("known", 7);
  bench.answer = (n) =>
    Promise.resolve({
      lost: [],
      unknown: n === 1 ? [{ id: "stray", fence: 9 }] : [],
      canceled: [],
    });
  await bench.clock.advance(1000);
  assertEquals(bench.settled, [
    { id: "stray", fence: 9, verdict: { kind: "release" }, ranMs: 0 },
  ]);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper waits for claims on their way before it gives one back", async () => {
  const bench = new Bench();
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.claimsAnswered = () => promise;
  bench.answer = () =>
    Promise.resolve({ lost: [], unknown: [{ id: "late", fence: 9 }], canceled: [] });
  await bench.clock.advance(1000);
  assertEquals(bench.settled, []);
  bench.hold("late", 9);
  resolve();
  await bench.clock.advance(0);
  assertEquals(bench.settled, [], "its reply came meanwhile");
  assertEquals(bench.lost, []);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper gives back an older claim of a job that it holds under a newer one", async () => {
  const bench = new Bench();
  bench.hold("a", 5);
  bench.answer = () =>
    Promise.resolve({ lost: [], unknown: [{ id: "a", fence: 9 }], canceled: [] });
  await bench.clock.advance(1000);
  assertEquals(bench.settled.map(({ id, fence }) => [id, fence]), [["a", 9]]);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper leaves no timer behind when it stops", async () => {
  const bench = new Bench();
  bench.hold("a", 1);
  await bench.keeper.stop();
  await bench.clock.advance(10 * leaseMs);
  assertEquals([bench.beats, bench.lost], [[], []]);
});

Deno.test("LeaseKeeper.extend beats for what has not ended", async () => {
  const bench = new Bench();
  bench.hold("other", 9);
  const held = bench.hold("a", 1);
  bench.keeper.extend([held, { ...bench.hold("b", 2), ended: true }], leaseMs / 2);
  assertEquals(bench.beats, [{ at: 0, holds: [{ id: "a", fence: 1 }] }]);
  await bench.clock.advance(0);
  bench.answer = () => Promise.reject(new Error("down"));
  await bench.clock.advance(leaseMs - 1);
  assertEquals(bench.lost, [], "it was heard, and has a whole lease");
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper.extend beats until it is heard", async () => {
  const bench = new Bench();
  const held = bench.hold("a", 1);
  bench.answer = (n) => n < 3 ? Promise.reject(new Error("down")) : Promise.resolve(nothing);
  bench.keeper.extend([held], 999);
  await bench.clock.advance(0);
  await bench.clock.advance(999);
  assertEquals(bench.beatenAt, [0, 300, 600]);
  assertEquals(bench.lost, []);
  await bench.keeper.stop();
});

for (
  const [name, answer] of Object.entries({
    "fails": () => Promise.reject(new Error("down")),
    "hangs": () => new Promise<never>(() => {}),
  })
) {
  Deno.test(`LeaseKeeper.extend gives up what ends soon, and nothing else, when each heartbeat ${name}`, async () => {
    const bench = new Bench();
    bench.hold("a", 1);
    const [held, over] = [bench.hold("b", 2), { ...bench.hold("c", 3), ended: true }];
    bench.answer = answer;
    bench.keeper.extend([held, over], 900);
    await bench.clock.advance(899);
    assertEquals(bench.lost, []);
    await bench.clock.advance(1);
    assertEquals(bench.lost, ["b 2"]);
    await bench.keeper.stop();
  });
}

Deno.test("LeaseKeeper.extend asks the store for what may have ended", async () => {
  const bench = new Bench();
  await bench.clock.advance(500);
  const held = bench.hold("a", 1);
  bench.answer = () => Promise.resolve({ ...nothing, lost: [{ id: "a", fence: 1 }] });
  await bench.keeper.extend([held], 500);
  assertEquals([bench.beatenAt, bench.lost], [[500], ["a 1"]]);
  await bench.keeper.stop();
});

Deno.test("LeaseKeeper.extend asks nothing for what has ended", async () => {
  const bench = new Bench();
  await bench.keeper.extend([{ ...bench.hold("a", 1), ended: true }], 1000);
  assertEquals([bench.beats, bench.lost], [[], []]);
  await bench.keeper.stop();
});
