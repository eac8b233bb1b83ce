/** What is not for everyone is left out of jobs, wherever it stands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidOptionError } from "../../../src/errors.ts";
import { REDACTED, Redactor, type RedactRule, type Visible } from "../../../src/monitor/redact.ts";
import { Draws } from "../../property/draws.ts";

const R = REDACTED;

function redacted(paths: readonly string[], job: Partial<Visible>): Visible {
  const redactor = new Redactor(paths.map((path) => ({ path })));
  return redactor.apply({ payload: null, result: null, meta: null, ...job }, "t", "viewer");
}

const odd = JSON.parse(`{"__proto__":{"key":1},"constructor":{"key":2},"toString":3}`);

/** Paths, a payload, and what is shown of it. */
const cases: readonly (readonly [readonly string[], unknown, unknown])[] = [
  [["payload.a"], { a: 1, b: 2 }, { a: R, b: 2 }],
  [["payload.a.b"], { a: { b: { c: 1 } }, b: 2 }, { a: { b: R }, b: 2 }],
  [["payload.a.b"], { a: 1 }, { a: 1 }],
  [["payload"], { a: 1 }, R],
  [["payload"], null, R],
  [["payload.a"], { a: null }, { a: R }],
  [["payload.*"], { a: 1, b: { c: 2 } }, { a: R, b: R }],
  [["payload.*.c"], { a: 1, b: { c: 2, d: 3 } }, { a: 1, b: { c: R, d: 3 } }],
  [["payload.cards.*.number"], { cards: [{ number: 1, of: "x" }, 2] }, {
    cards: [{ number: R, of: "x" }, 2],
  }],
  [["payload.list.1"], { list: [1, 2, 3] }, { list: [1, R, 3] }],
  [["payload.**"], "secret", R],
  [["payload.**"], { a: 1 }, R],
  [["**"], { a: 1 }, R],
  [["*"], { a: 1 }, R],
  [["**.key"], { key: 1, a: [{ key: { b: 2 } }] }, { key: R, a: [{ key: R }] }],
  [["payload.**.a.**.b"], { a: { c: { b: 1 }, b: 2 }, b: 3 }, { a: { c: { b: R }, b: R }, b: 3 }],
  [["payload.**.**.b"], { b: 1, a: { b: 2 } }, { b: R, a: { b: R } }],
  [["payload.a", "payload.b"], { a: 1, b: 2, c: 3 }, { a: R, b: R, c: 3 }],
  [["payload.a.b", "payload.a"], { a: { b: 1 } }, { a: R }],
  [["result.a"], { a: 1 }, { a: 1 }],
  [
    ["**.key"],
    odd,
    JSON.parse(
      `{"__proto__":{"key":"${R}"},"constructor":{"key":"${R}"},"toString":3}`,
    ),
  ],
  [
    ["payload.__proto__", "payload.toString"],
    odd,
    JSON.parse(
      `{"__proto__":"${R}","constructor":{"key":2},"toString":"${R}"}`,
    ),
  ],
  [["payload.__proto__.key", "payload.constructor.name"], { a: 1 }, { a: 1 }],
];

for (const [paths, payload, shown] of cases) {
  test(`of ${JSON.stringify(payload)} without ${paths.join(" and ")} the rest is shown`, () => {
    const before = JSON.stringify(payload);
    // As JSON, since that is how it is sent, and a prototype does not count there.
    assert.equal(JSON.stringify(redacted(paths, { payload }).payload), JSON.stringify(shown));
    assert.equal(JSON.stringify(payload), before, "what was given is as it was");
  });
}

test("texts that a handler made are hidden as a whole, by a rule for them or for everything", () => {
  const fields = ["error", "logs", "progress"] as const;
  const hidden = (paths: readonly string[], type = "t"): string[] => {
    const redactor = new Redactor(paths.map((path) => ({ path, types: ["t"] })));
    return fields.filter((field) => redactor.hidesText(field, type, "viewer"));
  };
  assert.deepEqual(hidden(["error"]), ["error"]);
  assert.deepEqual(hidden(["logs", "progress"]), ["logs", "progress"]);
  assert.deepEqual(hidden(["*"]), fields);
  assert.deepEqual(hidden(["**"]), fields);
  assert.deepEqual(hidden(["**.**"]), fields);
  assert.deepEqual(hidden(["*.*", "**.error", "payload", "payload.**", "result.error"]), ["error"]);
  assert.deepEqual(hidden(["error", "**"], "other"), []);
  assert.deepEqual(redacted(["error"], { payload: { error: 1 } }).payload, { error: 1 });
});

test("what is not there does not appear by being hidden", () => {
  const shown = redacted(["**"], { payload: undefined, result: 1, meta: {} });
  assert.deepEqual(shown, { payload: undefined, result: R, meta: R });
});

