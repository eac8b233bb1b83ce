import { assertEquals } from "@std/assert";
import type { StepReply, Store, WakeSource } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { Upkeep } from "../../../src/upkeep/loop.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

const steps = ["reap", "promote", "expire", "relay", "prune", "sample"] as const;
type Step = typeof steps[number];
const nothing: StepReply = { moved: 0, nextInMs: null };

class Bench {
  readonly clock = new FakeClock();
  readonly logger = new CollectingLogger();
  readonly calls: { readonly step: Step; readonly at: number; readonly argument: unknown }[] = [];
  answer: (step: Step, round: number) => Promise<StepReply> = () => Promise.resolve(nothing);
  readonly upkeep: Upkeep;

  /** What the lease keeper was asked at each reap. */
  readonly asked: boolean[] = [];
  wake: () => void = () => {};

  /** The first step is taken in a microtask, so that a test can set `answer`. */
  constructor(leaseMs: number = 15_000, shortestLeaseMs: number | undefined = undefined) {
    const verbs = steps.map((step) => [step, (argument: unknown) => {
      this.calls.push({ step, at: this.clock.mono(), argument });
      return this.answer(step, this.calls.filter((call) => call.step === step).length);
    }]);
    const next = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        this.wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    const subscribe = (): WakeSource => ({ next, [Symbol.dispose]: () => {} });
    this.upkeep = new Upkeep({
      store: { ...Object.fromEntries(verbs), subscribe } as unknown as Store,
      shortestLeaseMs: () => shortestLeaseMs,
      refreshLeases: (always) => {
        this.asked.push(always);
        return Promise.resolve(true);
      },
      clock: this.clock,
      logger: this.logger,
      leaseMs,
      maxDeliveries: 5,
    });
    queueMicrotask(() => this.upkeep.start());
  }

  /** When rounds began. */
  get rounds(): number[] {
    return this.calls.filter(({ step }) => step === "reap").map(({ at }) => at);
  }
}

Deno.test("Upkeep takes its steps at once and in order, each bounded", async () => {
  const bench = new Bench();
  await bench.clock.advance(0);
  assertEquals(bench.calls.map(({ step }) => step), [...steps]);
  const [reap, ...others] = bench.calls.map(({ argument }) => argument);
  assertEquals(reap, { limit: 500, maxDeliveries: 5 });
  assertEquals(others, [500, 500, 500, 500, undefined]);
  await bench.upkeep.stop();
});

for (const leaseMs of [400, 1000, 60_000]) {
  Deno.test(`Upkeep comes at least every half of a lease of ${leaseMs} ms, and every second`, async () => {
    const bench = new Bench(leaseMs);
    await bench.clock.advance(0);
    await bench.clock.advance(10_000);
    const gaps = bench.rounds.slice(1).map((at, i) => at - bench.rounds[i]!);
    assertEquals(Math.max(...gaps) <= Math.min(leaseMs / 2, 1000), true, `${gaps}`);
    await bench.upkeep.stop();
  });
}

for (const step of steps) {
  const dueMs = step === "prune" ? 1500 : 123;
  Deno.test(`Upkeep takes ${step} again exactly when it says that something is due, no other`, async () => {
    const bench = new Bench(60_000, 60_000);
    bench.answer = (called, round) =>
      Promise.resolve(called === step && round === 1 ? { moved: 1, nextInMs: dueMs } : nothing);
    await bench.clock.advance(0);
    await bench.clock.advance(dueMs - 1);
    assertEquals(bench.calls.map((call) => [call.step, call.at]), steps.map((one) => [one, 0]));
    await bench.clock.advance(1);
    assertEquals(bench.calls.slice(steps.length).map((call) => [call.step, call.at]), [[
      step,
      dueMs,
    ]]);
    await bench.upkeep.stop();
  });
}

Deno.test("Upkeep prunes at most once a second unless there is more to remove", async () => {
  const bench = new Bench(60_000, 60_000);
  bench.answer = (step, round) =>
    Promise.resolve(step === "prune" ? { moved: 9, nextInMs: round < 3 ? 0 : 10 } : nothing);
  await bench.clock.advance(0);
  await bench.clock.advance(2000);
  const prunes = bench.calls.filter(({ step }) => step === "prune").map(({ at }) => at);
  assertEquals(prunes, [0, 5, 10, 1010]);
  await bench.upkeep.stop();
});

