/** The parts of BullMQ that `from_bullmq.ts` uses, so that nothing here depends on the package. */

/** The part of a BullMQ job that is used. */
export interface BullJob {
  readonly id?: string;
  readonly name: string;
  readonly data: unknown;
  readonly timestamp: number;
  readonly attemptsMade: number;
  readonly priority?: number;
  readonly failedReason?: string;
  readonly repeatJobKey?: string;
  readonly parentKey?: string;
  readonly opts: {
    readonly attempts?: number;
    readonly priority?: number;
    readonly backoff?: number | {
      readonly type: string;
      readonly delay?: number;
      readonly jitter?: number;
    };
  };
}

/** A job scheduler of BullMQ. */
export interface BullScheduler {
  readonly key: string;
  readonly name: string;
  readonly pattern?: string;
  readonly every?: number;
  readonly tz?: string;
  readonly endDate?: number;
  readonly limit?: number;
  readonly template?: { readonly data?: unknown };
}

/** The part of BullMQ's `Queue` that is used. */
export interface BullQueue {
  readonly name: string;
  isPaused(): Promise<boolean>;
  getActiveCount(): Promise<number>;
  getWaitingChildrenCount(): Promise<number>;
  getJobs(types: BullState[], start: number, end: number, asc: boolean): Promise<BullJob[]>;
  getJobSchedulers(start: number, end: number, asc: boolean): Promise<BullScheduler[]>;
  close(): Promise<void>;
}

/** The states of jobs that are carried over. */
export type BullState = "delayed" | "prioritized" | "waiting" | "failed";
