/** What a view shows of what happened in a moment, and what is kept of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Batch, type Happening, MOST_AT_ONCE } from "../../../../src/monitor/live/batch.ts";
import { liveEventNames } from "../../../../src/monitor/live/events.ts";
import { MOST_RECENT, Recent } from "../../../../src/monitor/live/recent.ts";
import { eventTexts } from "../../../../src/monitor/live/sse.ts";
import { changesOf, queuesOnWire, toQueues } from "../../../../src/monitor/live/standing.ts";
import type { View, Wish } from "../../../../src/monitor/live/view.ts";
import { toStats } from "../../../../src/insight/stats.ts";
import type { CountRow, JobEventKind } from "../../../../src/store/store.ts";
import { someone } from "../../../monitor/support/desk.ts";

let number = 0;

function moved(kind: JobEventKind, more: { queue?: string; type?: string; id?: string } = {}) {
  const { queue = "q", type = "t", id = `job-${number}` } = more;
  const status = kind === "removed" ? null : "ready" as const;
  return { kind, id, queue, type, status, cursor: String(++number), at: 1 };
}

function many(count: number, make: () => Happening): Happening[] {
  return Array.from({ length: count }, make);
}

function view(wish?: Partial<Wish>, queues?: readonly string[]): View {
  return { who: someone("viewer", queues), events: new Set(liveEventNames), ...wish };
}

/** How many events there are of each kind, and how many more. */
function told({ events, more }: { events: readonly Happening[]; more: number }): object {
  const kinds = Object.groupBy(events, ({ kind }) => kind);
  return { ...Object.fromEntries(Object.entries(kinds).map(([k, v]) => [k, v.length])), more };
}

const nobody = (): boolean => false;

test("what failed comes before what else happened, and each in its order", () => {
  const events = [
    ...many(300, () => moved("created")),
    ...many(30, () => moved("dead_letter")),
    ...many(300, () => moved("completed")),
  ];
  const part = new Batch(events, nobody).jobs(view());
  assert.deepEqual(told(part), { dead_letter: 30, completed: 70, more: 530 });
  const cursors = part.events.map(({ cursor }) => Number(cursor));
  assert.deepEqual(cursors, cursors.toSorted((a, b) => a - b));
  assert.equal(part.events.at(-1), events.at(-1), "the newest are told");
  const failures = new Batch(many(250, () => moved("retry")), nobody).jobs(view());
  assert.deepEqual(told(failures), { retry: MOST_AT_ONCE, more: 250 - MOST_AT_ONCE });
});

test("a queue with little to tell is not crowded out for who looks at it alone", () => {
  const events = [
    moved("created", { queue: "quiet" }),
    ...many(5000, () => moved("lost")),
    moved("created", { type: "rare" }),
  ];
  const batch = new Batch(events, nobody);
  assert.deepEqual(told(batch.jobs(view({ queue: "quiet" }))), { created: 1, more: 0 });
  assert.deepEqual(told(batch.jobs(view({ type: "rare" }))), { created: 1, more: 0 });
  assert.deepEqual(told(batch.jobs(view({}, ["quiet"]))), { created: 1, more: 0 });
  assert.deepEqual(told(batch.jobs(view({ queue: "q" }, ["quiet"]))), { more: 0 });
});

test("who looks at a job alone is told all of it", () => {
  const events = [
    ...many(500, () => moved("dead_letter")),
    moved("created", { id: "mine" }),
    ...many(500, () => moved("dead_letter")),
    moved("completed", { id: "mine" }),
  ];
  const batch = new Batch(events, (id) => id === "mine");
  assert.deepEqual(told(batch.jobs(view({ job: "mine" }))), { created: 1, completed: 1, more: 0 });
  assert.deepEqual(told(batch.jobs(view({ job: "mine" }, ["other"]))), { more: 0 });
  assert.deepEqual(told(batch.jobs(view({ job: "mine", type: "u" }))), { more: 0 });
});

