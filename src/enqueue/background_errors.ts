/**
 * What can go wrong with jobs that are enqueued in the background.
 *
 * @module
 */

import { GqmError } from "../errors.ts";

/** More jobs wait to be sent than the buffer holds: the store does not keep up, or cannot be reached. */
export class BufferFullError extends GqmError {
  /** Name of the class. */
  override readonly name = "BufferFullError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "BUFFER_FULL";
  /** Most jobs that may wait. */
  readonly maxBuffered: number;
  /**
   * Makes the error.
   *
   * @param maxBuffered Most jobs that may wait.
   */
  constructor(maxBuffered: number) {
    super(
      `Cannot enqueue job in background as at most ${maxBuffered} jobs may wait to be sent: ` +
        `current value is ${maxBuffered}; await 'flush', or enqueue fewer`,
    );
    this.maxBuffered = maxBuffered;
  }
}

/** A job for an enqueuer that has been closed. */
export class EnqueuerClosedError extends GqmError {
  /** Name of the class. */
  override readonly name = "EnqueuerClosedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "ENQUEUER_CLOSED";
  /** Makes the error. */
  constructor() {
    super("Cannot enqueue job in background as the enqueuer has been closed");
  }
}

/**
 * A job that the store had not taken when the time to close was over. It may be
 * in the store if it was under way at that moment. `cause` is what went wrong
 * last, if anything did.
 */
export class JobUnsentError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobUnsentError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_UNSENT";
  /**
   * Makes the error.
   *
   * @param closeTimeoutMs Milliseconds that the close waited.
   * @param cause What went wrong last.
   */
  constructor(closeTimeoutMs: number, cause?: unknown) {
    super(
      `Cannot enqueue job in background as the store must take it within ${closeTimeoutMs} ms of the close`,
      { cause },
    );
  }
}
