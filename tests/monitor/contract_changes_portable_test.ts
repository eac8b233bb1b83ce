/** For every route that changes something: a request, the exact answer, and who is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../mod.ts";
import { mayUse, type Role } from "../../src/monitor/auth/principal.ts";
import type { Route } from "../../src/monitor/route.ts";
import { DecoratedStore, failBefore } from "../support/decorated_store.ts";
import { assertMatches } from "../support/json_schema.ts";
import { type AskMonitor, deskOf, ownRoutes, routeOf, someone } from "./support/desk.ts";
import { failReport, fill, START } from "./support/filled.ts";
import { type Change, missing, moved, refused } from "./support/change.ts";
import { manageChanges } from "./support/manage_changes.ts";
import { kinds, type Place } from "./support/places.ts";

const roles: readonly Role[] = ["producer", "viewer", "operator", "admin"];

function bulk(name: string, count: number): Pick<Change, "answer"> {
  const told = { [name]: count, refused: 0 };
  return { answer: { ok: true, ...told, data: told } };
}

const NOT_RETRIED = "Cannot retry job as it must have failed or been canceled:";

/** Its answer names a new job. */
const TRIGGER = ["POST", "/api/v1/cron/nightly/trigger"] as const;

/** One after the other, on a filled store. */
const changes: readonly Change[] = [
  {
    ask: ["POST", "/api/v1/queues/mail/pause"],
    answer: { ok: true, queue: "mail", status: "paused" },
  },
  {
    ask: ["POST", "/api/v1/queues/mail/resume"],
    answer: { ok: true, queue: "mail", status: "active" },
  },
  {
    ask: ["POST", "/api/v1/queues/idle/resume"],
    answer: { ok: true, queue: "idle", status: "active" },
  },
  { ask: ["POST", "/api/v1/queues/idle/pause"], ...missing("queue") },
  { ask: ["POST", "/api/v1/jobs/job-dead/retry"], ...moved("job-dead", "ready") },
  {
    ask: ["POST", "/api/v1/jobs/job-dead/retry"],
    ...refused(`${NOT_RETRIED} job 'job-dead' is ready`),
  },
  { ask: ["POST", "/api/v1/jobs/job-canceled/retry"], ...moved("job-canceled", "ready") },
  {
    ask: ["POST", "/api/v1/jobs/job-completed/retry"],
    ...refused(`${NOT_RETRIED} job 'job-completed' is completed`),
  },
  { ask: ["POST", "/api/v1/jobs/nobody/retry"], ...missing("job") },
  { ask: ["POST", "/api/v1/jobs/job-deferred/cancel"], ...moved("job-deferred", "canceled") },
  { ask: ["POST", "/api/v1/jobs/job-deferred/retry"], ...moved("job-deferred", "deferred") },
  { ask: ["POST", "/api/v1/jobs/job-retry/cancel"], ...moved("job-retry", "canceled") },
  {
    ask: ["POST", "/api/v1/jobs/job-retry/cancel"],
    ...refused("Cannot cancel job as it must not have ended: job 'job-retry' is canceled"),
  },
  { ask: ["POST", "/api/v1/jobs/nobody/cancel"], ...missing("job") },
  { ask: ["POST", "/api/v1/jobs/job-scheduled/promote"], ...moved("job-scheduled", "ready") },
  {
    ask: ["POST", "/api/v1/jobs/job-completed/promote"],
    ...refused(
      "Cannot promote job as it must be scheduled or wait for a retry: " +
        "job 'job-completed' is completed",
    ),
  },
  { ask: ["POST", "/api/v1/jobs/nobody/promote"], ...missing("job") },
  {
    ask: ["DELETE", "/api/v1/jobs/job-processing"],
    ...refused("Cannot remove job as it must not be running: job 'job-processing' is processing"),
  },
  { ask: ["POST", "/api/v1/jobs/job-processing/cancel"], ...moved("job-processing", "canceled") },
  { ask: ["DELETE", "/api/v1/jobs/job-processing"], status: 204, answer: {} },
  { ask: ["DELETE", "/api/v1/jobs/job-processing"], ...missing("job") },
  {
    ask: ["POST", "/api/v1/jobs/batch/retry", {
      job_ids: ["job-retry", "nobody", "job-retry", "job-completed"],
    }],
    answer: {
      data: {
        succeeded: 1,
        failed: 2,
        results: [
          { job_id: "job-retry", ok: true },
          { job_id: "nobody", ok: false, error: "job not found" },
          {
            job_id: "job-completed",
            ok: false,
            error: `${NOT_RETRIED} job 'job-completed' is completed`,
          },
        ],
      },
    },
  },
  {
    ask: ["POST", "/api/v1/jobs/batch/delete", { job_ids: ["job-completed"] }],
    answer: {
      data: { succeeded: 1, failed: 0, results: [{ job_id: "job-completed", ok: true }] },
    },
  },
  { ask: ["DELETE", "/api/v1/queues/mail/empty"], ...bulk("removed", 5) },
  { ask: ["DELETE", "/api/v1/queues/nobody/empty"], ...bulk("removed", 0) },
  {
    ask: ["POST", "/api/v1/queues/reports/dead-letter/retry-all"],
    before: failReport,
    ...bulk("retried", 1),
  },
  { ask: ["POST", "/api/v1/queues/nobody/dead-letter/retry-all"], ...bulk("retried", 0) },
  {
    ask: ["DELETE", "/api/v1/queues/reports/dead-letter/clear"],
    before: failReport,
    ...bulk("cleared", 1),
  },
  { ask: ["DELETE", "/api/v1/queues/nobody/dead-letter/clear"], ...missing("queue") },
  {
    ask: ["POST", "/api/v1/cron/ping/enable"],
    answer: { ok: true, cron_id: "ping", enabled: true },
  },
  {
    ask: ["POST", "/api/v1/cron/nightly/disable"],
    answer: { ok: true, cron_id: "nightly", enabled: false },
  },
  { ask: ["POST", "/api/v1/cron/nobody/enable"], ...missing("cron entry") },
  { ask: ["POST", "/api/v1/cron/nobody/disable"], ...missing("cron entry") },
  { ask: ["POST", "/api/v1/cron/nobody/trigger"], ...missing("cron entry") },
  { ask: ["POST", "/api/v1/alerts/nobody/acknowledge", {}], ...missing("alert") },
];

