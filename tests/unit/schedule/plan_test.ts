import { assert, assertEquals } from "@std/assert";
import type { CatchUp, Definition } from "../../../src/schedule/definition.ts";
import { planSlots } from "../../../src/schedule/plan.ts";
import { timingOf } from "../../../src/schedule/timing.ts";

const T = Date.parse("2026-01-01T00:00Z");
const MINUTE = 60_000;

function definition(fields: Partial<Definition> = {}): Definition {
  return {
    timing: { timeZone: "UTC", everyMs: MINUTE },
    job: { type: "t", queue: "q", priority: 0, payload: "1", settings: {} },
    overlap: "skip",
    catchUp: "latest",
    jitterMs: 0,
    runOnStart: false,
    enabled: true,
    ...fields,
  };
}

/** Slots as minutes after T. */
const rows: readonly {
  readonly catchUp: CatchUp;
  /** Milliseconds after T; the first slot is at T. */
  readonly now: number;
  readonly fires: readonly number[];
  /** The newest slot missed, and how many. */
  readonly missed?: readonly [number, number];
}[] = [
  { catchUp: "none", now: 0, fires: [0] },
  { catchUp: "none", now: MINUTE - 1, fires: [0] },
  { catchUp: "none", now: MINUTE, fires: [1], missed: [0, 1] },
  { catchUp: "latest", now: 0, fires: [0] },
  { catchUp: "latest", now: 10.5 * MINUTE, fires: [10], missed: [9, 10] },
  { catchUp: "latest", now: 5000 * MINUTE, fires: [5000], missed: [4999, 5000] },
  { catchUp: { all: 3 }, now: MINUTE, fires: [0, 1] },
  { catchUp: { all: 3 }, now: 2 * MINUTE, fires: [0, 1, 2] },
  { catchUp: { all: 3 }, now: 4 * MINUTE, fires: [2, 3, 4], missed: [1, 2] },
  { catchUp: { all: 100 }, now: 10_000 * MINUTE, fires: [9901, 10_000], missed: [9900, 9901] },
];

for (const { catchUp, now, fires, missed } of rows) {
  Deno.test(`planSlots fires ${fires} when ${JSON.stringify(catchUp)} is to be caught up ${now} ms later`, () => {
    const plan = planSlots(
      { id: "s", slotAt: T },
      definition({ catchUp }),
      timingOf({ timeZone: "UTC", everyMs: MINUTE }),
      T + now,
    );
    const all = plan.fires.map((slot) => (slot - T) / MINUTE);
    assertEquals(all.length > 3 ? [all[0], all.at(-1)] : all, [...fires]);
    const [note] = plan.notes;
    assertEquals(note && [(note.slotAt - T) / MINUTE, note.count ?? 1], missed && [...missed]);
    const next = T + (Math.floor(now / MINUTE) + 1) * MINUTE;
    assertEquals([plan.slotAt, plan.dueAt], [next, next]);
  });
}

Deno.test("planSlots leaves out a slot that is a minute old when nothing is caught up", () => {
  const hourly = definition({ catchUp: "none", timing: { timeZone: "UTC", cron: "0 * * * *" } });
  const timing = timingOf(hourly.timing);
  const fires = (now: number) => planSlots({ id: "s", slotAt: T }, hourly, timing, now).fires;
  assertEquals(fires(T + MINUTE - 1), [T]);
  assertEquals(fires(T + MINUTE), []);
});

Deno.test("planSlots says that there are more when it did not count them", () => {
  const timing = { timeZone: "UTC", cron: "* * * * *" };
  const { notes } = planSlots(
    { id: "s", slotAt: T },
    definition({ timing }),
    timingOf(timing),
    T + 5000 * MINUTE,
  );
  assertEquals(notes, [{
    slotAt: T + 4999 * MINUTE,
    outcome: "missed",
    count: 1001,
    note: "and more",
  }]);
});

Deno.test("planSlots gives each slot a jitter of its own, the same each time, within its bound", () => {
  const jittery = definition({ jitterMs: 50_000 });
  const timing = timingOf(jittery.timing);
  const jitters = Array.from({ length: 200 }, (_, i) => {
    const plan = () => planSlots({ id: "s", slotAt: null }, jittery, timing, T + i * MINUTE);
    const { slotAt, dueAt } = plan();
    assertEquals(plan().dueAt, dueAt);
    return dueAt! - slotAt!;
  });
  assert(jitters.every((ms) => ms >= 0 && ms < 50_000));
  assert(new Set(jitters).size > 150, `${new Set(jitters).size} of 200 differ`);
  assert(Math.min(...jitters) < 5000 && Math.max(...jitters) > 45_000, "the bound is used");
  const other = planSlots({ id: "other", slotAt: null }, jittery, timing, T);
  assert(other.dueAt! - other.slotAt! !== jitters[0]);
});

Deno.test("planSlots fires the newest slot alone when a custom schedule has missed more than one look goes through", () => {
  const custom = definition({ timing: { timeZone: "UTC", custom: true } });
  const timing = timingOf(custom.timing, (after) => after + MINUTE);
  const now = T + 2500 * MINUTE;
  const fired: number[] = [];
  let missed = 0;
  let slotAt: number | null = T;
  for (let look = 0; slotAt !== null && slotAt <= now; look++) {
    assert(look < 3, "it is done in three looks");
    const plan = planSlots({ id: "s", slotAt }, custom, timing, now);
    fired.push(...plan.fires);
    missed += plan.notes[0]?.count ?? 0;
    slotAt = plan.slotAt;
  }
  assertEquals([fired, missed], [[now], 2500]);
});

Deno.test("planSlots notes what the function of a custom schedule throws, and comes again in a minute", () => {
  const custom = definition({ timing: { timeZone: "UTC", custom: true } });
  const timing = timingOf(custom.timing, () => {
    throw new Error("no calendar");
  });
  const note = { slotAt: T, outcome: "error", note: "no calendar" };
  const first = planSlots({ id: "s", slotAt: null }, custom, timing, T);
  assertEquals(first, { fires: [], notes: [note], slotAt: null, dueAt: T + MINUTE } as never);
  const due = planSlots({ id: "s", slotAt: T }, custom, timing, T + 5);
  assertEquals(due, { fires: [T], notes: [note], slotAt: null, dueAt: T + 5 + MINUTE } as never);
});
