import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../../../src/monitor/alerts/alert.ts";
import {
  nextStarts,
  readingsOf,
  type Starts,
  storeReading,
} from "../../../../src/monitor/alerts/readings.ts";
import { type AlertRule, toRule } from "../../../../src/monitor/alerts/rules.ts";
import type { Holder, Minute, Snapshot } from "../../../../src/monitor/alerts/snapshot.ts";
import { step } from "../../../../src/monitor/alerts/step.ts";

const MINUTE = 60_000;
const NOW = 1_767_225_600_000;

function snapshot(parts: Partial<Snapshot>): Snapshot {
  return { now: NOW, lines: [], oldest: [], minutes: [], servers: [], ...parts };
}

/** What a rule finds wrong: the id, and the value. */
function wrong(
  rule: AlertRule,
  parts: Partial<Snapshot>,
  { starts = {}, before = [] }: { starts?: Starts; before?: readonly Alert[] } = {},
): (readonly [string, number | null])[] {
  return readingsOf([toRule(rule)], { snapshot: snapshot(parts), starts, before })
    .filter(({ isOver }) => isOver).map(({ id, value }) => [id, value] as const);
}

test("queue_stalled finds queues in which jobs are ready and none is started for that long", () => {
  const rule = { when: "queue_stalled", forMs: 1000 } as const;
  let starts: Starts = {};
  const looks = [
    // seconds, ready, started, what is wrong
    [0, 0, 5, []],
    [1, 3, 5, []],
    [1.9, 3, 5, []],
    [2, 4, 5, [["queue_stalled:mail", 1000]]],
    [9, 4, 5, [["queue_stalled:mail", 8000]]],
    [10, 4, 6, []], // one was started
    [10.9, 4, 6, []],
    [11, 4, 6, [["queue_stalled:mail", 1000]]],
    [12, 4, 5, [["queue_stalled:mail", 2000]]], // one that ran was canceled, none was started
    [13, 0, 5, []],
    [14, 1, 5, []],
    [15, 1, 5, [["queue_stalled:mail", 1000]]],
  ] as const;
  for (const [at, ready, started, found] of looks) {
    const parts = { now: NOW + at * 1000, lines: [{ queue: "mail", ready, started }] };
    starts = nextStarts(starts, parts, { isAfterGap: false, alerts: [] });
    assert.deepEqual(wrong(rule, parts, { starts }), found, `at ${at} s`);
  }
  const gap = { now: NOW + 99_000, lines: [{ queue: "mail", ready: 1, started: 5 }] };
  assert.deepEqual(
    wrong(rule, gap, { starts: nextStarts(starts, gap, { isAfterGap: true, alerts: [] }) }),
    [],
  );
});

test("rules about queues look at each queue by itself but the one of webhooks, or at theirs", () => {
  const lines = ["a", "b", "gqm"].map((queue) => ({ queue, ready: 1, started: 0 }));
  const starts = Object.fromEntries(
    lines.map(({ queue }) => [queue, { started: 0, at: NOW - 10 * MINUTE }]),
  );
  const queuesOf = (queue: string | undefined): string[] =>
    wrong({ when: "queue_stalled", ...queue && { queue } }, { lines }, { starts })
      .map(([id]) => id.slice("queue_stalled:".length));
  assert.deepEqual(queuesOf(undefined), ["a", "b"]);
  assert.deepEqual(queuesOf("*"), ["a", "b"]);
  assert.deepEqual(queuesOf("b"), ["b"]);
  assert.deepEqual(queuesOf("gqm"), ["gqm"]);
  assert.deepEqual(queuesOf("none"), []);
});

test("oldest_age finds queues whose oldest job is ready for too long", () => {
  const oldest = [
    { queue: "a", type: "x", readyAt: NOW - 1000 },
    { queue: "a", type: "y", readyAt: NOW - 3000 },
    { queue: "b", type: "x", readyAt: NOW - 2000 },
    { queue: "c", type: "x", readyAt: NOW + 50 },
  ];
  const when = "oldest_age";
  const rows: readonly (readonly [AlertRule, readonly (readonly [string, number])[]])[] = [
    [{ when, aboveMs: 3000 }, []],
    [{ when, aboveMs: 2999 }, [["oldest_age:a", 3000]]],
    [{ when, aboveMs: 1999 }, [["oldest_age:a", 3000], ["oldest_age:b", 2000]]],
    [{ when, aboveMs: 999, type: "x" }, [["oldest_age:a", 1000], ["oldest_age:b", 2000]]],
    [{ when, aboveMs: 999, type: "x", queue: "b", name: "n" }, [["n:b", 2000]]],
    [{ when, queue: "b" }, []],
  ];
  for (const [rule, found] of rows) {
    assert.deepEqual(wrong(rule, { oldest }), found, JSON.stringify(rule));
  }
});

