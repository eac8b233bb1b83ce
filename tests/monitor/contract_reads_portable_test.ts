/** For every route that reads: a request, the exact answer, on every kind of store and in every role. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mayUse, type Role } from "../../src/monitor/auth/principal.ts";
import { assertMatches } from "../support/json_schema.ts";
import * as told from "./support/contract.ts";
import * as numbers from "./support/contract_numbers.ts";
import { details, summaries } from "./support/contract_schedules.ts";
import { deskOf, ownRoutes, routeOf, someone } from "./support/desk.ts";
import { fill, START } from "./support/filled.ts";
import { kinds } from "./support/places.ts";

const { cron, days, errorGroup, jobs, listed, queues, servers, stats, types, workers } = told;
/** Its answer is of the process, and never the same. */
const RUNTIME = "/api/v1/stats/runtime";
const ownReads = ownRoutes.filter(({ method }) => method === "GET");
const roles: readonly Role[] = ["producer", "viewer", "operator", "admin"];

function paged(data: readonly unknown[], meta: object = {}): object {
  return { data, meta: { page: 1, limit: 20, total: data.length, ...meta } };
}

function searched(scanned: number, ...some: readonly told.Json[]): object {
  return { data: listed(...some), meta: { limit: 20, scanned, complete: true } };
}

const related = { type: "email.send", queue: "mail" };
const FAILED = "00000000000000ff";

const notFound = (what: string): object => ({ error: `${what} not found`, code: "NOT_FOUND" });