/** Makes a request in every role, the lowest first; those that may not are refused, one that may is answered. */
async function askInRoles(
  ask: AskMonitor,
  [method, path, body]: Change["ask"],
): ReturnType<AskMonitor> {
  const route = routeOf(path, method);
  for (const role of roles) {
    const reply = await ask({ method, path, body, who: someone(role) });
    if (mayUse(role, route.access)) {
      if (reply.status === (route.answer.status ?? 200) && route.answer.body !== undefined) {
        assertMatches(route.answer.body, reply.body, `${method} ${path}`);
      }
      return reply;
    }
    const code = (reply.body as { code: string }).code;
    assert.deepEqual([reply.status, code], [403, "FORBIDDEN"], `${method} ${path} as ${role}`);
  }
  throw new Error("an admin may use every route");
}

test("every route of these subjects that changes something is in the contract", () => {
  const all = [...changes, ...manageChanges];
  const asked = [...all.map(({ ask }) => ask), TRIGGER].map(([method, path]) =>
    routeOf(path, method)
  );
  const own = ownRoutes.filter(({ change }) => change !== undefined);
  assert.deepEqual(new Set(asked.map(nameOf)), new Set(own.map(nameOf)));
});

for (const kind of kinds) {
  test(`changes answer what the contract says, and to nobody below the role (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    for (const some of [changes, manageChanges]) {
      await using place = await kind.make();
      await fill(place);
      const ask = deskOf(place);
      for (const { ask: asked, status = 200, answer, before } of some) {
        await before?.(place);
        const reply = await askInRoles(ask, asked);
        const body = status === 204 ? undefined : answer;
        assert.deepEqual(reply, { status, body }, `${asked[0]} ${asked[1]}`);
      }
      // What was refused has changed nothing.
      const made = some.map(({ status = 200 }) => status).filter((status) => status < 400);
      assert.deepEqual(await audited(place), made);
    }
  });

  test(`a trigger enqueues a job, which its schedule tells (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const ask = deskOf(place);
    const { status, body } = await askInRoles(ask, TRIGGER);
    const { job_id } = body as { job_id: string };
    assert.deepEqual({ status, body }, {
      status: 200,
      body: { ok: true, cron_id: "nightly", job_id, data: { job_id } },
    });
    const run = { job_id, triggered_at: START + 3 };
    const one = await dataOf(ask, "/api/v1/cron/nightly");
    assert.deepEqual(one.last_run, run);
    assert.deepEqual([one.last_status, one.last_outcome], ["triggered", "fired"]);
    const history = await dataOf(ask, "/api/v1/cron/nightly/history?limit=1");
    assert.deepEqual(history, [
      { ...run, outcome: "fired", kind: "trigger", slot_at: START + 3 },
    ]);
    const [listed] = await dataOf(ask, "/api/v1/cron") as unknown as { last_run: unknown }[];
    assert.equal(listed?.last_run, START + 3);
    const job = await dataOf(ask, `/api/v1/jobs/${job_id}`);
    assert.deepEqual([job.schedule_id, job.slot_at], ["nightly", String(START + 3)]);
  });

  test(`what is done with many jobs goes on where it ended (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await using client = new Client({ store: place.store });
    for (const count of [1000, 100]) {
      await client.enqueueMany(Array.from({ length: count }, () => ({ type: "report" })));
    }
    const ask = deskOf(place);
    const empty = async (query = ""): Promise<{ removed: number; cursor?: string }> => {
      const path = `/api/v1/queues/default/empty${query}`;
      const { body } = await ask({ method: "DELETE", path });
      return body as { removed: number; cursor?: string };
    };
    const first = await empty();
    assert.deepEqual([first.removed, typeof first.cursor], [1000, "string"]);
    const second = await empty(`?cursor=${encodeURIComponent(first.cursor!)}`);
    assert.deepEqual([second.removed, second.cursor], [100, undefined]);
    const { status } = await ask({
      method: "DELETE",
      path: "/api/v1/queues/default/empty?cursor=%00",
    });
    assert.equal(status, 400);
  });

  test(`what was done with many jobs before the store failed is told (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await using client = new Client({ store: place.store });
    await client.enqueueMany(Array.from({ length: 250 }, () => ({ type: "report" })));
    const store = new DecoratedStore(place.store);
    const ask = deskOf({ store, clock: place.clock, [Symbol.asyncDispose]: () => store.close() });
    const empty = async (query = ""): Promise<readonly unknown[]> => {
      const { status, body } = await ask({
        method: "DELETE",
        path: `/api/v1/queues/default/empty${query}`,
      });
      const { removed, cursor } = body as { removed?: number; cursor?: string };
      return [status, removed, cursor];
    };
    store.on("act", failBefore((n) => n > 1));
    const [status, removed, cursor] = await empty();
    assert.deepEqual([status, removed], [200, 100]);
    const rest = `?cursor=${encodeURIComponent(cursor as string)}`;
    assert.deepEqual(await empty(rest), [500, undefined, undefined]);
    store.on("act", undefined);
    assert.deepEqual(await empty(rest), [200, 150, undefined]);
    const { body } = await ask({ path: "/api/v1/audit?action=queue.empty" });
    const { data } = body as { data: { status: number; detail: { removed?: number } }[] };
    const told = data.map(({ status, detail }) => [status, detail.removed]);
    assert.deepEqual(told, [[200, 150], [500, undefined], [200, 100]]);
  });

  test(`a batch whose body is wrong changes nothing (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const ask = deskOf(place);
    const tooMany = Array.from({ length: 101 }, (_, i) => `job-${i}`);
    const bad = [[], tooMany, ["job-dead", "a:b"], ["job-dead", 1], "job-dead", null];
    for (const job_ids of bad) {
      const reply = await ask({
        method: "POST",
        path: "/api/v1/jobs/batch/delete",
        body: { job_ids },
      });
      const { code } = reply.body as { code: string };
      assert.deepEqual([reply.status, code], [400, "BAD_REQUEST"], JSON.stringify(job_ids));
    }
    const [dead] = await place.store.getJobs(["job-dead"]);
    assert.equal(dead?.status, "dead_letter");
  });
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

/** Statuses of the changes that the audit log tells, in the order in which they were made. */
async function audited({ store }: Place): Promise<number[]> {
  const { entries } = await store.trail("audit", { limit: 100 });
  return entries.map(({ text }) => (JSON.parse(text) as { status: number }).status).reverse();
}

async function dataOf(ask: AskMonitor, path: string): Promise<Record<string, unknown>> {
  const { status, body } = await ask({ path });
  assert.equal(status, 200, path);
  return (body as { data: Record<string, unknown> }).data;
}
