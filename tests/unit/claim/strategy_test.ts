import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type Source, SourcePicker, type Strategy } from "../../../src/claim/strategy.ts";
import { seededRng } from "../../../src/rng.ts";

function sources(...queues: (string | null)[]): Source[] {
  return queues.map((queue) => ({ queue, types: ["t"] }));
}

function picker(strategy: Strategy, ...queues: (string | null)[]): SourcePicker {
  return new SourcePicker(sources(...queues), strategy, seededRng(1));
}

/** `queue:share` in the order of the claim. */
function shown(picked: ReturnType<SourcePicker["pick"]>): string {
  return picked.map(({ queue, share }) => `${queue}:${share}`).join(" ");
}

Deno.test("SourcePicker gives the listed order without shares when strict", () => {
  const strict = picker("strict", "a", "b", "c");
  assertEquals(shown(strict.pick(10)), "a:0 b:0 c:0");
  strict.took(10);
  assertEquals(shown(strict.pick(1)), "a:0 b:0 c:0");
});

for (const strategy of ["strict", "round_robin", "weighted"] as const) {
  Deno.test(`SourcePicker gives the only source when ${strategy}`, () => {
    const one = picker(strategy, null);
    one.took(3);
    assertEquals(shown(one.pick(7)), "null:0");
  });
}

Deno.test("SourcePicker starts each claim at the next queue when round_robin", () => {
  const robin = picker("round_robin", "a", "b", "c");
  const seen: string[] = [];
  for (let i = 0; i < 4; i++) {
    seen.push(shown(robin.pick(1)));
    robin.took(1);
  }
  assertEquals(seen, ["a:1 b:0 c:0", "b:1 c:0 a:0", "c:1 a:0 b:0", "a:1 b:0 c:0"]);
});

Deno.test("SourcePicker shares a claim out evenly when round_robin", () => {
  const robin = picker("round_robin", "a", "b", "c");
  assertEquals(shown(robin.pick(7)), "a:3 b:2 c:2");
  robin.took(7);
  assertEquals(shown(robin.pick(7)), "b:3 c:2 a:2");
});

Deno.test("SourcePicker moves on when round_robin and a claim gave nothing", () => {
  const robin = picker("round_robin", "a", "b");
  robin.took(0);
  assertEquals(shown(robin.pick(1)), "b:1 a:0");
});

Deno.test("SourcePicker moves on by what a claim gave when round_robin", () => {
  const robin = picker("round_robin", "a", "b", "c");
  robin.pick(10);
  robin.took(2);
  assertEquals(shown(robin.pick(1)), "c:1 a:0 b:0");
});

Deno.test("SourcePicker keeps the source of all other queues last when round_robin", () => {
  const robin = picker("round_robin", "a", "b", null);
  for (let i = 0; i < 6; i++) {
    assertEquals(robin.pick(2).at(-1)?.queue, null, `turn ${i}`);
    robin.took(1);
  }
});

Deno.test("SourcePicker keeps the listed order when weighted", () => {
  const weighted = picker("weighted", "a", "b", "c");
  for (let i = 0; i < 20; i++) {
    assertEquals(weighted.pick(1).map(({ queue }) => queue), ["a", "b", "c"]);
  }
});

for (const limit of [1, 10]) {
  Deno.test(`SourcePicker draws with weights 4, 3, 2, 1 when weighted and claiming ${limit}`, () => {
    const weighted = picker("weighted", "a", "b", "c", "d");
    const totals = [0, 0, 0, 0];
    const rounds = 20_000 / limit;
    for (let i = 0; i < rounds; i++) {
      const picked = weighted.pick(limit);
      assertEquals(picked.reduce((sum, { share }) => sum + share, 0), limit, "all are shared out");
      picked.forEach(({ share }, j) => totals[j]! += share);
    }
    for (const [j, total] of totals.entries()) {
      assertAlmostEquals(total / 20_000, (4 - j) / 10, 0.015, `share of queue ${j}`);
    }
  });
}

Deno.test("SourcePicker draws the first and the last queue at the edges of chance", () => {
  const at = (drawn: number): string =>
    shown(new SourcePicker(sources("a", "b"), "weighted", () => drawn).pick(1));
  assertEquals(at(0), "a:1 b:0");
  assertEquals(at(0.66), "a:1 b:0");
  assertEquals(at(0.67), "a:0 b:1");
  assertEquals(at(1 - Number.EPSILON), "a:0 b:1");
});

Deno.test("SourcePicker keeps the types of each source", () => {
  const two = new SourcePicker(
    [{ queue: "a", types: ["x"] }, { queue: "b", types: ["y", "z"] }],
    "weighted",
    () => 0,
  );
  assertEquals(two.pick(1).map(({ types }) => types), [["x"], ["y", "z"]]);
});

Deno.test("SourcePicker shares a claim out by given weights when weighted", () => {
  const picked = new SourcePicker(sources("a", "b", "c"), "weighted", seededRng(1), [1, 8, 1])
    .pick(10_000);
  assertEquals(picked.map(({ queue }) => queue), ["a", "b", "c"]);
  for (const [i, share] of [1000, 8000, 1000].entries()) {
    assertAlmostEquals(picked[i]!.share, share, 300);
  }
});
