/** What a schedule would do, before it is made: also where clocks change. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { ask, keys, outcome, testMonitor } from "../support/monitor.ts";
import { assertMatches } from "../support/json_schema.ts";
import { routeOf } from "./support/desk.ts";

const PATH = "/api/v1/schedule-preview";

async function preview(body: unknown): Promise<Response> {
  await using monitor = testMonitor({ clock: new FakeClock() });
  return await ask(monitor, PATH, { body, headers: { "x-api-key": keys.viewer } });
}

interface Fire {
  readonly at_ms: number;
  readonly utc: string;
  readonly local: string;
}

async function firesOf(body: unknown): Promise<Fire[]> {
  const response = await preview(body);
  const told = await response.json();
  assert.equal(response.status, 200, JSON.stringify(told));
  assertMatches(routeOf(PATH, "POST").answer.body!, told);
  for (const { at_ms, utc } of told.data.fires) assert.equal(Date.parse(utc), at_ms);
  return told.data.fires;
}

/** Rules, from when, and what the clocks of the zone show at the first fires. */
const rows: readonly (readonly [rules: object, from: string, locals: readonly string[]])[] = [
  [{ cron: "30 3 * * *" }, "2026-01-01T00:00Z", [
    "2026-01-01T03:30:00.000+00:00",
    "2026-01-02T03:30:00.000+00:00",
  ]],
  // 2:30 does not exist on 29 March, and is there twice on 25 October.
  [{ cron: "30 2 * * *", time_zone: "Europe/Berlin" }, "2026-03-28T00:00Z", [
    "2026-03-28T02:30:00.000+01:00",
    "2026-03-29T03:00:00.000+02:00",
    "2026-03-30T02:30:00.000+02:00",
  ]],
  [{ cron: "30 2 * * *", time_zone: "Europe/Berlin" }, "2026-10-24T12:00Z", [
    "2026-10-25T02:30:00.000+02:00",
    "2026-10-26T02:30:00.000+01:00",
  ]],
  [{ cron: "30 * * * *", time_zone: "Europe/Berlin" }, "2026-10-25T00:00Z", [
    "2026-10-25T02:30:00.000+02:00",
    "2026-10-25T02:30:00.000+01:00",
    "2026-10-25T03:30:00.000+01:00",
  ]],
  [{ cron: "0 12 * * *", time_zone: "America/St_Johns" }, "2026-07-01T00:00Z", [
    "2026-07-01T12:00:00.000-02:30",
  ]],
  [{ every_ms: 1500, start_at_ms: Date.parse("2026-01-01T00:00:00.250Z") }, "2026-01-01T00:00Z", [
    "2026-01-01T00:00:00.250+00:00",
    "2026-01-01T00:00:01.750+00:00",
  ]],
  [
    { cron: "@daily", end_at_ms: Date.parse("2026-01-03T00:00Z"), count: 100 },
    "2026-01-01T12:00Z",
    ["2026-01-02T00:00:00.000+00:00", "2026-01-03T00:00:00.000+00:00"],
  ],
  [{ every_ms: Number.MAX_SAFE_INTEGER }, "2026-01-01T00:00Z", []],
];

for (const [rules, from, locals] of rows) {
  test(`${JSON.stringify(rules)} after ${from} fires as the clocks of its zone say`, async () => {
    const count = Math.max(1, locals.length);
    const fires = await firesOf({ count, ...rules, from_ms: Date.parse(from) });
    assert.deepEqual(fires.map(({ local }) => local), locals);
  });
}

test("a preview is from now on, of ten fires, up to a hundred", async () => {
  const fires = await firesOf({ every_ms: 1000 });
  assert.equal(fires.length, 10);
  assert.equal(fires[0]?.at_ms, new FakeClock().now() + 1000);
  const rare = await firesOf({ cron: "0 0 29 2 *", time_zone: "Europe/Berlin", count: 100 });
  assert.equal(rare.length, 100);
  await firesOf({ cron: "0 0 1 1 *", from_ms: 253_402_300_799_999, count: 100 });
});

/** Rules that are wrong, and what the refusal says. */
const wrong: readonly (readonly [body: object, said: RegExp])[] = [
  [{}, /either 'cron' or 'every_ms' must be given/],
  [{ cron: "@daily", every_ms: 1000 }, /either 'cron' or 'every_ms'/],
  [{ cron: "61 * * * *" }, /'minute' must be from 0 to 59: current value is '61'/],
  [{ cron: "* * 32 * *" }, /'day of month' must/],
  [{ cron: "* * * * FOO" }, /'day of week' must/],
  [{ cron: "0 0 31 2 *" }, /date that there is/],
  [{ cron: "x".repeat(5000) }, /Cannot use cron/],
  [{ cron: 5 }, /'cron' must be a string/],
  [{ cron: "@daily", time_zone: "Mars/Base" }, /'time_zone' must be a time zone/],
  [{ every_ms: 99 }, /'every_ms' must be at least 100/],
  [{ cron: "@daily", count: 101 }, /'count' must be at most 100/],
  [{ cron: "@daily", from_ms: -1 }, /'from_ms' must be at least 0/],
  [{ cron: "@daily", start_at_ms: 2, end_at_ms: 1 }, /'end_at_ms' must not be before/],
  [{ cron: "@daily", next: 1 }, /'next' is not known/],
];

for (const [body, said] of wrong) {
  test(`${JSON.stringify(body).slice(0, 60)} is no schedule, and the refusal says why`, async () => {
    const response = await preview(body);
    const text = await response.clone().text();
    assert.equal(await outcome(response), "400 BAD_REQUEST");
    assert.match(text, said);
  });
}

test("a draft that is wrong is told so in the answer, and one that is right has fires", async () => {
  const drafts: readonly (readonly [body: object, said: RegExp | undefined])[] = [
    [{ cron: "30 3 * * *" }, undefined],
    [{ cron: "30 3 *" }, /have 5 fields/],
    [{ cron: "61 * * * *" }, /'minute' must be from 0 to 59: current value is '61'/],
    [{ cron: "@daily", time_zone: "Europe/Ber" }, /'time_zone' must be a time zone/],
    [{ cron: "@daily", start_at_ms: 2, end_at_ms: 1 }, /'end_at_ms' must not be before/],
    [{}, /either 'cron' or 'every_ms'/],
  ];
  for (const [body, said] of drafts) {
    const response = await preview({ ...body, draft: true, count: 1 });
    const told = await response.json();
    assert.equal(response.status, 200, JSON.stringify(told));
    assertMatches(routeOf(PATH, "POST").answer.body!, told);
    assert.equal(told.data.fires.length, said === undefined ? 1 : 0);
    if (said === undefined) assert.equal(told.data.error, undefined);
    else assert.match(told.data.error, said);
  }
  // What is no draft at all is refused as ever.
  assert.equal(await outcome(await preview({ every_ms: 99, draft: true })), "400 BAD_REQUEST");
});
