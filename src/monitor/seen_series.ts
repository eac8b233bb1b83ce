/**
 * What is counted over time, of the queues that there are for whoever asks.
 *
 * @module
 */

import { type ReadSeries, readSteps } from "../insight/series.ts";
import type { Call } from "./call.ts";
import { notFound } from "./errors.ts";

/** What of it is asked for. */
export interface SeenQuery {
  /** Only of this queue. */
  readonly queue?: string;
  /** Only of this type. */
  readonly type?: string;
  /** How far back, in milliseconds. */
  readonly spanMs: number;
  /** How long the steps are that it is for. */
  readonly stepMs: number;
}

/**
 * Reads it.
 *
 * @throws {ApiError} `NOT_FOUND` if there is no such queue for whoever asks.
 */
export async function readSeen(
  call: Call,
  { queue, type, spanMs, stepMs }: SeenQuery,
): Promise<ReadSeries> {
  if (queue !== undefined && !call.sees(queue)) throw notFound("queue");
  const store = await call.desk.store();
  const read = (one: string | undefined): Promise<ReadSeries> =>
    readSteps(store, {
      ...{ fromAt: -spanMs, toAt: Number.MAX_SAFE_INTEGER },
      ...one === undefined ? {} : { queue: one },
      ...type === undefined ? {} : { type },
    }, stepMs);
  if (queue !== undefined || call.who.queues === null) return await read(queue);
  const parts = await Promise.all([...call.who.queues].map(read));
  const { sampledAt = [], now = call.desk.clock.now() } = parts[0] ?? {};
  return { rows: parts.flatMap(({ rows }) => rows), sampledAt, now };
}