Deno.test("Upkeep samples when the minute is over, however short the leases", async () => {
  const bench = new Bench(1000, 1000);
  bench.answer = (step) =>
    Promise.resolve(step === "sample" ? { moved: 1, nextInMs: 60_000 } : nothing);
  await bench.clock.advance(0);
  await bench.clock.advance(120_000);
  const samples = bench.calls.filter(({ step }) => step === "sample").map(({ at }) => at);
  assertEquals(samples, [0, 60_000, 120_000]);
  await bench.upkeep.stop();
});

Deno.test("Upkeep comes every half of the shortest lease of any server, where the store tells", async () => {
  const bench = new Bench(15_000, 4000);
  await bench.clock.advance(0);
  await bench.clock.advance(6000);
  assertEquals(bench.rounds, [0, 2000, 4000, 6000]);
  await bench.upkeep.stop();
});

Deno.test("Upkeep that the store wakes asks for leases, reaps, promotes and relays", async () => {
  const bench = new Bench(60_000, 60_000);
  await bench.clock.advance(0);
  await bench.clock.advance(1000);
  bench.wake();
  await bench.clock.advance(0);
  await bench.clock.advance(10);
  const taken = bench.calls.slice(steps.length).map(({ step }) => step);
  assertEquals(taken, ["reap", "promote", "relay"]);
  assertEquals(bench.asked, [true, true], "at the start and after the wake");
  await bench.upkeep.stop();
});

Deno.test("Upkeep comes again soon when more is due, without spinning", async () => {
  const bench = new Bench();
  bench.answer = () => Promise.resolve({ moved: 500, nextInMs: 0 });
  await bench.clock.advance(0);
  await bench.clock.advance(100);
  const rounds = bench.rounds.length;
  assertEquals(rounds > 5 && rounds <= 101, true, `${rounds} rounds in 100 ms`);
  await bench.upkeep.stop();
});

Deno.test("Upkeep goes on when a step throws, and logs it", async () => {
  const bench = new Bench();
  bench.answer = (step, round) =>
    step === "promote" && round < 3 ? Promise.reject(new Error("down")) : Promise.resolve(nothing);
  await bench.clock.advance(0);
  await bench.clock.advance(10_000);
  assertEquals(bench.logger.saying("Upkeep failed").length, 2);
  assertEquals(bench.rounds.length > 5, true);
  await bench.upkeep.stop();
});

Deno.test("Upkeep takes the other steps when one of them always throws", async () => {
  const bench = new Bench();
  bench.answer = (step) =>
    step === "reap" ? Promise.reject(new Error("down")) : Promise.resolve(nothing);
  await bench.clock.advance(0);
  await bench.clock.advance(10_000);
  const taken = new Set(bench.calls.map(({ step }) => step));
  assertEquals(taken, new Set(steps), "delayed jobs wait for ever if reap fails");
  await bench.upkeep.stop();
});

Deno.test("Upkeep warns when jobs were taken from dead servers", async () => {
  const bench = new Bench();
  bench.answer = (step, round) =>
    Promise.resolve(step === "reap" && round === 1 ? { moved: 3, nextInMs: null } : nothing);
  await bench.clock.advance(0);
  const lines = bench.logger.saying("Jobs taken from servers presumed dead");
  assertEquals(lines.map(({ level, fields }) => [level, fields.jobs]), [["warn", 3]]);
  await bench.upkeep.stop();
});

Deno.test("Upkeep.stop ends after the step under way, and no round follows", async () => {
  const bench = new Bench();
  const { promise, resolve } = Promise.withResolvers<StepReply>();
  bench.answer = (step) => step === "promote" ? promise : Promise.resolve(nothing);
  await bench.clock.advance(0);
  const stopped = bench.upkeep.stop();
  resolve(nothing);
  await stopped;
  await bench.clock.advance(60_000);
  assertEquals(bench.rounds, [0]);
});
