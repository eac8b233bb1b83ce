import { assertEquals, assertThrows } from "@std/assert";
import { type JobRecord, toJob } from "../../../src/job/job.ts";
import { isResultUnavailable, resultUnavailable } from "../../../src/job/result.ts";

const record: JobRecord = {
  id: "a",
  type: "t",
  queue: "q",
  priority: 3,
  status: "completed",
  payload: '{"n":1}',
  settings: { meta: { k: [1] }, enqueuedBy: "ada", maxRetry: 0, timeoutMs: 5, expireAt: 9 },
  createdAt: 1,
  runAt: null,
  startedAt: 2,
  finishedAt: 3,
  retryCount: 1,
  attemptsMade: 2,
  deliveries: 1,
  attempts: [],
  error: null,
  result: '"done"',
  progress: null,
  logs: [],
  holder: null,
  pendingParents: [],
  canceledBy: null,
};
const holder = { fence: 7, server: "s", pool: "p", claimedAt: 2, leaseUntil: 4 };

Deno.test("toJob reads payload, result and meta as values", () => {
  const job = toJob(record);
  assertEquals(job.payload, { n: 1 });
  assertEquals(job.result, "done");
  assertEquals(job.meta, { k: [1] });
  assertEquals(job.maxRetry, 0, "0 is a value, not nothing");
  assertEquals([job.enqueuedBy, job.timeoutMs, job.expireAt], ["ada", 5, 9]);
});

Deno.test("toJob gives the parents of a job, which of them it waits for, and which canceled it", () => {
  const none = toJob(record);
  assertEquals([none.dependsOn, none.pendingParents, none.canceledBy], [[], [], undefined]);
  const dependsOn = [{ id: "p", onFailure: "cancel" }, { id: "r", onFailure: "ignore" }] as const;
  const child = toJob({
    ...record,
    settings: { dependsOn },
    pendingParents: ["r"],
    canceledBy: "p",
  });
  assertEquals([child.dependsOn, child.pendingParents, child.canceledBy], [dependsOn, ["r"], "p"]);
});

Deno.test("toJob gives undefined where the record has null", () => {
  const job = toJob({ ...record, result: null, startedAt: null, finishedAt: null });
  assertEquals(
    [job.result, job.runAt, job.startedAt, job.finishedAt, job.error, job.progress, job.holder],
    Array(7).fill(undefined),
  );
});

Deno.test("toJob gives an empty meta when the job has none", () => {
  assertEquals(toJob({ ...record, settings: {} }).meta, {});
});

Deno.test("toJob keeps a runAt of 0", () => {
  assertEquals(toJob({ ...record, runAt: 0 }).runAt, 0);
});

Deno.test("toJob counts the running attempt when the job is held", () => {
  assertEquals(toJob(record).attempt, 2);
  assertEquals(toJob({ ...record, status: "processing", holder }).attempt, 3);
});

Deno.test("toJob throws when the payload is no JSON", () => {
  assertThrows(() => toJob({ ...record, payload: "{" }), SyntaxError);
});

Deno.test("isResultUnavailable knows the marker after a journey through JSON", () => {
  const marker: unknown = JSON.parse(JSON.stringify(resultUnavailable("too large")));
  assertEquals(isResultUnavailable(marker) && marker.reason, "too large");
});

for (const value of [null, undefined, 1, "result_unavailable", {}, [], { "~gqm": "other" }]) {
  Deno.test(`isResultUnavailable refuses ${JSON.stringify(value)}`, () => {
    assertEquals(isResultUnavailable(value), false);
  });
}
