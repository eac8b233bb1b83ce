/**
 * Servers and workers on the wire. A worker is a pool of a server, as in GQM (Go), where it also has
 * the pool's name alone; here each has an id of its own. Single values are texts.
 *
 * @module
 */

import type { PoolAbout, ServerRecord } from "../../store/store.ts";
import { described, list, named, object, oneOf, type Schema, text } from "../schema.ts";
import { nanosText, seconds } from "./time.ts";

/** A server on the wire. */
export const serverSchema: Schema = named(
  "Server",
  object({
    id: text,
    hostname: text,
    pid: text,
    go_version: described(text, "Name and version of its runtime"),
    started_at: described(text, "Epoch seconds"),
    last_heartbeat: described(text, "Epoch seconds"),
    pools: described(list(text), "Names of its pools; of a consumer none"),
    num_pools: text,
    concurrency_total: described(text, "Jobs that it runs at the same time at most"),
    status: oneOf("active"),
    kind: oneOf("server", "consumer"),
    version: described(text, "Version of this package"),
    active_jobs: described(text, "Jobs that ran at the last heartbeat"),
    lease_ms: described(text, "How long its claims hold without a heartbeat"),
  }),
);

/** A worker on the wire. */
export const workerSchema: Schema = named(
  "Worker",
  object({
    id: described(text, "Id of the server, a colon, and the number of the pool"),
    pool: described(text, "Name of the pool; 'consumer' of a consumer, which has none"),
    pool_id: described(text, "The same: the pages of GQM (Go) know pools by it"),
    server_id: text,
    queues: described(list(text), "Queues that it takes from; all that there are if it names none"),
    status: oneOf("active"),
    last_heartbeat: described(text, "Epoch nanoseconds"),
    "concurrency?": described(text, "Jobs that it runs at the same time; absent of a consumer"),
    started_at: described(text, "Epoch seconds"),
    active_jobs: described(text, "Jobs that ran at the last heartbeat"),
    "types?": described(list(text), "Types that it runs; * for those that no other pool takes"),
    "all_queues?": described(text, "1 if it takes from every queue"),
    "isolate?": described(text, "How its handlers are kept apart from the rest of the process"),
  }),
);

/** A pool of a server, or a consumer. */
export interface Worker {
  /** Unique among all. */
  readonly id: string;
  /** Whose it is. */
  readonly server: ServerRecord;
  /** Undefined of a consumer. */
  readonly pool: PoolAbout | undefined;
  /** Jobs that ran in it at the last heartbeat. */
  readonly busy: number;
}

/** The workers of a server. */
export function workersOf(server: ServerRecord): Worker[] {
  const { id, about, busy } = server;
  const pools = about.kind === "consumer" ? [undefined] : about.pools;
  return pools.map((pool, i) => ({ id: `${id}:${i + 1}`, server, pool, busy: busy[i] ?? 0 }));
}

/** Puts a server on the wire. */
export function serverOnWire(server: ServerRecord): object {
  const { id, about, startedAt, lastHeartbeatAt, leaseMs, busy } = server;
  return {
    id,
    hostname: about.hostname,
    pid: String(about.pid),
    go_version: about.runtime,
    started_at: String(seconds(startedAt)),
    last_heartbeat: String(seconds(lastHeartbeatAt)),
    pools: about.pools.map(({ name }) => name),
    num_pools: String(about.pools.length),
    concurrency_total: sumText(about.pools.map(({ concurrency }) => concurrency)),
    status: "active",
    kind: about.kind,
    version: about.version,
    active_jobs: sumText(busy),
    lease_ms: String(leaseMs),
  };
}

/**
 * Puts a worker on the wire.
 *
 * @param queues All queues that there are.
 */
export function workerOnWire(worker: Worker, queues: readonly string[]): object {
  const { id, server, pool, busy } = worker;
  const name = pool?.name ?? "consumer";
  return {
    id,
    pool: name,
    pool_id: name,
    server_id: server.id,
    queues: pool?.queues ?? queues,
    status: "active",
    last_heartbeat: nanosText(server.lastHeartbeatAt),
    concurrency: pool && String(pool.concurrency),
    started_at: String(seconds(server.startedAt)),
    active_jobs: String(busy),
    types: pool?.types,
    all_queues: pool === undefined || pool.queues === null ? "1" : undefined,
    isolate: pool?.isolate,
  };
}

function sumText(numbers: readonly number[]): string {
  return String(numbers.reduce((sum, number) => sum + number, 0));
}
