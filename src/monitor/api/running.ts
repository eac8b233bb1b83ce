/**
 * What runs, and where: jobs with how long they have run, and pools. By the store's clock.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import type { Store } from "../../store/store.ts";
import { type Answer, data, page } from "../answer.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { notFound } from "../errors.ts";
import { limitRule, pageRule, type QueryRule, queueRule, typeRule } from "../params.ts";
import { redactJob } from "../redact_job.ts";
import type { Route } from "../route.ts";
import {
  described,
  enveloped,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  paged,
  type Schema,
  text,
} from "../schema.ts";
import { allServers } from "../servers.ts";
import { type Worker, workersOf } from "../wire/server.ts";

const orders = ["longest", "newest"] as const;
const orderRule: QueryRule = {
  description: "Which come first: those that have run longest, or those that were claimed last",
  schema: { ...oneOf(...orders), default: "longest" },
};

const runningSchema: Schema = object({
  id: text,
  type: text,
  queue: text,
  priority: integer,
  attempt: described(integer, "Number of the attempt, from 1"),
  started_at_ms: described(integer, "When it was claimed"),
  running_ms: described(integer, "How long ago that was"),
  server_id: text,
  pool: text,
  lease_until_ms: described(integer, "When the claim ends unless its holder is heard"),
  progress: nullable(object({ value: number, "message?": text, at_ms: integer })),
});

const poolSchema: Schema = object({
  id: described(text, "Id of the server, a colon, and the number of the pool"),
  server_id: text,
  hostname: text,
  kind: oneOf("server", "consumer"),
  name: described(text, "Name of the pool; 'consumer' of a consumer, which has none"),
  types: described(
    nullable(list(text)),
    "Types that it runs; * for those that no other pool takes; null of a consumer",
  ),
  queues: described(nullable(list(text)), "Queues that it takes from; null for all"),
  slots: described(
    nullable(integer),
    "Jobs that it runs at the same time at most; null of a consumer",
  ),
  busy: described(integer, "Jobs that ran in it at the last heartbeat"),
  started_at_ms: described(integer, "When its server started"),
  heartbeat_age_ms: described(integer, "How long ago the last heartbeat was"),
  lease_ms: described(integer, "How long its claims hold without a heartbeat"),
  isolate: described(
    nullable(text),
    "How its handlers are kept apart from the rest of the process",
  ),
});

/** What runs, and where. */
export const runningRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/running",
    access: "viewer",
    summary: "Jobs that run, with how long they have, where, and how far they are",
    query: {
      queue: queueRule,
      type: typeRule,
      page: pageRule,
      limit: limitRule,
      order: orderRule,
    },
    answer: { body: paged(runningSchema) },
    errors: ["NOT_FOUND"],
    handle: running,
  },
  {
    method: "GET",
    path: "/api/v1/pools",
    access: "viewer",
    summary: "Pools of the servers that live, and consumers, with what they have to do",
    description: "Needs access to all queues.",
    answer: { body: enveloped(list(poolSchema)) },
    handle: async (call): Promise<Answer> => data(await pools(call)),
  },
];

async function running(call: Call): Promise<Answer> {
  const { query, desk, who } = call;
  const { page: number, limit, offset } = query.page();
  const [queue, type] = [query.queue(), query.type()];
  if (queue !== undefined && !call.sees(queue)) throw notFound("queue");
  const queues = queue !== undefined ? [queue] : who.queues === null ? undefined : [...who.queues];
  const order = query.choice("order", orders, "longest") === "longest" ? "oldest" : "newest";
  const store = await desk.store();
  const { jobs, total } = await store.page({
    ...{ status: "processing", queues, type, offset, limit, order },
  });
  const now = await storeNow(store);
  const looker = { redactor: desk.redactor, role: who.role };
  const shown = jobs.map((job) => runningOnWire(redactJob(job, looker), now));
  return page(shown, { page: number, limit, total });
}

function runningOnWire(job: JobRecord, now: number): object {
  const { id, type, queue, priority, attemptsMade, progress } = job;
  // A job whose record cannot be read has no holder.
  const { claimedAt = now, server = "", pool = "", leaseUntil = now } = job.holder ?? {};
  return {
    ...{ id, type, queue, priority },
    attempt: attemptsMade + 1,
    started_at_ms: Math.floor(claimedAt),
    running_ms: Math.max(0, now - Math.floor(claimedAt)),
    server_id: server,
    pool,
    lease_until_ms: Math.floor(leaseUntil),
    progress: progress && { value: progress.value, message: progress.message, at_ms: progress.at },
  };
}

async function pools({ desk, who }: Call): Promise<object[]> {
  needAllQueues(who);
  const store = await desk.store();
  const servers = await allServers(store);
  const now = await storeNow(store);
  return servers.flatMap(workersOf).map((worker) => poolOnWire(worker, now));
}

function poolOnWire({ id, server, pool, busy }: Worker, now: number): object {
  const { about, startedAt, lastHeartbeatAt, leaseMs } = server;
  return {
    id,
    server_id: server.id,
    hostname: about.hostname,
    kind: about.kind,
    name: pool?.name ?? "consumer",
    types: pool?.types ?? null,
    queues: pool?.queues ?? null,
    slots: pool?.concurrency ?? null,
    busy,
    started_at_ms: Math.floor(startedAt),
    heartbeat_age_ms: Math.max(0, now - Math.floor(lastHeartbeatAt)),
    lease_ms: leaseMs,
    isolate: pool?.isolate ?? null,
  };
}

/** The store's now, which a question for no schedules tells. */
async function storeNow(store: Store): Promise<number> {
  return Math.floor((await store.schedules({ ids: [] })).now);
}
