/**
 * What is counted over time, of the queues that there are for whoever asks.
 *
 * @module
 */

import { type ReadSeries, readSteps } from "../insight/series.ts";
import type { Call } from "./call.ts";
import { notFound } from "./errors.ts";

/** Most queues that are read one by one; of more, all are read, which costs less than a call for each. */
const MOST_APART = 20;

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
  const { queues } = call.who;
  if (queue !== undefined || queues === null) return await read(queue);
  if (queues.size > MOST_APART) {
    const { rows, ...rest } = await read(undefined);
    return { rows: rows.filter((row) => call.sees(row.queue)), ...rest };
  }
  const parts = await Promise.all([...queues].map(read));
  const { sampledAt = [], now = call.desk.clock.now() } = parts[0] ?? {};
  return { rows: parts.flatMap(({ rows }) => rows), sampledAt, now };
}