/** Paths, and what they answer. */
const reads: Readonly<Record<string, object>> = {
  "/api/v1/queues": { data: [queues.idle, queues.mail, queues.reports] },
  "/api/v1/queues/mail": { data: queues.mail },
  "/api/v1/queues/idle": { data: queues.idle },
  "/api/v1/queues/mail/jobs": paged(listed(jobs.ready)),
  "/api/v1/queues/mail/jobs?status=ready&page=1&limit=50": paged(listed(jobs.ready), { limit: 50 }),
  "/api/v1/queues/mail/jobs?status=processing": paged(listed(jobs.processing)),
  "/api/v1/queues/mail/jobs?status=completed": paged(listed(jobs.completed)),
  "/api/v1/queues/mail/jobs?status=dead_letter": paged(listed(jobs.dead)),
  "/api/v1/queues/mail/jobs?status=scheduled": paged(listed(jobs.scheduled)),
  "/api/v1/queues/mail/jobs?status=deferred": paged(listed(jobs.deferred)),
  "/api/v1/queues/mail/jobs?status=retry": paged(listed(jobs.retry)),
  "/api/v1/queues/mail/jobs?status=canceled": paged(listed(jobs.canceled)),
  "/api/v1/queues/mail/jobs?status=stopped": paged([]),
  "/api/v1/queues/mail/jobs?status=failed": paged([]),
  "/api/v1/queues/mail/jobs?page=2": paged([], { page: 2, total: 1 }),
  "/api/v1/queues/mail/jobs?page=x&limit=0": paged(listed(jobs.ready), { limit: 1 }),
  "/api/v1/queues/mail/jobs?page=99999999&limit=1000": paged([], {
    ...{ page: 10_000, limit: 100, total: 1 },
  }),
  "/api/v1/queues/mail/jobs?type=email.send": paged(listed(jobs.ready)),
  "/api/v1/queues/mail/jobs?type=report": paged([]),
  "/api/v1/queues/nobody/jobs": paged([]),
  "/api/v1/queues/mail/dead-letter": paged(listed(jobs.dead)),
  "/api/v1/queues/mail/dead-letter?order=oldest": paged(listed(jobs.dead)),
  "/api/v1/jobs?queue=mail": { data: listed(jobs.ready), meta: { limit: 20 } },
  "/api/v1/jobs?type=report&limit=5": { data: listed(jobs.other), meta: { limit: 5 } },
  "/api/v1/jobs?status=dead_letter": { data: listed(jobs.dead), meta: { limit: 20 } },
  ...Object.fromEntries(
    Object.values(jobs).map((job) => [`/api/v1/jobs/${job.id}`, { data: job }]),
  ),
  "/api/v1/jobs/job-deferred/details": {
    data: {
      job: jobs.deferred,
      parents: [
        {
          ...{ id: "job-scheduled", ...related, status: "scheduled" },
          ...{ on_failure: "continue", pending: true },
        },
      ],
      children: [],
    },
    meta: { limit: 20, more_parents: false },
  },
  "/api/v1/jobs/job-scheduled/details?limit=5": {
    data: {
      job: jobs.scheduled,
      parents: [],
      children: [{ id: "job-deferred", ...related, status: "deferred" }],
    },
    meta: { limit: 5, more_parents: false },
  },
  "/api/v1/search?queue=mail": searched(8, ...[
    ...[jobs.ready, jobs.scheduled, jobs.deferred, jobs.processing],
    ...[jobs.retry, jobs.completed, jobs.dead, jobs.canceled],
  ]),
  "/api/v1/search?q=MAILBOX": searched(9, jobs.retry, jobs.dead),
  "/api/v1/search?q=s3cret": searched(9, jobs.ready),
  "/api/v1/search?q=job-canceled&type=email.send": searched(8, jobs.canceled),
  "/api/v1/search?q=job-canceled&type=report": searched(1),
  "/api/v1/search?id=job-dead": searched(0, jobs.dead),
  "/api/v1/search?id=job-dead&status=retry": searched(0),
  "/api/v1/search?id_prefix=job-de&status=dead_letter,deferred": searched(
    2,
    jobs.dead,
    jobs.deferred,
  ),
  [`/api/v1/search?fingerprint=${FAILED}`]: searched(9, jobs.retry, jobs.dead),
  [`/api/v1/search?status=completed&from_ms=${START * 1000 + 2000}`]: searched(1, jobs.completed),
  [`/api/v1/search?status=completed&to_ms=${START * 1000 + 2000}`]: searched(0),
  "/api/v1/types": { data: [types.email, types.report] },
  "/api/v1/errors": { data: [errorGroup], meta: { limit: 20 } },
  "/api/v1/errors?order=frequent&type=email.send&limit=5": {
    ...{ data: [errorGroup], meta: { limit: 5 } },
  },
  "/api/v1/errors?type=report": { data: [], meta: { limit: 20 } },
  [`/api/v1/errors/${FAILED}`]: { data: errorGroup },
  "/api/v1/servers": { data: [servers.consumer, servers.server] },
  "/api/v1/servers/host-1-abc": { data: servers.server },
  "/api/v1/workers": { data: [workers.consumer, workers.mailers, workers.rest] },
  "/api/v1/workers/host-1-abc:2": { data: workers.rest },
  "/api/v1/workers/host-1-abc%3A1": { data: workers.mailers },
  "/api/v1/stats": { data: stats },
  "/api/v1/stats/daily?days=2": {
    data: [days("idle", 0, 0), days("mail", 1, 1), days("reports", 0, 0)],
  },
  "/api/v1/stats/daily?days=2&queue=mail": { data: [days("mail", 1, 1)] },
  "/api/v1/stats/daily?days=2&queue=nobody": { data: [days("nobody", 0, 0)] },
  "/api/v1/overview": { data: numbers.overview },
  "/api/v1/series": { data: numbers.series("15m") },
  "/api/v1/series?window=6h&type=email.send": { data: numbers.series("6h") },
  "/api/v1/series?window=7d&queue=mail": { data: numbers.series("7d") },
  "/api/v1/series?window=15m&queue=mail&type=email.send": { data: numbers.series("15m") },
  "/api/v1/series?window=7d&queue=nobody": { data: numbers.series("7d", true) },
  "/api/v1/series?type=report": { data: numbers.series("15m", true) },
  "/api/v1/running": paged([numbers.running]),
  "/api/v1/running?queue=mail&type=email.send&order=newest": paged([numbers.running]),
  "/api/v1/running?queue=reports": paged([]),
  "/api/v1/running?page=2&limit=1": paged([], { page: 2, limit: 1, total: 1 }),
  "/api/v1/pools": { data: numbers.pools },
  "/api/v1/cron": { data: [cron.nightly, cron.ping] },
  "/api/v1/cron/nightly": { data: cron.nightly },
  "/api/v1/cron/nightly/history": { data: [] },
  "/api/v1/cron/nobody/history": { data: [] },
  "/api/v1/schedules": { data: [summaries.nightly, summaries.ping], meta: { limit: 20 } },
  "/api/v1/schedules?limit=1": { data: [summaries.nightly], meta: { limit: 1, cursor: "nightly" } },
  "/api/v1/schedules?cursor=nightly": { data: [summaries.ping], meta: { limit: 20 } },
  "/api/v1/schedules/nightly": { data: details.nightly },
  "/api/v1/schedules/ping": { data: details.ping },
  "/api/v1/paused": { data: [{ queue: "idle", type: null }], meta: { limit: 20 } },
  "/api/v1/paused?cursor=x": { data: [], meta: { limit: 20 } },
  "/api/v1/limits": { data: [], meta: { limit: 20 } },
  "/api/v1/dag/roots": paged(listed({ ...jobs.scheduled, child_count: 1 })),
  "/api/v1/dag/roots?queue=mail&order=oldest&limit=5": paged(
    listed({ ...jobs.scheduled, child_count: 1 }),
    { limit: 5 },
  ),
  "/api/v1/dag/roots?page=2": paged([], { page: 2, total: 1 }),
  "/api/v1/dag/deferred": paged(listed(jobs.deferred)),
  "/api/v1/dag/deferred?type=report": paged([]),
  "/api/v1/dag/graph/job-scheduled?depth=10&max_nodes=50": { data: told.graph },
  "/api/v1/dag/graph/nobody": { data: told.noGraph },
  "/api/v1/alerts": { data: [] },
  "/api/v1/alerts/history": { data: [], meta: { limit: 20 } },
};

