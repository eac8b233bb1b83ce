/** Units, and what cannot be read, on the wire. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobRecord } from "../../src/job/job.ts";
import { Redactor } from "../../src/monitor/redact.ts";
import { entryOnWire, historyOnWire, type ScheduleView } from "../../src/monitor/wire/cron.ts";
import { nextFires } from "../../src/monitor/wire/fire_time.ts";
import { jobOnWire } from "../../src/monitor/wire/job.ts";
import { scheduleDetails } from "../../src/monitor/wire/schedule.ts";
import { workersOf } from "../../src/monitor/wire/server.ts";
import { nanosText, seconds, secondsText, spanText } from "../../src/monitor/wire/time.ts";
import { toSchedule } from "../../src/schedule/schedule.ts";
import type { ScheduleEntry, ScheduleRecord } from "../../src/store/store.ts";

const redactor = new Redactor([]);
const view = {
  redactor,
  role: "viewer",
  now: 0,
  leases: new Map(),
  isWhole: true,
  sees: () => true,
} as const;

test("times lose nothing that their unit holds", () => {
  assert.equal(nanosText(1_767_225_603_001), "1767225603001000000");
  assert.equal(seconds(1999), 1);
  assert.equal(secondsText(null), undefined);
  assert.equal(secondsText(undefined), undefined);
  const spans: readonly (readonly [ms: number | undefined, text: string | undefined])[] = [
    [undefined, undefined],
    [0, "0"],
    [1, "1"],
    [1000, "1"],
    [1001, "2"],
    [-1, "-1"],
  ];
  for (const [ms, text] of spans) assert.equal(spanText(ms), text);
});

const record: JobRecord = {
  id: "one",
  type: "report",
  queue: "default",
  priority: 0,
  status: "completed",
  payload: "{broken",
  settings: {},
  createdAt: 1000,
  runAt: null,
  startedAt: null,
  finishedAt: null,
  retryCount: 0,
  attemptsMade: 0,
  deliveries: 0,
  attempts: [],
  error: null,
  result: "null",
  progress: null,
  logs: [],
  holder: null,
  pendingParents: [],
  canceledBy: null,
};

test("a payload that is no JSON is shown as text", () => {
  assert.equal(jobOnWire(record, view).payload, "{broken");
});

test("what is no JSON is not shown where a part of it may be hidden", () => {
  const hiding = { ...view, redactor: new Redactor([{ path: "payload.password" }]) };
  const secret = '{"password":"s3cret"}';
  const damaged: readonly Partial<JobRecord>[] = [
    { payload: secret.slice(0, -1) },
    { payload: secret, result: "{broken" },
    { payload: secret, result: secret.slice(0, -1) },
  ];
  for (const fields of damaged) {
    const shown = jobOnWire({ ...record, ...fields }, hiding);
    assert.deepEqual([shown.payload, shown.result], ["[redacted]", "[redacted]"]);
    const whole = jobOnWire({ ...record, ...fields }, { ...hiding, role: "admin" });
    assert.equal(whole.payload, fields.payload);
  }
  assert.equal(jobOnWire({ ...record, result: null }, hiding).result, undefined);
});

test("a job whose holder's server is not known has no heartbeat, but a deadline", () => {
  const holder = { fence: 1, server: "gone", pool: "p", claimedAt: 1000, leaseUntil: 16_999 };
  const shown = jobOnWire({ ...record, status: "processing", holder }, { ...view, now: 41_999 });
  assert.equal(shown.last_heartbeat, undefined);
  assert.deepEqual([shown.processing_deadline, shown.stale], [16, false]);
});

test("a child that one parent may cancel is not said to allow failures", () => {
  const dependsOn = [
    { id: "a", onFailure: "continue" },
    { id: "b", onFailure: "cancel" },
  ] as const;
  const shown = jobOnWire({ ...record, settings: { dependsOn } }, view);
  assert.deepEqual([shown.depends_on, shown.allow_failure], [["a", "b"], undefined]);
});

const schedule: ScheduleRecord = {
  id: "s",
  version: 1,
  definition: "",
  source: "code",
  scope: "default",
  paused: false,
  custom: false,
  slotAt: null,
  dueAt: null,
  createdAt: 1000,
  updatedAt: 2000,
  lastSlotAt: null,
  lastFiredAt: null,
  lastStartAt: null,
  lastOutcome: null,
  lastJobId: null,
};

function defined(timing: object): string {
  const job = { type: "t", queue: "q", priority: 0, payload: "1", settings: {} };
  return JSON.stringify({ timing: { timeZone: "UTC", ...timing }, job, catchUp: "none" });
}

test("every kind of schedule has a text for when it fires, and one that is over has -1", () => {
  const rows: readonly (readonly [timing: object, custom: boolean, text: string])[] = [
    [{ cron: "@daily" }, false, "@daily"],
    [{ everyMs: 90_000 }, false, "@every 90s"],
    [{ everyMs: 500 }, false, "@every 500ms"],
    [{ custom: true }, true, "@custom"],
  ];
  for (const [timing, custom, text] of rows) {
    const definition = defined(timing);
    const shown = entryOnWire(toSchedule({ ...schedule, definition, custom }), view);
    assert.deepEqual([shown.cron_expr, shown.next_run], [text, -1]);
  }
  const broken = entryOnWire(toSchedule(schedule), view);
  assert.equal(broken.cron_expr, "");
  assert.equal(typeof broken.error, "string");
  const damaged = toSchedule({ ...schedule, definition: '"s3cret' });
  assert.equal(entryOnWire(damaged, view).error, damaged.error);
  const noted = { at: 1, slotAt: 1, kind: "slot", outcome: "error", note: "s3cret" } as const;
  const lines: readonly ScheduleEntry[] = [noted, { ...noted, outcome: "missed" }];
  const notesOf = (shown: ScheduleView): unknown[] => {
    const { last_runs } = scheduleDetails(damaged, shown, lines);
    const told = [...lines.map((line) => historyOnWire(line, shown)), ...last_runs as object[]];
    return told.map((line) => (line as { note: unknown }).note);
  };
  assert.deepEqual(notesOf(view), ["s3cret", "s3cret", "s3cret", "s3cret"]);
  for (const types of [undefined, ["some"]]) {
    const hiding = { ...view, redactor: new Redactor([{ path: "**.password", types }]) };
    assert.equal(entryOnWire(damaged, hiding).error, "it cannot be read");
    assert.equal(scheduleDetails(damaged, hiding, []).error, "it cannot be read");
    assert.deepEqual(notesOf(hiding), ["[redacted]", "s3cret", "[redacted]", "s3cret"]);
  }
});

test("the next fires of a schedule are told as far as they are known", () => {
  const at = Date.parse("2026-01-01T00:00Z");
  const rows:
    readonly (readonly [timing: object, state: Partial<ScheduleRecord>, times: number[]])[] = [
      [{ everyMs: 1000 }, { slotAt: at }, [at, at + 1000, at + 2000]],
      [{ everyMs: 1000, endAt: at + 1500 }, { slotAt: at }, [at, at + 1000]],
      [{ everyMs: 1000 }, { slotAt: null, paused: true }, []],
      [{ custom: true }, { slotAt: at, custom: true }, [at]],
      [{ everyMs: 2 ** 53 - 1 }, { slotAt: 2 ** 53 - 1 }, []],
      [{ everyMs: 8e15 }, { slotAt: 8e15 }, [8e15]],
      // What only another runtime, or another version, knows.
      [{ cron: "@daily", timeZone: "Mars/Base" }, { slotAt: at }, []],
      [{ cron: "@fortnightly" }, { slotAt: at }, []],
    ];
  for (const [timing, state, times] of rows) {
    const record = { ...schedule, definition: defined(timing), ...state };
    const fires = nextFires(toSchedule(record), 3);
    assert.deepEqual(fires.map(({ at_ms }) => at_ms), times, JSON.stringify(timing));
  }
});

test("the word of GQM (Go) for what became of a slot", () => {
  const words = { fired: "triggered", queued: "triggered", replaced: "triggered" } as const;
  const others = { duplicate: "triggered", skipped: "skipped", missed: "skipped" } as const;
  for (const [lastOutcome, word] of Object.entries({ ...words, ...others, error: "error" })) {
    const outcome = lastOutcome as ScheduleRecord["lastOutcome"];
    const record = { ...schedule, definition: defined({ everyMs: 1000 }), lastOutcome: outcome };
    assert.equal(entryOnWire(toSchedule(record), view).last_status, word, lastOutcome);
  }
});

test("workers of two servers with a pool of one name have ids of their own", () => {
  const pools = [{ name: "default", types: ["*"], queues: null, concurrency: 1 }];
  const about = {
    kind: "server",
    hostname: "h",
    pid: 1,
    runtime: "r",
    version: "1",
    pools,
  } as const;
  const ids = ["a", "b"].flatMap((id) =>
    workersOf({ id, about, startedAt: 0, lastHeartbeatAt: 0, leaseMs: 1, busy: [0] })
  ).map(({ id }) => id);
  assert.deepEqual(ids, ["a:1", "b:1"]);
});