test("what is paused is told to those who see the queue, for all queues to those who see all", () => {
  const lines = (queue: string | null, type: string | null) => {
    return { kind: "paused", queue, type, cursor: "1", at: 1 } as const;
  };
  const batch = new Batch([lines("q", null), lines(null, "t"), lines("q", "t")], nobody);
  const seen = (one: View) => batch.lines(one).events.map(({ queue, type }) => `${queue}/${type}`);
  assert.deepEqual(seen(view()), ["q/null", "null/t", "q/t"]);
  assert.deepEqual(seen(view({}, ["q"])), ["q/null", "q/t"]);
  assert.deepEqual(seen(view({}, ["other"])), []);
  assert.deepEqual(seen(view({ type: "u" })), ["q/null"]);
  assert.deepEqual(seen(view({ queue: "r" })), ["null/t"]);
});

test("the newest events are kept, a bounded number, and it is known since when", () => {
  const recent = new Recent("10");
  const event = (cursor: number): Happening => ({ ...moved("created"), cursor: String(cursor) });
  assert.deepEqual(recent.after(10), []);
  assert.equal(recent.after(9), undefined);
  assert.equal(recent.after(11), undefined);
  recent.add([event(11), event(12)]);
  const after = (cursor: number) => recent.after(cursor)?.map(({ cursor }) => Number(cursor));
  assert.deepEqual(after(11), [12]);
  recent.addBefore([event(9), event(10), event(11)], 8);
  assert.deepEqual(after(8), [9, 10, 11, 12]);
  for (let i = 13; i < 13 + 3 * MOST_RECENT; i++) recent.add([event(i)]);
  const last = 12 + 3 * MOST_RECENT;
  assert.equal(recent.last, String(last));
  assert.equal(after(last - MOST_RECENT)?.length, MOST_RECENT);
  assert.equal(after(last - 2 * MOST_RECENT), undefined);
  recent.miss("20000");
  assert.deepEqual([after(last), after(20_000)], [undefined, []]);
});

test("of the queues those are told that changed", () => {
  const queues = (rows: readonly CountRow[], paused: readonly string[] = []) => {
    const targets = paused.map((queue) => ({ queue, type: null }));
    return toQueues(toStats({ counts: rows, totals: [], paused: targets }).queues);
  };
  const row = (queue: string, count: number, type = "t"): CountRow => {
    return { queue, type, status: "ready", count };
  };
  const before = queues([row("a", 1), row("b", 1), row("c", 1)]);
  const now = queues([row("a", 1), row("b", 2), row("b", 3, "u"), row("d", 1)], ["d"]);
  const shown = (one: View, isFirst = false) => {
    const data = queuesOnWire(changesOf(now, isFirst ? undefined : before), one) as
      | { queues: { name: string; ready: number; paused: boolean }[]; gone: string[] }
      | undefined;
    return data && [
      ...data.queues.map(({ name, ready, paused }) => `${name} ${ready}${paused ? " paused" : ""}`),
      ...data.gone.map((name) => `${name} gone`),
    ];
  };
  assert.deepEqual(shown(view()), ["b 5", "d 1 paused", "c gone"]);
  assert.deepEqual(shown(view({ type: "u" })), ["b 3", "d 0 paused", "c gone"]);
  assert.deepEqual(shown(view(), true), ["a 1", "b 5", "d 1 paused"]);
  assert.equal(shown(view({}, ["a"])), undefined);
  assert.deepEqual(shown(view({}, ["nobody"]), true), []);
  assert.equal(queuesOnWire(changesOf(now, now), view()), undefined);
});

test("an event stands on its lines, whatever is in it", () => {
  const data = { text: "a\nb\r\nc\n\nevent: x\u2028\ud800" };
  const text = eventTexts([{ event: "gap", data: {} }, { event: "alert", data }], "17");
  const lines = text.split(/\r\n|\r|\n/);
  assert.deepEqual(lines.slice(0, 5), ["event: gap", "data: {}", "", "event: alert", "id: 17"]);
  assert.deepEqual(JSON.parse(lines[5]!.slice("data: ".length)), data);
  assert.deepEqual(lines.slice(6), ["", ""]);
});
