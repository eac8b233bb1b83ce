import { assertEquals } from "@std/assert";
import { isResultUnavailable } from "../../../src/job/result.ts";
import { World } from "../../support/world.ts";

const MIB = 1024 * 1024;
const cycle: Record<string, unknown> = {};
cycle.self = cycle;

const kept: readonly [string, unknown, string | null][] = [
  ["undefined", undefined, null],
  ["null", null, "null"],
  ["a number", 1.5, "1.5"],
  ["an object with undefined", { a: undefined, b: 1 }, '{"b":1}'],
  ["a Date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ["1 MiB", "x".repeat(MIB - 2), JSON.stringify("x".repeat(MIB - 2))],
];

const dropped: readonly [string, unknown, RegExp][] = [
  ["1 MiB + 1", "x".repeat(MIB - 1), /1048577 bytes of JSON, above 1048576/],
  ["1 MiB + 1 of two-byte characters", "é".repeat(MIB / 2 - 1) + "x", /1048577 bytes/],
  ["a cycle", cycle, /'result\.self' is a cycle/],
  ["a bigint", { n: 1n }, /'result\.n' is a bigint/],
  ["a function", () => {}, /'result' is a function/],
  ["a Map", new Map(), /'result' is a Map/],
  ["NaN", NaN, /'result' is NaN/],
  ["a toJSON that gives undefined", { toJSON: () => undefined }, /'result'/],
  ["a toJSON that throws", {
    toJSON() {
      throw new Error("no");
    },
  }, /no/],
  ["a getter that throws", {
    get a(): never {
      throw new Error("no");
    },
  }, /no/],
];

for (const later of [false, true]) {
  const how = later ? "resolves to" : "returns";
  const given = (value: unknown): unknown => later ? Promise.resolve(value) : value;

  for (const [what, value, text] of kept) {
    Deno.test(`a job keeps its result when the handler ${how} ${what}`, async () => {
      await using world = new World();
      await world.server().handle("t", () => given(value)).start();
      const { id } = await world.client.enqueue("t");
      await world.until(async () => (await world.record(id)).finishedAt !== null, "the end");
      const record = await world.record(id);
      assertEquals([record.status, record.result === text], ["completed", true]);
    });
  }

  for (const [what, value, reason] of dropped) {
    Deno.test(`a job completes with a marker when the handler ${how} ${what}`, async () => {
      await using world = new World();
      let runs = 0;
      await world.server().handle("t", () => (runs++, given(value))).start();
      const { id } = await world.client.enqueue("t");
      await world.flush();
      await world.clock.advance(60_000);
      const { status, result } = await world.record(id);
      const marker: unknown = JSON.parse(result ?? "null");
      assertEquals([status, runs], ["completed", 1], "its work is done, once");
      assertEquals(isResultUnavailable(marker) && reason.test(marker.reason), true, `${result}`);
      const lines = world.logger.saying("Job completed, its result cannot be kept");
      assertEquals(lines.map(({ level, fields }) => [level, fields.id]), [["warn", id]]);
    });
  }
}
