/** What the dashboard in docs/grafana.json shows. */

/** What a panel draws. */
export interface Query {
  /** PromQL. */
  readonly expr: string;
  /** Name of each line, with labels in double braces. */
  readonly legend: string;
}

/** A panel. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  /** Unit of Grafana. */
  readonly unit: "short" | "s" | "bytes" | "ops" | "percentunit";
  readonly queries: readonly Query[];
  /** Whether lines stand on each other. */
  readonly isStacked?: boolean;
  /** Whether it shows one number, not lines. */
  readonly isStat?: boolean;
}

/** Labels by which the variables of the dashboard narrow what is of the store, and of processes. */
const PAIR = 'job=~"$job", queue=~"$queue", type=~"$type"';
export const OF_JOB = 'job=~"$job"';
const OF_PROCESS = 'instance=~"$instance"';
const OWN_PAIR = `${OF_PROCESS}, queue=~"$queue", type=~"$type"`;

/** How fast a counter of the store grows, by some labels: every process tells it, and any of them will do. */
function storeRate(metric: string, by: string, also = ""): string {
  const rate = `rate(${metric}{${PAIR}${also}}[$__rate_interval])`;
  return `sum by (${by}) (max by (queue, type, outcome) (${rate}))`;
}

/** A gauge of the store, summed up by some labels. */
function storeSum(metric: string, by: string, also = ""): string {
  return `sum by (${by}) (max by (queue, type, status) (${metric}{${PAIR}${also}}))`;
}

function quantiles(metric: string, labels: string, by: string): Query[] {
  return [0.5, 0.95, 0.99].map((share) => ({
    expr: `histogram_quantile(${share}, sum by (le, ${by}) ` +
      `(rate(${metric}_bucket{${labels}}[$__rate_interval])))`,
    legend: `p${share * 100} {{${by}}}`,
  }));
}

function recent(metric: string): Query[] {
  return [50, 95, 99].map((percentile) => ({
    expr: `max by (type) (${metric}{${PAIR}, percentile="${percentile}"})`,
    legend: `p${percentile} {{type}}`,
  }));
}

