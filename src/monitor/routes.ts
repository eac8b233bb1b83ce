/**
 * The one table of routes.
 *
 * @module
 */

import { alertRoutes } from "./api/alerts.ts";
import { auditRoutes } from "./api/audit.ts";
import { authRoutes } from "./api/auth.ts";
import { cronRoutes } from "./api/cron.ts";
import { dagRoutes } from "./api/dag.ts";
import { enqueueRoutes } from "./api/enqueue.ts";
import { eventRoutes } from "./api/events.ts";
import { errorRoutes } from "./api/errors.ts";
import { healthRoutes } from "./api/health.ts";
import { jobBatchRoutes } from "./api/job_batch.ts";
import { jobEditRoutes } from "./api/job_edit.ts";
import { jobDetailRoutes } from "./api/job_details.ts";
import { jobRoutes } from "./api/jobs.ts";
import { limitRoutes } from "./api/limits.ts";
import { metricsRoutes } from "./api/metrics.ts";
import { openApiRoutes } from "./api/openapi.ts";
import { overviewRoutes } from "./api/overview.ts";
import { pauseRoutes } from "./api/pauses.ts";
import { operationRoutes } from "./api/operations.ts";
import { queueBulkRoutes } from "./api/queue_bulk.ts";
import { queueJobRoutes } from "./api/queue_jobs.ts";
import { queueRoutes } from "./api/queues.ts";
import { runningRoutes } from "./api/running.ts";
import { schedulePreviewRoutes } from "./api/schedule_preview.ts";
import { scheduleRoutes } from "./api/schedules.ts";
import { seriesRoutes } from "./api/series.ts";
import { searchRoutes } from "./api/search.ts";
import { serverRoutes } from "./api/servers.ts";
import { statsRoutes } from "./api/stats.ts";
import { typeRoutes } from "./api/job_types.ts";
import type { Route } from "./route.ts";

/** All routes, in the order in which the API documentation shows them. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...authRoutes,
  ...queueRoutes,
  ...queueJobRoutes,
  ...queueBulkRoutes,
  ...enqueueRoutes,
  ...jobRoutes,
  ...jobEditRoutes,
  ...jobDetailRoutes,
  ...jobBatchRoutes,
  ...searchRoutes,
  ...typeRoutes,
  ...errorRoutes,
  ...pauseRoutes,
  ...limitRoutes,
  ...operationRoutes,
  ...serverRoutes,
  ...statsRoutes,
  ...overviewRoutes,
  ...seriesRoutes,
  ...runningRoutes,
  ...cronRoutes,
  ...scheduleRoutes,
  ...schedulePreviewRoutes,
  ...dagRoutes,
  ...eventRoutes,
  ...alertRoutes,
  ...auditRoutes,
  ...metricsRoutes,
  ...openApiRoutes(() => routes),
];