test("rules hold for the roles and types that they are for", () => {
  const job = { payload: { a: 1 }, result: null, meta: null };
  const redactor = new Redactor([
    { path: "payload.a", types: ["x"] },
    { path: "payload.a", types: ["y"], except: [] },
    { path: "payload.a", types: ["z"], except: ["admin", "operator"] },
  ]);
  const shows = (type: string, role: "viewer" | "operator" | "admin"): boolean => {
    const { payload } = redactor.apply(job, type, role) as { payload: { a: unknown } };
    assert.equal(redactor.hides(type, role), payload.a === R);
    return payload.a === 1;
  };
  assert.deepEqual([shows("x", "viewer"), shows("x", "admin")], [false, true]);
  assert.deepEqual([shows("y", "viewer"), shows("y", "admin")], [false, false]);
  assert.deepEqual([shows("z", "viewer"), shows("z", "operator")], [false, true]);
  assert.equal(shows("other", "viewer"), true);
  assert.equal(redactor.apply(job, "other", "viewer"), job, "nothing is copied for nothing");
});

test("rules that name nothing are refused when the monitor is made", () => {
  const wrong: readonly unknown[] = [
    null,
    {},
    { path: "" },
    { path: "a.b" },
    { path: "payload." },
    { path: "error.message" },
    { path: "attempts" },
    { path: "payload..a" },
    { path: ["payload", "a"] },
    { path: `payload${".a".repeat(20)}` },
    { path: "payload.a", roles: ["viewer"] },
    { path: "payload.a", except: "admin" },
    { path: "payload.a", except: ["root"] },
    { path: "payload.a", types: "x" },
  ];
  for (const rule of wrong) {
    assert.throws(() => new Redactor([rule as RedactRule]), InvalidOptionError, `${rule}`);
  }
  const many = Array.from({ length: 101 }, () => ({ path: "payload.a" }));
  assert.throws(() => new Redactor(many), InvalidOptionError);
});

const NAMES = ["a", "b", "c", "0", "__proto__", "constructor"];

function drawValue(draws: Draws, depth: number): unknown {
  if (depth === 0 || draws.chance(0.2)) return `secret ${draws.below(1e9)}`;
  if (draws.chance(0.3)) return draws.many(3, () => drawValue(draws, depth - 1));
  const entries = draws.many(4, () => [draws.pick(NAMES), drawValue(draws, depth - 1)] as const);
  return JSON.parse(
    `{${entries.map(([name, one]) => `"${name}":${JSON.stringify(one)}`).join(",")}}`,
  );
}

/** Whether a path leads to a place: by trying all ways, slow and plain. */
function leadsTo(path: readonly string[], place: readonly string[]): boolean {
  const [part, ...rest] = path;
  if (part === undefined) return place.length === 0;
  if (part === "**") {
    return leadsTo(rest, place) || (place.length > 0 && leadsTo(path, place.slice(1)));
  }
  if (place.length === 0 || (part !== "*" && part !== place[0])) return false;
  return leadsTo(rest, place.slice(1));
}

/** Calls back with each value and where it stands. */
function eachPlace(
  value: unknown,
  place: readonly string[],
  look: (place: readonly string[], value: unknown) => boolean,
): void {
  if (!look(place, value) || typeof value !== "object" || value === null) return;
  for (const [name, child] of Object.entries(value)) eachPlace(child, [...place, name], look);
}

test("nothing at a hidden place is shown, and all else is", () => {
  const seed = 20_260_401;
  const draws = new Draws(seed);
  for (let i = 0; i < 2000; i++) {
    const job = {
      payload: drawValue(draws, 4),
      result: drawValue(draws, 2),
      meta: drawValue(draws, 2),
    };
    const paths = draws.many(3, () => {
      const first = draws.pick(["payload", "result", "meta", "*", "**"]);
      return [first, ...draws.many(4, () => draws.pick([...NAMES, "*", "**"]))].join(".");
    });
    const isHidden = (place: readonly string[]): boolean =>
      place.length > 0 && paths.some((path) => leadsTo(path.split("."), place));
    const shown = redacted(paths, job);
    const found = new Map<string, unknown>();
    eachPlace(shown, [], (place, value) => {
      found.set(JSON.stringify(place), value);
      return true;
    });
    eachPlace(job, [], (place, value) => {
      const at = JSON.stringify(place);
      const said = `seed ${seed}, draw ${i}: ${paths} at ${at}`;
      if (isHidden(place)) {
        assert.equal(found.get(at), R, said);
        return false;
      }
      if (typeof value !== "object") assert.equal(found.get(at), value, said);
      return true;
    });
  }
});

test("a deep payload is looked at once, whatever the number of rules", () => {
  let looks = 0;
  const leaf = new Proxy({ b: 1 }, {
    ownKeys: (target) => {
      looks++;
      return Reflect.ownKeys(target);
    },
  });
  let payload: unknown = leaf;
  for (let i = 0; i < 400; i++) payload = { a: payload };
  const paths = Array.from({ length: 50 }, (_, i) => `**.a.**.a.**.x${i}`);
  redacted([...paths, "**.b"], { payload });
  assert.equal(looks, 1);
});
