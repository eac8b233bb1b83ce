/**
 * What the clients of GQM (Go) read of answers, as data: the pages of its dashboard and its terminal
 * interface (v0.5.0). A path leads through objects by dots, and through all items of a list by `[]`.
 */

/** Of which JSON type a value is; `?`: it may be absent. */
export type Wanted = "string" | "integer" | "number" | "boolean" | "list" | "any" | `${Plain}?`;
type Plain = "string" | "integer" | "number" | "boolean" | "list" | "any";

/** What a client reads of one answer. */
export interface ClientRead {
  readonly client: "dashboard" | "tui";
  /** Where it is shown. */
  readonly where: string;
  readonly method?: "POST" | "DELETE";
  /** Asked of the filled store. */
  readonly path: string;
  readonly body?: unknown;
  readonly reads: Readonly<Record<string, Wanted>>;
}

const row = {
  "data[].id": "string",
  "data[].type": "string",
  "data[].status": "string",
  "data[].created_at": "string",
  "data[].error": "string?",
} as const;
const pages = { "meta.page": "integer", "meta.limit": "integer", "meta.total": "integer" } as const;
const worker = {
  "data[].id": "string",
  "data[].pool": "string",
  "data[].pool_id": "string",
  "data[].queues": "list",
  "data[].status": "string",
  "data[].concurrency": "string?",
  "data[].last_heartbeat": "string",
} as const;