/** The panels, row by row. */
export const rows: readonly (readonly [title: string, panels: readonly Panel[]])[] = [
  ["Now", [
    {
      title: "Store",
      unit: "short",
      isStat: true,
      queries: [{ expr: `min(gqm_store_up{${OF_JOB}})`, legend: "up" }],
    },
    {
      title: "Ready",
      unit: "short",
      isStat: true,
      queries: [{
        expr: storeSum("gqm_jobs", "status", ', status="ready"'),
        legend: "{{status}}",
      }],
    },
    {
      title: "Dead letters",
      unit: "short",
      isStat: true,
      queries: [{
        expr: storeSum("gqm_jobs", "status", ', status="dead_letter"'),
        legend: "{{status}}",
      }],
    },
    {
      title: "Servers and consumers",
      unit: "short",
      isStat: true,
      queries: [{ expr: `max by (kind) (gqm_servers{${OF_JOB}})`, legend: "{{kind}}" }],
    },
    {
      title: "Upkeep lag",
      description: "Up to 120 s where all is well.",
      unit: "s",
      isStat: true,
      queries: [{ expr: `min(gqm_upkeep_lag_seconds{${OF_JOB}})`, legend: "lag" }],
    },
    {
      title: "Paused",
      unit: "short",
      isStat: true,
      queries: [{
        expr: `count(max by (queue, type) (gqm_paused{${OF_JOB}})) or vector(0)`,
        legend: "paused",
      }],
    },
  ]],
  ["Queues", [
    {
      title: "Jobs that have not ended",
      unit: "short",
      isStacked: true,
      queries: [{
        expr: storeSum(
          "gqm_jobs",
          "status",
          ', status=~"ready|scheduled|deferred|processing|retry"',
        ),
        legend: "{{status}}",
      }],
    },
    {
      title: "Ready by queue",
      unit: "short",
      queries: [{ expr: storeSum("gqm_jobs", "queue", ', status="ready"'), legend: "{{queue}}" }],
    },
    {
      title: "Oldest job that waits",
      description: "How long it has waited, paused or not.",
      unit: "s",
      queries: [{
        expr: `max by (queue) (gqm_oldest_waiting_age_seconds{${PAIR}})`,
        legend: "{{queue}}",
      }],
    },
    {
      title: "Throughput",
      description: "Jobs completed per second.",
      unit: "ops",
      queries: [{
        expr: storeRate("gqm_outcomes_total", "queue", ', outcome="completed"'),
        legend: "{{queue}}",
      }],
    },
    {
      title: "Failures",
      description: "Attempts and jobs per second that ended otherwise than well.",
      unit: "ops",
      queries: [{
        expr: storeRate("gqm_outcomes_total", "outcome", ', outcome!="completed"'),
        legend: "{{outcome}}",
      }],
    },
    {
      title: "Failures by type",
      description: "Share of the attempts that failed.",
      unit: "percentunit",
      queries: [{
        expr:
          `${storeRate("gqm_outcomes_total", "type", ', outcome=~"retried|dead_lettered"')} / ` +
          storeRate(
            "gqm_outcomes_total",
            "type",
            ', outcome=~"completed|retried|dead_lettered"',
          ),
        legend: "{{type}}",
      }],
    },
    {
      title: "Leases lost",
      description: "Attempts per second whose holder died or stood still, which upkeep reaped.",
      unit: "ops",
      queries: [
        { expr: storeRate("gqm_outcomes_total", "queue", ', outcome="lost"'), legend: "{{queue}}" },
        {
          expr: `sum(rate(gqm_process_heartbeat_failures_total{${OF_PROCESS}}[$__rate_interval]))`,
          legend: "failed heartbeats",
        },
      ],
    },
  ]],
  ["Durations", [
    {
      title: "Run, of the last 5 minutes",
      description: "Of all processes; the slowest queue of each type.",
      unit: "s",
      queries: recent("gqm_recent_run_duration_seconds"),
    },
    {
      title: "Wait, of the last 5 minutes",
      description: "From when jobs were due until they were claimed, of all processes.",
      unit: "s",
      queries: recent("gqm_recent_wait_duration_seconds"),
    },
    {
      title: "Run, by what processes count",
      unit: "s",
      queries: quantiles("gqm_process_run_duration_seconds", OWN_PAIR, "type"),
    },
    {
      title: "Wait, by what processes count",
      unit: "s",
      queries: quantiles("gqm_process_wait_duration_seconds", OWN_PAIR, "type"),
    },
    {
      title: "Size of payloads",
      unit: "bytes",
      queries: quantiles("gqm_process_payload_bytes", OWN_PAIR, "type"),
    },
    {
      title: "Attempts by process",
      unit: "ops",
      isStacked: true,
      queries: [{
        expr:
          `sum by (instance, outcome) (rate(gqm_process_attempts_total{${OWN_PAIR}}[$__rate_interval]))`,
        legend: "{{instance}} {{outcome}}",
      }],
    },
  ]],
  ["Workers and store", [
    {
      title: "Slots in use",
      description: "Of all servers, by their last heartbeats.",
      unit: "short",
      queries: [
        { expr: `max by (pool) (gqm_pool_busy{${OF_JOB}})`, legend: "{{pool}} busy" },
        { expr: `max by (pool) (gqm_pool_slots{${OF_JOB}})`, legend: "{{pool}} slots" },
      ],
    },
    {
      title: "Slots in use by process",
      unit: "percentunit",
      queries: [{
        expr: `gqm_process_pool_busy{${OF_PROCESS}} / gqm_process_pool_slots{${OF_PROCESS}}`,
        legend: "{{instance}} {{pool}}",
      }],
    },
    {
      title: "Latency of the store, p95",
      unit: "s",
      queries: [{
        expr: "histogram_quantile(0.95, sum by (le, verb) " +
          `(rate(gqm_process_store_call_duration_seconds_bucket{${OF_PROCESS}}[$__rate_interval])))`,
        legend: "{{verb}}",
      }],
    },
    {
      title: "Calls of the store",
      unit: "ops",
      queries: [
        {
          expr:
            `sum by (verb) (rate(gqm_process_store_call_duration_seconds_count{${OF_PROCESS}}[$__rate_interval]))`,
          legend: "{{verb}}",
        },
        {
          expr:
            `sum by (verb) (rate(gqm_process_store_call_failures_total{${OF_PROCESS}}[$__rate_interval])) > 0`,
          legend: "{{verb}} failed",
        },
      ],
    },
    {
      title: "Upkeep",
      description: "Jobs that upkeep moved per second, by step.",
      unit: "ops",
      queries: [{
        expr:
          `sum by (step) (rate(gqm_process_upkeep_moved_total{${OF_PROCESS}}[$__rate_interval]))`,
        legend: "{{step}}",
      }],
    },
    {
      title: "Size of the store",
      unit: "bytes",
      queries: [{ expr: `max(gqm_store_size_bytes{${OF_JOB}})`, legend: "size" }],
    },
  ]],
  ["Processes", [
    {
      title: "Processor",
      unit: "percentunit",
      queries: [{
        expr: `rate(process_cpu_seconds_total{${OF_PROCESS}}[$__rate_interval])`,
        legend: "{{instance}}",
      }],
    },
    {
      title: "Memory",
      unit: "bytes",
      queries: [
        { expr: `process_resident_memory_bytes{${OF_PROCESS}}`, legend: "{{instance}}" },
        { expr: `gqm_process_heap_bytes{${OF_PROCESS}}`, legend: "{{instance}} heap" },
      ],
    },
    {
      title: "Age",
      unit: "s",
      queries: [{
        expr: `time() - process_start_time_seconds{${OF_PROCESS}}`,
        legend: "{{instance}}",
      }],
    },
  ]],
];
