/** What one run of the load gives. Times in milliseconds, sizes in bytes. */
export interface Figures {
  readonly runtime: string;
  readonly enqueued: number;
  /** How long producers enqueued. */
  readonly producedMs: number;
  /** Most jobs that waited at once. */
  readonly backlog: number;
  /** Jobs that had run when producers stopped. */
  readonly ranMeanwhile: number;
  /** From then until the last had run. */
  readonly drainMs: number;
  /** Errors that handlers threw. */
  readonly thrown: number;
  readonly completed: number;
  readonly deadLetters: number;
  /** Jobs in any other status at the end. */
  readonly left: number;
  /** Jobs that did not run as often as they should have. */
  readonly wrong: number;
  /** From the enqueue of an urgent job to the start of its handler, while the backlog was there. */
  readonly urgentMs: { readonly p50: number; readonly p99: number; readonly count: number };
  /** What a tenth of the first quarter of the samples stay below, of the last, and the greatest. */
  readonly heap: Growth;
  readonly rss: Growth;
}

/** How a size went. */
export interface Growth {
  readonly first: number;
  readonly last: number;
  readonly most: number;
}
