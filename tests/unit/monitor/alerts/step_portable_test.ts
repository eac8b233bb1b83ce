import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert, Change, Reading } from "../../../../src/monitor/alerts/alert.ts";
import { MOST_ALERTS, SHOWN_MS, step } from "../../../../src/monitor/alerts/step.ts";

const rules = [{ name: "rule", resolveMs: 60 }];

function reading(isOver: boolean, options: Partial<Reading> = {}): Reading {
  return {
    when: "oldest_age",
    ...{ id: "rule:q", rule: "rule", queue: "q", type: null, server: null },
    ...{ isOver, value: 1, threshold: 0, summary: "s", holdMs: 0, ...options },
  };
}

/** One look: at what time, what was read, and what comes of it. */
interface Look {
  readonly at: number;
  /** Undefined: nothing was read of it. */
  readonly isOver: boolean | undefined;
  readonly status: string;
  /** @default {none} */
  readonly told?: string;
  readonly isAfterGap?: boolean;
}

interface Row {
  readonly name: string;
  readonly holdMs?: number;
  readonly looks: readonly Look[];
}

const rows: readonly Row[] = [
  {
    name: "fires at once where it need not hold, and is told once",
    looks: [
      { at: 0, isOver: false, status: "none" },
      { at: 10, isOver: true, status: "firing", told: "firing" },
      { at: 20, isOver: true, status: "firing" },
      { at: 9000, isOver: true, status: "firing" },
    ],
  },
  {
    name: "fires when it has held for long enough",
    holdMs: 30,
    looks: [
      { at: 0, isOver: true, status: "pending" },
      { at: 29, isOver: true, status: "pending" },
      { at: 30, isOver: true, status: "firing", told: "firing" },
    ],
  },
  {
    name: "begins anew when it was well between",
    holdMs: 30,
    looks: [
      { at: 0, isOver: true, status: "pending" },
      { at: 20, isOver: false, status: "none" },
      { at: 30, isOver: true, status: "pending" },
      { at: 59, isOver: true, status: "pending" },
      { at: 60, isOver: true, status: "firing", told: "firing" },
    ],
  },
  {
    name: "begins anew when nobody has looked for a while",
    holdMs: 30,
    looks: [
      { at: 0, isOver: true, status: "pending" },
      { at: 1000, isOver: true, status: "pending", isAfterGap: true },
      { at: 1030, isOver: true, status: "firing", told: "firing" },
      { at: 5000, isOver: true, status: "firing", isAfterGap: true },
    ],
  },
  {
    name: "is resolved when all was well for long enough",
    looks: [
      { at: 0, isOver: true, status: "firing", told: "firing" },
      { at: 10, isOver: false, status: "firing" },
      { at: 69, isOver: false, status: "firing" },
      { at: 70, isOver: false, status: "resolved", told: "resolved" },
      { at: 80, isOver: false, status: "resolved" },
      { at: 69 + SHOWN_MS, isOver: false, status: "resolved" },
      { at: 70 + SHOWN_MS, isOver: false, status: "none" },
    ],
  },
  {
    name: "comes and goes and is told once",
    looks: [
      { at: 0, isOver: true, status: "firing", told: "firing" },
      { at: 50, isOver: false, status: "firing" },
      { at: 100, isOver: true, status: "firing" },
      { at: 150, isOver: false, status: "firing" },
      { at: 209, isOver: false, status: "firing" },
      { at: 210, isOver: false, status: "resolved", told: "resolved" },
    ],
  },
  {
    name: "is well when nothing is read of it any more",
    looks: [
      { at: 0, isOver: true, status: "firing", told: "firing" },
      { at: 10, isOver: undefined, status: "firing" },
      { at: 70, isOver: undefined, status: "resolved", told: "resolved" },
    ],
  },
  {
    name: "fires again after it was resolved",
    looks: [
      { at: 0, isOver: true, status: "firing", told: "firing" },
      { at: 10, isOver: false, status: "firing" },
      { at: 70, isOver: false, status: "resolved", told: "resolved" },
      { at: 80, isOver: true, status: "firing", told: "firing" },
    ],
  },
];

for (const { name, holdMs = 0, looks } of rows) {
  test(`an alert ${name}`, () => {
    let alerts: readonly Alert[] = [];
    for (const { at, isOver, status, told, isAfterGap = false } of looks) {
      const readings = isOver === undefined ? [] : [reading(isOver, { holdMs })];
      const stepped = step(alerts, readings, { now: at, isAfterGap, rules });
      alerts = stepped.alerts;
      assert.equal(alerts[0]?.status ?? "none", status, `at ${at}`);
      const change = told && { id: "rule:q", change: told, at };
      assert.deepEqual(stepped.changes, change ? [change] : [], `at ${at}`);
    }
  });
}

test("an alert tells since when it is wrong, when it fired, and what was measured last", () => {
  const time = { isAfterGap: false, rules };
  const first = step([], [reading(true, { holdMs: 5 })], { ...time, now: 10 }).alerts;
  const second = step(first, [reading(true, { holdMs: 5, value: 7, summary: "t" })], {
    ...{ ...time, now: 20 },
  }).alerts;
  const third = step(second, [reading(false, { value: 0 })], { ...time, now: 30 }).alerts;
  const { overAt, firedAt, calmAt, value, summary } = third[0]!;
  assert.deepEqual([overAt, firedAt, calmAt, value, summary], [10, 20, 30, 7, "t"]);
});

test("an alert that somebody has seen for a time is told again if it still fires after that", () => {
  const time = { isAfterGap: false, rules };
  let alerts = step([], [reading(true)], { ...time, now: 0 }).alerts;
  const acknowledged = { by: "ada", at: 5, until: 100 };
  alerts = alerts.map((alert): Alert => ({ ...alert, acknowledged }));
  const told: (readonly [number, readonly Change[]])[] = [];
  for (const now of [50, 99, 100, 150]) {
    const stepped = step(alerts, [reading(true)], { ...time, now });
    alerts = stepped.alerts;
    told.push([now, stepped.changes]);
  }
  const again = [{ id: "rule:q", change: "firing", at: 100 }];
  assert.deepEqual(told, [[50, []], [99, []], [100, again], [150, []]]);
});

test("an alert that somebody has seen is not told again before it is resolved", () => {
  const time = { isAfterGap: false, rules };
  const fired = step([], [reading(true)], { ...time, now: 0 }).alerts;
  const acknowledged = { by: "ada", at: 5, until: null };
  const seen = fired.map((alert): Alert => ({ ...alert, acknowledged }));
  const later = step(seen, [reading(true)], { ...time, now: 1e9 });
  assert.deepEqual(later.changes, []);
  assert.deepEqual(later.alerts[0]?.acknowledged, acknowledged);
  const calm = step(later.alerts, [], { ...time, now: 1e9 }).alerts;
  const resolved = step(calm, [], { ...time, now: 1e9 + 60 });
  assert.deepEqual(resolved.changes.map(({ change }) => change), ["resolved"]);
});

test("alerts are bounded: those that fire stay, the others are left out and not told", () => {
  const many = Array.from({ length: MOST_ALERTS + 10 }, (_, i) => reading(true, { id: `r:${i}` }));
  const { alerts, changes, leftOut } = step([], many, { now: 0, isAfterGap: false, rules });
  assert.deepEqual([alerts.length, changes.length, leftOut], [MOST_ALERTS, MOST_ALERTS, 10]);
  const more = step(alerts, many, { now: 1, isAfterGap: false, rules });
  assert.deepEqual(more.changes, []);
  assert.deepEqual(more.alerts.map(({ id }) => id), alerts.map(({ id }) => id));
});
