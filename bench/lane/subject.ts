/**
 * What a system under test must offer, so that one and the same code drives all of them.
 */

/** The payload of a job. */
export interface Payload {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/** The jobs of one queue. Those of different names are kept apart. */
export interface Load {
  readonly name: string;
  /** How many types there are. */
  readonly types: number;
  /** How many priorities there are; with 1, none is given. */
  readonly priorities: number;
}

/** What a job of a load is. */
export interface Kind {
  /** From 0. */
  readonly type: number;
  /** From 0, the lowest; 0 where there is only one. */
  readonly priority: number;
}

/** How many jobs of one name are where. */
export interface Counts {
  readonly waiting: number;
  readonly completed: number;
  /** All others, such as failed ones. */
  readonly rest: number;
}

/** Options of {@linkcode Producer.enqueueMany}. */
export interface ManyOptions {
  /** Start no earlier than this time, in epoch milliseconds. */
  readonly dueAt?: number;
  /** Whether ids must be UUIDv7, whatever the system's own are. */
  readonly uuids?: boolean;
}

/** Enqueues jobs and looks at them; open when it is made. */
export interface Producer extends AsyncDisposable {
  enqueue(payload: Payload, kind: Kind): Promise<unknown>;
  /** Enqueues one payload many times, in one call. */
  enqueueMany(payload: Payload, count: number, options: ManyOptions): Promise<unknown>;
  /** Enqueues a job that runs after so many others of its own; where the system has such jobs. */
  enqueueFamily?(payload: Payload, children: number): Promise<unknown>;
  counts(): Promise<Counts>;
}

/** Runs jobs; connected when it is made, and not yet started. */
export interface Consumer extends AsyncDisposable {
  start(): Promise<void>;
  /**
   * Resolves once so many jobs have been run and their completion is in the store.
   * Rejects when one fails.
   */
  settled(jobs: number): Promise<void>;
}

/** A system under test, on the Redis of a lane. */
export interface Subject {
  producer(load: Load): Promise<Producer>;
  /** `onStart` is the handler: it gets each job's start and does nothing else. */
  consumer(load: Load, concurrency: number, onStart: () => void): Promise<Consumer>;
  /** Commands that it has sent to Redis so far. */
  commands(): number;
}