/** Paths that are refused, and with what. */
const refusals: readonly (readonly [path: string, status: number, body: object])[] = [
  ["/api/v1/queues/nobody", 404, notFound("queue")],
  ["/api/v1/jobs/nobody", 404, notFound("job")],
  ["/api/v1/jobs/nobody/details", 404, notFound("job")],
  ["/api/v1/errors/0000000000000000", 404, notFound("error")],
  ["/api/v1/errors/x", 400, { error: "invalid fingerprint", code: "BAD_REQUEST" }],
  ["/api/v1/search?from_ms=x", 400, {
    ...{ error: "'from_ms' must be a whole number", code: "BAD_REQUEST" },
  }],
  ["/api/v1/servers/nobody", 404, notFound("server")],
  ["/api/v1/workers/nobody", 404, notFound("worker")],
  ["/api/v1/cron/nobody", 404, notFound("cron entry")],
  ["/api/v1/schedules/nobody", 404, notFound("schedule")],
  ["/api/v1/schedules/a:b", 400, { error: "invalid id", code: "BAD_REQUEST" }],
  ["/api/v1/dag/graph/a:b", 400, { error: "invalid id", code: "BAD_REQUEST" }],
  ["/api/v1/dag/roots?queue=a/b", 400, { error: "invalid queue name", code: "BAD_REQUEST" }],
  ["/api/v1/jobs/a:b", 400, { error: "invalid id", code: "BAD_REQUEST" }],
  ["/api/v1/queues/a%20b/jobs", 400, { error: "invalid name", code: "BAD_REQUEST" }],
  ["/api/v1/series?queue=a/b", 400, { error: "invalid queue name", code: "BAD_REQUEST" }],
  ["/api/v1/running?queue=a/b", 400, { error: "invalid queue name", code: "BAD_REQUEST" }],
  ["/api/v1/stats/daily?queue=a/b", 400, { error: "invalid queue name", code: "BAD_REQUEST" }],
];

