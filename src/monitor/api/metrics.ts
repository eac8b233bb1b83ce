/**
 * Metrics for Prometheus and others that read its format or OpenMetrics.
 *
 * @module
 */

import type { Call } from "../call.ts";
import { contentTypes, formatOf } from "../metrics/exposition.ts";
import { subjects } from "../metrics/metrics.ts";
import type { QueryRule } from "../params.ts";
import type { Route } from "../route.ts";
import { oneOf, text } from "../schema.ts";

const ofRule: QueryRule = {
  description: "Metrics of the whole store, of the process that answers, or both",
  schema: { ...oneOf(...subjects), default: "all" },
};

/** The route of the metrics. */
export const metricsRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/metrics",
    access: "viewer",
    summary: "Metrics for Prometheus, also as OpenMetrics",
    description: "All of them: [metrics.md](metrics.md). `Accept` says which format. Whoever has " +
      "some queues alone gets what is told by queue, of those, and what tells nothing of queues. " +
      "With `metrics: { open: true }` it is open to everyone, with `metrics: false` not there.",
    query: { of: ofRule },
    answer: { types: Object.values(contentTypes), body: text },
    handle: async (call): Promise<Response> => await tell(call),
  },
];

async function tell({ desk, query, request, who }: Call): Promise<Response> {
  const format = formatOf(request.headers.get("accept"));
  const of = query.choice("of", subjects, "all");
  const { queues } = who;
  const sees = queues === null ? undefined : (queue: string): boolean => queues.has(queue);
  const body = await desk.metrics!.tell({ format, of, sees });
  return new Response(body, { headers: { "content-type": contentTypes[format] } });
}

/** What the metrics of a monitor are to be. */
export interface MetricsOptions {
  /**
   * Whether everyone who reaches the monitor may read them: they tell the names of all queues,
   * types and pools, and how much there is to do.
   * @default {false: viewers may}
   */
  readonly open?: boolean;
}

/** The routes of a monitor, with its metrics as its options have them. */
export function withMetrics(
  routes: readonly Route[],
  metrics: MetricsOptions | false = {},
): readonly Route[] {
  if (metrics === false) return routes.filter((route) => !metricsRoutes.includes(route));
  if (metrics.open !== true) return routes;
  return routes.map((route) =>
    metricsRoutes.includes(route) ? { ...route, access: "open" } : route
  );
}
