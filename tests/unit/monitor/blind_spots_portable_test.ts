/** Where an edit would write over what its editor does not see. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { REDACTED, Redactor } from "../../../src/monitor/redact.ts";
import { Draws } from "../../property/draws.ts";

const R = REDACTED;

function spots(paths: readonly string[], before: unknown, after: unknown): readonly string[] {
  const redactor = new Redactor(paths.map((path) => ({ path })));
  const fields = { result: undefined, meta: null };
  return redactor.blindSpots(
    { ...fields, payload: before },
    { ...fields, payload: after },
    "t",
    "viewer",
  );
}

/** Paths, a payload, what is to be in its place, and where that is blind. */
const cases: readonly (readonly [readonly string[], unknown, unknown, readonly string[]])[] = [
  [[], { a: 1 }, null, []],
  [["payload.a"], { a: 1, b: 2 }, { a: 3 }, []],
  [["payload.a"], { a: 1, b: 2 }, { a: null, b: R }, []],
  [["payload.a"], { a: 1, b: 2 }, { b: 2 }, ["payload.a"]],
  [["payload.a"], { a: 1, b: 2 }, { a: R, b: 2 }, ["payload.a"]],
  [["payload.a"], { b: 2 }, { a: R }, ["payload.a"]],
  [["payload.a"], { b: 2 }, {}, []],
  [["payload.a.b"], { a: { b: 1 } }, { a: 5 }, ["payload.a.b"]],
  [["payload.a.b"], { a: { b: 1 } }, "text", ["payload.a.b"]],
  [["payload.*.k"], [{ k: 1 }, { k: 2 }], [{ k: 3 }], ["payload.1.k"]],
  [["payload.*.k"], [{ k: 1 }], [{ k: 3 }, { k: R }], ["payload.1.k"]],
  [["payload"], { a: 1 }, { a: 1 }, []],
  [["payload"], { a: 1 }, R, ["payload"]],
  [["payload"], { a: 1 }, undefined, ["payload"]],
  [["**"], { a: 1 }, { a: R }, []],
  [["**.k"], { a: { k: 1 }, k: 2 }, { a: {} }, ["payload.a.k", "payload.k"]],
  [["payload.__proto__.k"], JSON.parse('{"__proto__":{"k":1}}'), {}, ["payload.__proto__.k"]],
];

for (const [paths, before, after, blind] of cases) {
  const said = `${JSON.stringify(before)} by ${JSON.stringify(after)}`;
  test(`to replace ${said} without ${paths.join(" and ")} is blind at ${blind.join() || "none"}`, () => {
    assert.deepEqual(spots(paths, before, after), blind);
  });
}

test("only some places are told, each in short", () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`${i}${"x".repeat(500)}`, 1]),
  );
  const told = spots(["payload.*"], many, {});
  assert.equal(told.length, 5);
  assert.ok(told.every((place) => place.length <= 100));
});

test("rules are for the roles and types that they name", () => {
  const redactor = new Redactor([{ path: "payload.a", types: ["x"] }]);
  const [before, after] = [{ a: 1 }, {}].map((payload) => ({ payload, result: null, meta: null }));
  assert.deepEqual(redactor.blindSpots(before!, after!, "x", "viewer"), ["payload.a"]);
  assert.deepEqual(redactor.blindSpots(before!, after!, "y", "viewer"), []);
  assert.deepEqual(redactor.blindSpots(before!, after!, "x", "admin"), []);
});

const NAMES = ["a", "b", "0", "1"];

function drawValue(draws: Draws, depth: number): unknown {
  if (depth === 0 || draws.chance(0.2)) return draws.below(100);
  if (draws.chance(0.3)) return draws.many(3, () => drawValue(draws, depth - 1));
  return Object.fromEntries(
    draws.many(3, () => [draws.pick(NAMES), drawValue(draws, depth - 1)] as const),
  );
}

test("what is shown is blind to write back if anything is hidden, and the whole never is", () => {
  const seed = 20_260_402;
  const draws = new Draws(seed);
  for (let i = 0; i < 2000; i++) {
    const payload = drawValue(draws, 4);
    const paths = draws.many(3, () => {
      return ["payload", ...draws.many(3, () => draws.pick([...NAMES, "*", "**"]))].join(".");
    });
    const redactor = new Redactor(paths.map((path) => ({ path })));
    const rest = { result: null, meta: null };
    const shown = redactor.apply({ ...rest, payload }, "t", "viewer").payload;
    const isHidden = JSON.stringify(shown) !== JSON.stringify(payload);
    const said = `seed ${seed}, draw ${i}: ${paths} of ${JSON.stringify(payload)}`;
    assert.equal(spots(paths, payload, shown).length > 0, isHidden, said);
    assert.deepEqual(spots(paths, payload, payload), [], said);
  }
});
