/**
 * Numbers over time.
 *
 * @module
 */

import { toPoints } from "../../insight/points.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../store/insight_limits.ts";
import { type Answer, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { type QueryRule, queueRule, typeRule } from "../params.ts";
import type { Route } from "../route.ts";
import { described, enveloped, integer, list, object, oneOf } from "../schema.ts";
import { readSeen } from "../seen_series.ts";
import { pointOnWire, pointSchema } from "../wire/point.ts";

/** How far a window goes back, and its steps: none has more than 168. */
const WINDOWS = {
  "15m": { spanMs: 15 * MINUTE_MS, stepMs: MINUTE_MS },
  "6h": { spanMs: 6 * HOUR_MS, stepMs: 5 * MINUTE_MS },
  "7d": { spanMs: 7 * DAY_MS, stepMs: HOUR_MS },
} as const;

const windows = Object.keys(WINDOWS) as (keyof typeof WINDOWS)[];

const windowRule: QueryRule = {
  description: "How far back: by the minute, by 5 minutes, or by the hour",
  schema: { ...oneOf(...windows), default: "15m" },
};

/** Numbers over time. */
export const seriesRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/series",
    access: "viewer",
    summary: "What ended, how long it took and what waited, step by step, the newest last",
    description: "All queues that whoever asks may see, added up, or one of them; all types, or " +
      "one. The last step is under way. Percentiles are at most 25 % from the truth.",
    query: { window: windowRule, queue: queueRule, type: typeRule },
    answer: {
      body: enveloped(object({
        window: oneOf(...windows),
        step_ms: integer,
        now_ms: described(integer, "The store's now"),
        points: list(pointSchema),
      })),
    },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => data(await series(call)),
  },
];

async function series(call: Call): Promise<object> {
  const window = call.query.choice("window", windows, "15m");
  const { spanMs, stepMs } = WINDOWS[window];
  const [queue, type] = [call.query.queue(), call.query.type()];
  const read = await readSeen(call, { queue, type, spanMs, stepMs });
  const { now } = read;
  const points = toPoints(read, { fromAt: now - spanMs + stepMs, toAt: now, stepMs });
  return { window, step_ms: stepMs, now_ms: Math.floor(now), points: points.map(pointOnWire) };
}
