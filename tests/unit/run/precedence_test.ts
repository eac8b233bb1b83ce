import { assertEquals } from "@std/assert";
import { planPools, type PoolOptions } from "../../../src/run/pool_plan.ts";
import type { HandlerEntry, RunLimits } from "../../../src/run/handler.ts";
import { planTypes } from "../../../src/run/server_options.ts";
import { JobTimeoutError } from "../../../src/run/errors.ts";
import { untilAborted, World } from "../../support/world.ts";

type Level = "job" | "handler" | "pool" | "server";
const levels: readonly Level[] = ["job", "handler", "pool", "server"];

/** Each level that speaks, with the value that holds. */
const subsets: readonly (readonly Level[])[] = Array.from(
  { length: 16 },
  (_, bits) => levels.filter((_, i) => bits & (1 << i)),
);

for (const said of subsets) {
  const says = (level: Level): boolean => said.includes(level);
  const winner = said[0];

  Deno.test(`maxRetry is that of ${winner ?? "the default"} when said by ${said.join(", ")}`, async () => {
    await using world = new World();
    // A different number at each level, 0 for the first that speaks: it counts.
    const limit = (level: Level): RunLimits =>
      says(level) ? { maxRetry: level === winner ? 0 : 5 } : {};
    let runs = 0;
    const server = world.server({ ...limit("server"), backoff: { type: "fixed", baseMs: 0 } });
    server.pool({ name: "p", types: ["t"], ...limit("pool") });
    server.handle("t", () => {
      runs++;
      throw new Error("broken");
    }, limit("handler"));
    await server.start();
    const { id } = await world.client.enqueue("t", null, limit("job") as { maxRetry?: number });
    await world.until(async () => (await world.record(id)).status === "dead_letter", "the end");
    assertEquals(runs, winner === undefined ? 4 : 1, "runs");
  });

  Deno.test(`timeoutMs is that of ${winner ?? "the default"} when said by ${said.join(", ")}`, async () => {
    await using world = new World();
    const limit = (level: Level): RunLimits =>
      says(level) ? { timeoutMs: level === winner ? 4000 : 70 + levels.indexOf(level) } : {};
    let reason: unknown;
    const server = world.server({ ...limit("server"), maxRetry: 0 });
    server.pool({ name: "p", types: ["t"], ...limit("pool") });
    server.handle("t", (context) => {
      context.signal.addEventListener("abort", () => reason = context.signal.reason);
      return untilAborted(context);
    }, limit("handler"));
    await server.start();
    await world.client.enqueue("t", null, limit("job") as { timeoutMs?: number });
    await world.flush();
    const expected = winner === undefined ? 30 * 60_000 : 4000;
    await world.clock.advance(expected - 1);
    assertEquals(reason, undefined, "not cut short by a level that does not hold");
    await world.clock.advance(1);
    assertEquals(reason instanceof JobTimeoutError && reason.timeoutMs, expected);
  });
}

function limitsOf(server: RunLimits, pool: RunLimits, handler: RunLimits): RunLimits {
  const entry: HandlerEntry = { type: "t", handler: () => {}, options: handler };
  const pools: PoolOptions[] = [{ name: "p", types: ["t"], ...pool }];
  const [plan] = planPools(pools, [entry], 1);
  const typed = planTypes(server, plan!, new Map([["t", entry]]), []).get("t")!.plan;
  const { timeoutMs, graceMs, policy: { maxRetry, backoff } } = typed;
  return { timeoutMs, graceMs, maxRetry, backoff };
}

const defaults: RunLimits = {
  timeoutMs: 1_800_000,
  graceMs: 10_000,
  maxRetry: 3,
  backoff: { type: "fixed" },
};
const zero: RunLimits = { graceMs: 0, maxRetry: 0 };

const merges: readonly [string, RunLimits, RunLimits, RunLimits, RunLimits][] = [
  ["nobody says anything", {}, {}, {}, defaults],
  ["the server says 0", zero, {}, {}, { ...defaults, ...zero }],
  ["the pool says 0", { graceMs: 5, maxRetry: 5 }, zero, {}, { ...defaults, ...zero }],
  ["the handler says 0", { graceMs: 5 }, { maxRetry: 5 }, zero, { ...defaults, ...zero }],
  ["each says one thing", { timeoutMs: 1 }, { graceMs: 2 }, { maxRetry: 4 }, {
    ...defaults,
    timeoutMs: 1,
    graceMs: 2,
    maxRetry: 4,
  }],
  [
    "an inner level says undefined",
    { timeoutMs: 7 },
    { timeoutMs: undefined },
    { timeoutMs: undefined, maxRetry: undefined },
    { ...defaults, timeoutMs: 7 },
  ],
];

for (const [when, server, pool, handler, expected] of merges) {
  Deno.test(`planTypes lets the innermost word hold when ${when}`, () => {
    assertEquals(limitsOf(server, pool, handler), expected);
  });
}

Deno.test("a handler's own pool takes the handler's limits", async () => {
  await using world = new World();
  let runs = 0;
  const server = world.server({ maxRetry: 9, backoff: { type: "fixed", baseMs: 0 } });
  server.handle("t", () => {
    runs++;
    throw new Error("broken");
  }, { concurrency: 2, maxRetry: 1 });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.until(async () => (await world.record(id)).status === "dead_letter", "the end");
  assertEquals(runs, 2);
});
