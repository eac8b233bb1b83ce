/** Claims and settles of many jobs at once, whose texts go together. */

import { assertEquals } from "@std/assert";
import type { Outcome, Verdict } from "../../../../src/store/store.ts";
import { claim, job, LARGE, put, testPatient } from "../../../support/redis/doctor.ts";

const payloads: Readonly<Record<string, readonly string[]>> = {
  "that are short": ['{"n":1}', '"é"', '"\u{1F600}"', "4"],
  "with a control character": ["1", '"\x1e"', '"a\x1eb"', "4"],
  "with newlines": ["1", '{\n"a": 1 }\n', "3"],
  "that are long in sum": Array.from({ length: 40 }, (_, i) => `"${String(i).repeat(1500)}"`),
  "of one job": ["1"],
};

for (const [name, texts] of Object.entries(payloads)) {
  testPatient(`a claim gives payloads ${name} as they are`, async ({ store }) => {
    const jobs = texts.map((payload, i) => job(`j${i}`, { payload }));
    await put(store, ...jobs);
    const claimed = await claim(store);
    assertEquals(
      claimed.map(({ id, payload }) => ({ id, payload })),
      jobs.map(({ id, payload }) => ({ id, payload })),
    );
  });
}

testPatient("a claim reads jobs of different types, priorities and settings", async ({ store }) => {
  const jobs = [
    job("a"),
    job("b", { settings: { maxRetry: 1 } }),
    job("c", { settings: { maxRetry: 2 } }),
    job("d", { type: "u" }),
    job("e", { settings: { meta: { a: "|\n" } }, payload: LARGE }),
    job("f"),
    job("g", { queue: "other" }),
  ];
  await put(store, ...jobs);
  const claimed = await claim(store);
  const seen = claimed.map(({ id, type, queue, priority, settings, payload }) => ({
    ...{ id, type, queue, priority, settings, payload },
  }));
  assertEquals(seen.toSorted((a, b) => a.id < b.id ? -1 : 1), jobs);
});

const verdicts: readonly Verdict[] = [
  { kind: "complete", result: null },
  { kind: "complete", result: '"r"' },
  { kind: "complete", result: LARGE },
  { kind: "retry", delayMs: 5, counted: true, error: { message: "again" } },
  { kind: "dead_letter", error: { message: "no" } },
  { kind: "cancel", error: { message: "off" } },
  { kind: "release" },
  { kind: "complete", result: null },
];

testPatient("a settle takes outcomes in any order, with gaps and of any kind", async (patient) => {
  const { store } = patient;
  await put(store, ...verdicts.map((_, i) => job(`j${i}`)));
  const held = await claim(store);
  const outcomes = held.map(({ id, holder: { fence } }, i): Outcome => ({
    ...{ id, fence, verdict: verdicts[i]!, ranMs: 1000 * i + 0.5 },
  }));
  const order = [5, 2, 7, 0, 3, 6, 1].map((i) => outcomes[i]!);
  const wrong = { ...outcomes[4]!, fence: outcomes[4]!.fence - 100 };
  const { results } = await store.settle({ outcomes: [...order, wrong, order[0]!] });
  assertEquals(results, [...order.map(() => "ok" as const), "lost", "already"]);
  const records = await store.getJobs(held.map(({ id }) => id));
  assertEquals(records.map((record) => [record?.status, record?.result, record?.error]), [
    ["completed", null, null],
    ["completed", '"r"', null],
    ["completed", LARGE, null],
    ["retry", null, "again"],
    ["processing", null, null],
    ["canceled", null, "off"],
    ["ready", null, null],
    ["completed", null, null],
  ]);
  const ran = records.map((record) => record?.attempts.map((a) => a.finishedAt - a.startedAt));
  assertEquals(ran, [[0], [1000], [2000], [3000], [], [5000], [], [7000]]);
});

testPatient(
  "a settle of outcomes in order and without data keeps how long each ran",
  async (patient) => {
    const { store } = patient;
    await put(store, ...Array.from({ length: 12 }, (_, i) => job(`j${i}`)));
    const outcomes = (await claim(store)).map(({ id, holder: { fence } }, i): Outcome => ({
      ...{ id, fence, verdict: { kind: "complete", result: null }, ranMs: 10 ** i },
    }));
    const { results } = await store.settle({ outcomes });
    assertEquals(new Set(results), new Set(["ok"]));
    const records = await store.getJobs(outcomes.map(({ id }) => id));
    assertEquals(
      records.map((record) => record!.attempts[0]!.finishedAt - record!.attempts[0]!.startedAt),
      outcomes.map((_, i) => 10 ** i),
    );
  },
);
