/**
 * What a system under test must offer, so that one and the same code drives all of them.
 */

/** The payload of a job. */
export interface Payload {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
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
  enqueue(payload: Payload): Promise<unknown>;
  /** Enqueues one payload many times, in one call. */
  enqueueMany(payload: Payload, count: number, options: ManyOptions): Promise<unknown>;
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

/** A system under test, on the Redis of a lane. Jobs of different names are kept apart. */
export interface Subject {
  producer(name: string): Promise<Producer>;
  /** `onStart` is the handler: it gets each job's start and does nothing else. */
  consumer(name: string, concurrency: number, onStart: () => void): Promise<Consumer>;
}