test("failure_rate finds queues in which too many of enough attempts failed lately", () => {
  const row = (queue: string, type: string, ago: number, completed: number, failed: number) => {
    return { queue, type, at: NOW - ago * MINUTE, completed, failed } satisfies Minute;
  };
  const minutes = [
    row("a", "x", 0, 5, 5),
    row("a", "x", 2, 3, 2),
    row("a", "y", 1, 4, 1),
    row("a", "x", 6, 0, 1000),
    row("b", "x", 1, 0, 3),
    row("gqm", "gqm.webhook", 0, 0, 100),
  ];
  const when = "failure_rate";
  const rows: readonly (readonly [AlertRule, readonly (readonly [string, number])[]])[] = [
    [{ when, above: 0.4 }, []], // 8 of 20 are not above
    [{ when, above: 0.39 }, [["failure_rate:a", 0.4]]],
    [{ when, above: 0.39, minCount: 21 }, []],
    [{ when, above: 0.1, minCount: 3 }, [["failure_rate:a", 0.4], ["failure_rate:b", 1]]],
    [{ when, above: 0.4, minCount: 10, type: "x" }, [["failure_rate:a", 7 / 15]]],
    [{ when, above: 0.4, minCount: 10, overMs: MINUTE }, []],
    [{ when, above: 0.9, overMs: 10 * MINUTE }, [["failure_rate:a", 1008 / 1020]]],
    [{ when, queue: "gqm" }, [["failure_rate:gqm", 1]]],
  ];
  for (const [rule, found] of rows) {
    assert.deepEqual(wrong(rule, { minutes }), found, JSON.stringify(rule));
  }
});

/** Looks at a server; gives the status of its alert after each look. */
function lives(
  looks: readonly (readonly [seconds: number, silentMs: number | null])[],
): readonly string[] {
  const rules = [toRule({ when: "dead_server", keepMs: 100_000, resolveMs: 20_000 })];
  let before: readonly Alert[] = [];
  return looks.map(([seconds, silentMs]) => {
    const now = NOW + seconds * 1000;
    const server: Holder = {
      ...{ id: "host-1", hostname: "host", pid: 1, leaseMs: 15_000, silentMs: silentMs ?? 0 },
    };
    const seen = snapshot({ now, servers: silentMs === null ? [] : [server] });
    const readings = readingsOf(rules, { snapshot: seen, starts: {}, before });
    before = step(before, readings, { now, isAfterGap: false, rules }).alerts;
    return before[0]?.status ?? "none";
  });
}

test("dead_server finds servers that are silent for a lease, and still are at a later look", () => {
  assert.deepEqual(lives([[0, 0], [15, 14_999], [30, 5000]]), ["none", "none", "none"]);
  assert.deepEqual(lives([[0, 15_000], [15, 30_000]]), ["pending", "firing"]);
  // All are silent for a moment after the store was away.
  assert.deepEqual(lives([[0, 40_000], [15, 2000]]), ["pending", "none"]);
  // One that left, or came back, is not dead.
  assert.deepEqual(lives([[0, 16_000], [15, null]]), ["pending", "none"]);
  assert.deepEqual(
    lives([[0, 15_000], [15, 30_000], [30, 1000], [49, 0], [50, 0]]),
    ["pending", "firing", "firing", "firing", "resolved"],
  );
  assert.deepEqual(
    lives([[0, 15_000], [15, 30_000], [30, 1000], [45, null], [50, null]]),
    ["pending", "firing", "firing", "firing", "resolved"],
  );
});

test("a dead server stays dead when the store forgets it, until that is no news any more", () => {
  assert.deepEqual(
    lives([[0, 15_000], [15, 30_000], [30, 45_000], [60, null], [114, null], [115, null]]),
    ["pending", "firing", "firing", "firing", "firing", "resolved"],
  );
});

test("store_degraded finds a store that does not answer, or too slowly", () => {
  const rule = toRule({ when: "store_degraded", aboveMs: 100, forMs: 5 });
  const read = (ms: number | null): unknown[] => {
    const { isOver, value, summary, holdMs } = storeReading(rule, ms);
    return [isOver, value, summary, holdMs];
  };
  assert.deepEqual(read(100), [false, 100, "The store is slow to answer", 5]);
  assert.deepEqual(read(100.6), [true, 101, "The store is slow to answer", 5]);
  assert.deepEqual(read(null), [true, null, "The store does not answer", 5]);
});