/** Everything that they read of the routes of jobs, queues, servers, numbers, schedules and graphs. */
export const clientReads: readonly ClientRead[] = [
  {
    client: "dashboard",
    where: "overview and sidebar",
    path: "/api/v1/stats",
    reads: {
      "data.ready": "integer",
      "data.processing": "integer",
      "data.scheduled": "integer",
      "data.queues": "integer",
      "data.workers": "integer",
      "data.completed": "integer",
      "data.processed_total": "integer",
      "data.failed_total": "integer",
      "data.dead_letter": "integer",
    },
  },
  {
    client: "dashboard",
    where: "overview, runtime",
    path: "/api/v1/stats/runtime",
    reads: {
      "data.uptime": "string",
      "data.go_version": "string",
      "data.goroutines": "any",
      "data.alloc_mb": "number",
      "data.num_gc": "any",
    },
  },
  {
    client: "dashboard",
    where: "overview, chart",
    path: "/api/v1/stats/daily?days=7",
    reads: {
      "data[].days[].date": "string",
      "data[].days[].processed": "integer",
      "data[].days[].failed": "integer",
    },
  },
  {
    client: "dashboard",
    where: "servers",
    path: "/api/v1/servers",
    reads: {
      "data[].id": "string",
      "data[].hostname": "string",
      "data[].pid": "string",
      "data[].pools": "list",
      "data[].num_pools": "string",
      "data[].concurrency_total": "string",
      "data[].go_version": "string",
      "data[].last_heartbeat": "string",
      "data[].started_at": "string",
    },
  },
  {
    client: "dashboard",
    where: "queues",
    path: "/api/v1/queues",
    reads: {
      "data[].name": "string",
      "data[].paused": "boolean",
      "data[].ready": "integer",
      "data[].processing": "integer",
      "data[].completed": "integer",
      "data[].dead_letter": "integer",
      "data[].processed_total": "integer",
      "data[].failed_total": "integer",
    },
  },
  {
    client: "dashboard",
    where: "a queue",
    path: "/api/v1/queues/mail",
    reads: {
      "data.paused": "boolean",
      "data.ready": "integer",
      "data.processing": "integer",
      "data.completed": "integer",
      "data.dead_letter": "integer",
    },
  },
  ...(["ready", "processing", "completed", "dead_letter"] as const).map((status): ClientRead => ({
    client: "dashboard",
    where: "jobs of a queue",
    path: `/api/v1/queues/mail/jobs?status=${status}&page=1&limit=50`,
    reads: { ...row, ...pages },
  })),
  ...(["completed", "processing", "ready", "dead", "retry", "deferred"] as const).map((
    name,
  ): ClientRead => ({
    client: "dashboard",
    where: "a job",
    path: `/api/v1/jobs/job-${name}`,
    reads: {
      "data.id": "string",
      "data.type": "string",
      "data.queue": "string",
      "data.status": "string",
      "data.created_at": "string",
      "data.started_at": "string?",
      "data.completed_at": "string?",
      "data.scheduled_at": "string?",
      "data.retry_count": "string",
      "data.max_retry": "string?",
      "data.timeout": "string?",
      "data.execution_duration": "string?",
      "data.worker_id": "string?",
      "data.enqueued_by": "string?",
      "data.error": "string?",
      "data.payload": "any",
      "data.result": "any?",
      "data.meta": "any?",
      "data.processing_deadline": "integer?",
      "data.stale": "boolean?",
    },
  })),
  {
    client: "dashboard",
    where: "workers",
    path: "/api/v1/workers",
    reads: { ...worker, "data[].active_jobs": "string", "data[].started_at": "string" },
  },
  {
    client: "dashboard",
    where: "failed",
    path: "/api/v1/queues/mail/dead-letter?page=1&limit=20",
    reads: { ...row, "data[].retry_count": "string", "data[].max_retry": "string?", ...pages },
  },
  {
    client: "dashboard",
    where: "failed, retry selected",
    method: "POST",
    path: "/api/v1/jobs/batch/retry",
    body: { job_ids: ["job-dead"] },
    reads: { "data.succeeded": "integer" },
  },
  {
    client: "dashboard",
    where: "failed, delete selected",
    method: "POST",
    path: "/api/v1/jobs/batch/delete",
    body: { job_ids: ["job-completed"] },
    reads: { "data.succeeded": "integer" },
  },
  {
    client: "dashboard",
    where: "failed, retry all",
    method: "POST",
    path: "/api/v1/queues/mail/dead-letter/retry-all",
    reads: { "data.retried": "integer" },
  },
  {
    client: "dashboard",
    where: "failed, clear all",
    method: "DELETE",
    path: "/api/v1/queues/mail/dead-letter/clear",
    reads: { "data.cleared": "integer" },
  },
  {
    client: "dashboard",
    where: "queues, empty",
    method: "DELETE",
    path: "/api/v1/queues/mail/empty",
    reads: { "data.removed": "integer" },
  },
  {
    client: "dashboard",
    where: "scheduler",
    path: "/api/v1/cron",
    reads: {
      "data[].id": "string",
      "data[].cron_expr": "string",
      "data[].job_type": "string",
      "data[].queue": "string",
      "data[].timezone": "string",
      "data[].enabled": "boolean",
    },
  },
  {
    client: "dashboard",
    where: "scheduler, trigger",
    method: "POST",
    path: "/api/v1/cron/nightly/trigger",
    reads: { "data.job_id": "string" },
  },
  {
    client: "dashboard",
    where: "scheduler, history",
    path: "/api/v1/cron/nightly/history?limit=20",
    reads: { "data[].job_id": "string", "data[].triggered_at": "integer" },
  },
  {
    client: "tui",
    where: "queues",
    path: "/api/v1/queues",
    reads: {
      "data[].name": "string",
      "data[].paused": "boolean",
      "data[].ready": "integer",
      "data[].processing": "integer",
      "data[].completed": "integer",
      "data[].dead_letter": "integer",
      "data[].processed_total": "integer",
      "data[].failed_total": "integer",
    },
  },
  { client: "tui", where: "workers", path: "/api/v1/workers", reads: worker },
  {
    client: "tui",
    where: "failed",
    path: "/api/v1/queues/mail/dead-letter",
    reads: { ...row, "data[].retry_count": "string", "data[].max_retry": "string?" },
  },
  {
    client: "tui",
    where: "a job",
    path: "/api/v1/jobs/job-processing",
    reads: {
      "data.id": "string",
      "data.queue": "string",
      "data.status": "string",
      "data.stale": "boolean",
      "data.type": "string",
      "data.worker_id": "string",
      "data.retry_count": "string",
      "data.max_retry": "string?",
      "data.execution_duration": "string?",
      "data.created_at": "string",
      "data.error": "string?",
      "data.payload": "any",
    },
  },
  {
    client: "tui",
    where: "cron",
    path: "/api/v1/cron",
    reads: {
      "data[].id": "string",
      "data[].name": "string",
      "data[].cron_expr": "string",
      "data[].timezone": "string",
      "data[].enabled": "boolean",
    },
  },
  ...(["dashboard", "tui"] as const).flatMap((client): ClientRead[] => [
    {
      client,
      where: "graphs",
      path: "/api/v1/dag/roots?page=1&limit=50",
      reads: { ...row, "data[].queue": "string", "data[].child_count": "integer", ...pages },
    },
    {
      client,
      where: "a graph",
      path: "/api/v1/dag/graph/job-scheduled?depth=10&max_nodes=50",
      reads: {
        "data.root_id": "string",
        "data.nodes[].id": "string",
        "data.nodes[].type": "string?",
        "data.nodes[].status": "string?",
        "data.nodes[].queue": "string?",
        "data.nodes[].allow_failure": "boolean",
        "data.nodes[].created_at": "string?",
        "data.edges[].source": "string",
        "data.edges[].target": "string",
        "data.truncated": "boolean",
      },
    },
  ]),
  {
    client: "dashboard",
    where: "graphs, jobs that wait",
    path: "/api/v1/dag/deferred?page=1&limit=20",
    reads: { ...row, "data[].pending_deps": "list", ...pages },
  },
];
