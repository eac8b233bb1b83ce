/**
 * What the API answers, as far as commands and the terminal monitor read it.
 *
 * @module
 */

/** How far a job is: 0 to 1, and in words. */
export interface ProgressShape {
  readonly value?: number;
  readonly message?: string;
}

/** An attempt. */
export interface AttemptShape {
  readonly attempt: number;
  readonly started_at_ms: number;
  readonly finished_at_ms: number;
  readonly outcome: string;
  readonly server_id: string;
  readonly pool: string;
  readonly error?: { readonly message: string; readonly name?: string; readonly stack?: string };
}

/** A job. Times are epoch seconds as texts. */
export interface JobShape {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly status: string;
  readonly payload: unknown;
  readonly result?: unknown;
  readonly meta?: unknown;
  readonly error?: string;
  readonly created_at: string;
  readonly scheduled_at?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly worker_id?: string;
  readonly server_id?: string;
  readonly priority?: string;
  readonly attempts_made?: string;
  readonly deliveries?: string;
  readonly progress?: ProgressShape;
  readonly attempts?: readonly AttemptShape[];
  readonly logs?: readonly { readonly at_ms: number; readonly text: string }[];
}

/** Another job that one depends on, or that depends on it. */
export interface RelativeShape {
  readonly id: string;
  readonly status?: string;
  readonly type?: string;
}

/** How long something took, of a hundred: half of them, 95, 99 were not longer. Milliseconds. */
export interface Durations {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The answer of `/api/v1/overview`. */
export interface Overview {
  readonly counts: Readonly<Record<string, number>>;
  readonly recent: {
    readonly completed: number;
    readonly retried: number;
    readonly dead: number;
    readonly per_second: number;
    readonly run_ms: Durations | null;
    readonly wait_ms: Durations | null;
  };
  readonly oldest: {
    readonly type: string;
    readonly queue: string;
    readonly age_ms: number;
  } | null;
  readonly failing: readonly {
    readonly type: string;
    readonly queue: string;
    readonly retried: number;
    readonly dead: number;
  }[];
  readonly paused: readonly { readonly queue: string | null; readonly type: string | null }[];
  readonly workers: {
    readonly servers: number;
    readonly slots: number;
    readonly busy: number;
  } | null;
}

/** A pool of a server. */
export interface PoolShape {
  readonly id: string;
  readonly name: string;
  readonly server_id: string;
  readonly slots: number;
  readonly busy: number;
  readonly types: readonly string[];
  /** Null for all. */
  readonly queues: readonly string[] | null;
  readonly heartbeat_age_ms: number;
  readonly lease_ms: number;
}

/** A job that runs. */
export interface RunningShape {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly attempt: number;
  readonly running_ms: number;
  readonly server_id: string;
  readonly pool: string | null;
  readonly progress: ProgressShape | null;
}

/** A schedule. */
export interface ScheduleShape {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly cron?: string;
  readonly every_ms?: number;
  readonly time_zone: string;
  readonly overlap: string;
  readonly enabled: boolean;
  readonly ended: boolean;
  readonly source: string;
  readonly next_at_ms?: number;
  readonly payload?: unknown;
}

/** What became of a slot of a schedule. Times are epoch seconds. */
export interface FireShape {
  readonly job_id: string | null;
  readonly triggered_at: number;
  readonly outcome: string;
  readonly kind: string;
  readonly slot_at: number;
  readonly count?: number;
  readonly note?: string;
}