/** Paths with a choice or a cursor that is none. */
const badQueries: readonly string[] = [
  "/api/v1/queues/mail/jobs?status=dead",
  "/api/v1/queues/mail/jobs?order=up",
  "/api/v1/dag/roots?order=up",
  "/api/v1/dag/deferred?type=%00",
  "/api/v1/jobs?status=READY",
  "/api/v1/jobs?cursor=%00",
  "/api/v1/jobs?type=%00",
  "/api/v1/schedules?cursor=a:b",
  "/api/v1/limits?type=%00",
  "/api/v1/cron/nightly/history?show=none",
  "/api/v1/series?window=1h",
  "/api/v1/series?type=%00",
  "/api/v1/running?order=oldest",
  "/api/v1/running?type=%00",
  "/api/v1/search?status=dead",
  "/api/v1/search?status=ready,",
  `/api/v1/search?q=${"x".repeat(201)}`,
  "/api/v1/search?id=a:b",
  "/api/v1/search?id_prefix=%00",
  "/api/v1/search?fingerprint=00",
  "/api/v1/search?queue=a/b",
  "/api/v1/search?type=%00",
  "/api/v1/search?to_ms=-1",
  "/api/v1/search?cursor=null",
  `/api/v1/search?queue=mail&cursor={"status":"ready","queue":"reports"}`,
  "/api/v1/errors?order=up",
  "/api/v1/errors?cursor=x",
  "/api/v1/errors?order=frequent&cursor=x",
  "/api/v1/jobs/job-ready/details?cursor=x",
];

test("every route of these subjects that reads is in the contract", () => {
  const asked = [...Object.keys(reads), RUNTIME].map((path) => routeOf(path).path);
  assert.deepEqual(new Set(asked), new Set(ownReads.map(({ path }) => path)));
});

for (const kind of kinds) {
  test(`reads answer what the contract says, in every role (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const ask = deskOf(place);
    for (const [path, body] of Object.entries(reads)) {
      const route = routeOf(path);
      for (const role of roles) {
        const reply = await ask({ path, who: someone(role) });
        if (!mayUse(role, route.access)) {
          assert.equal(reply.status, 403, `${path} as ${role}`);
          continue;
        }
        assert.deepEqual(reply, { status: 200, body }, `${path} as ${role}`);
        assertMatches(route.answer.body!, reply.body, path);
      }
    }
    for (const [path, status, body] of refusals) {
      assert.deepEqual(await ask({ path }), { status, body }, path);
    }
    for (const path of badQueries) {
      const { status, body } = await ask({ path });
      assert.deepEqual([status, (body as { code: string }).code], [400, "BAD_REQUEST"], path);
    }
  });

  test(`what a route tells of its own process is of the shape that it says (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    const { status, body } = await deskOf(place)({ path: RUNTIME });
    assert.equal(status, 200);
    assertMatches(routeOf(RUNTIME).answer.body!, body, RUNTIME);
    const { data } = body as { data: Record<string, unknown> };
    assert.match(String(data.go_version), /^(deno|bun|node) \d/);
    assert.equal(typeof data.sys_mb, "number");
    assert.equal(data.goroutines, null);
  });

  test(`a claim is stale 25 s after the end of its lease (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const ask = deskOf(place);
    const staleAfter = async (ms: number): Promise<unknown> => {
      await place.clock.advance(ms);
      const { body } = await ask({ path: "/api/v1/jobs/job-processing" });
      return (body as { data: { stale: boolean } }).data.stale;
    };
    assert.equal(await staleAfter(40_000), false);
    assert.equal(await staleAfter(1), true);
    const { body } = await ask({ path: "/api/v1/queues/mail/jobs?status=processing" });
    assert.equal((body as { data: { stale: boolean }[] }).data[0]?.stale, true);
  });
}
