/** What changes schedules, pauses, limits, and what jobs are given; one after the other on a filled store. */

import { type Change, missing, refused } from "./change.ts";
import { DEFINED, hourly, weekly } from "./contract_schedules.ts";

const WAITS = "it must wait (ready, scheduled, deferred or retry):";

function switched(path: string, answer: object): Change {
  return { ask: ["POST", path], answer: { ok: true, ...answer } };
}

function edited(id: string, outcome: string): Change {
  return {
    ask: ["POST", `/api/v1/jobs/${id}/edit`, { payload: { to: "zoe" } }],
    answer: { ok: true, job_id: id, status: "ready", outcome },
  };
}

function prioritized(id: string, status: string): Change {
  return {
    ask: ["POST", `/api/v1/jobs/${id}/priority`, { priority: -3 }],
    answer: { ok: true, job_id: id, status, priority: -3 },
  };
}

const scheduleChanges: readonly Change[] = [
  { ask: ["POST", "/api/v1/schedules", weekly.body], status: 201, answer: { data: weekly.made } },
  { ask: ["POST", "/api/v1/schedules", weekly.body], ...refused("the id is in use") },
  { ask: ["PUT", "/api/v1/schedules/weekly", hourly.body], answer: { data: hourly.made } },
  {
    ask: ["PUT", "/api/v1/schedules/weekly", hourly.body],
    ...refused(
      `Cannot define schedule 'weekly' as it must be as it was at ${DEFINED}: ` +
        `it was changed at ${DEFINED + 1}`,
    ),
  },
  { ask: ["PUT", "/api/v1/schedules/nobody", hourly.body], ...missing("schedule") },
  { ask: ["DELETE", "/api/v1/schedules/weekly"], status: 204, answer: {} },
  { ask: ["DELETE", "/api/v1/schedules/weekly"], ...missing("schedule") },
];

const type = "email.send";
const pauseChanges: readonly Change[] = [
  switched("/api/v1/types/email.send/pause", { type, status: "paused" }),
  switched("/api/v1/queues/mail/types/email.send/pause", { queue: "mail", type, status: "paused" }),
  switched("/api/v1/types/email.send/resume", { type, status: "active" }),
  switched("/api/v1/queues/mail/types/email.send/resume", {
    ...{ queue: "mail", type, status: "active" },
  }),
  switched("/api/v1/types/a%2Fb%20c/resume", { type: "a/b c", status: "active" }),
  // The whole queue is paused.
  switched("/api/v1/queues/idle/types/email.send/resume", {
    ...{ queue: "idle", type, status: "paused" },
  }),
  { ask: ["POST", "/api/v1/queues/nobody/types/email.send/pause"], ...missing("queue") },
  { ask: ["POST", "/api/v1/queues/nobody/types/email.send/resume"], ...missing("queue") },
];

const rate = { count: 10, per_ms: 60_000 };
const limitChanges: readonly Change[] = [
  {
    ask: ["PUT", "/api/v1/limits/types/email.send", { concurrency: 3, rate }],
    answer: { ok: true, type },
  },
  {
    ask: ["PUT", "/api/v1/limits/types/email.send/per-key", { concurrency: 1 }],
    answer: { ok: true, type, per_key: true },
  },
  {
    ask: ["PUT", "/api/v1/limits/keys/acme", { rate: { ...rate, burst: 1 } }],
    answer: { ok: true, key: "acme" },
  },
  {
    ask: ["PUT", "/api/v1/limits/keys/acme", {}],
    status: 400,
    answer: {
      error: "Cannot set limit as 'concurrency' must be given unless 'rate' is: " +
        "current value is undefined",
      code: "BAD_REQUEST",
    },
  },
  { ask: ["DELETE", "/api/v1/limits/types/email.send"], status: 204, answer: {} },
  { ask: ["DELETE", "/api/v1/limits/types/email.send"], ...missing("limit") },
  { ask: ["DELETE", "/api/v1/limits/types/email.send/per-key"], status: 204, answer: {} },
  { ask: ["DELETE", "/api/v1/limits/keys/acme"], status: 204, answer: {} },
  { ask: ["DELETE", "/api/v1/limits/keys/nobody"], ...missing("limit") },
];

const jobChanges: readonly Change[] = [
  prioritized("job-ready", "ready"),
  prioritized("job-ready", "ready"),
  prioritized("job-deferred", "deferred"),
  {
    ask: ["POST", "/api/v1/jobs/job-processing/priority", { priority: 1 }],
    ...refused(`Cannot change priority of job as ${WAITS} job 'job-processing' is processing`),
  },
  { ask: ["POST", "/api/v1/jobs/nobody/priority", { priority: 1 }], ...missing("job") },
  edited("job-ready", "edited"),
  edited("job-dead", "retried"),
  edited("job-dead", "edited"),
  {
    ...edited("job-processing", ""),
    ...refused(`Cannot change payload of job as ${WAITS} job 'job-processing' is processing`),
  },
  {
    ...edited("job-completed", ""),
    ...refused(
      "Cannot retry job as it must have failed or been canceled: " +
        "job 'job-completed' is completed",
    ),
  },
  { ...edited("nobody", ""), ...missing("job") },
];

/** All of them. */
export const manageChanges: readonly Change[] = [
  ...[...scheduleChanges, ...pauseChanges, ...limitChanges, ...jobChanges],
];
