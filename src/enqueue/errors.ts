/**
 * Why a job cannot be enqueued. In every case nothing was written.
 *
 * @module
 */

import { GqmError, InvalidOptionError, show } from "../errors.ts";
import type { JobHandle } from "./handle.ts";
import { ID_RULE, MAX_BATCH, MAX_PAYLOAD_BYTES, QUEUE_RULE, TYPE_RULE } from "../job/names.ts";

/** A job id against the rule. */
export class InvalidJobIdError extends InvalidOptionError {
  /** Name of the class. */
  override readonly name = "InvalidJobIdError";
  /** Stable name of this error, for code to branch on. */
  override readonly code = "INVALID_JOB_ID";
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param id The id seen.
   */
  constructor(action: string, id: unknown) {
    super(action, "id", ID_RULE, id);
  }
}

/** A queue name against the rule. */
export class InvalidQueueNameError extends InvalidOptionError {
  /** Name of the class. */
  override readonly name = "InvalidQueueNameError";
  /** Stable name of this error, for code to branch on. */
  override readonly code = "INVALID_QUEUE_NAME";
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param queue The name seen.
   */
  constructor(action: string, queue: unknown) {
    super(action, "queue", QUEUE_RULE, queue);
  }
}

/** A job type against the rule. */
export class InvalidJobTypeError extends InvalidOptionError {
  /** Name of the class. */
  override readonly name = "InvalidJobTypeError";
  /** Stable name of this error, for code to branch on. */
  override readonly code = "INVALID_JOB_TYPE";
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param type The type seen.
   */
  constructor(action: string, type: unknown) {
    super(action, "type", TYPE_RULE, type);
  }
}

/** A job type outside the registry that the client or server was given. */
export class UnknownJobTypeError extends GqmError {
  /** Name of the class. */
  override readonly name = "UnknownJobTypeError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "UNKNOWN_JOB_TYPE";
  /** The type seen. */
  readonly type: string;
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param type The type seen.
   * @param known Types of the registry.
   */
  constructor(action: string, type: string, known: readonly string[]) {
    super(
      `Cannot ${action} as 'type' must be in the job registry (${someOf(known)}): ` +
        `current value is ${show(type)}`,
    );
    this.type = type;
  }
}

/** Types that a message names at most. */
const MAX_TYPES = 10;

function someOf(types: readonly string[]): string {
  const more = types.length - MAX_TYPES;
  return types.slice(0, MAX_TYPES).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** A payload that cannot be written as JSON without losing something. */
export class PayloadNotSerializableError extends GqmError {
  /** Name of the class. */
  override readonly name = "PayloadNotSerializableError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "PAYLOAD_NOT_SERIALIZABLE";
  /** Where in the payload, such as `payload.items[3]`. */
  readonly path: string;
  /**
   * Makes the error.
   *
   * @param path Where.
   * @param found What was found there.
   * @param options The cause, if any.
   */
  constructor(path: string, found: string, options?: ErrorOptions) {
    super(
      `Cannot enqueue job as its data must be JSON: '${path}' is ${found}; ` +
        "send objects, arrays, strings, finite numbers, booleans and null",
      options,
    );
    this.path = path;
  }
}

/** A payload above 1 MiB. */
export class PayloadTooLargeError extends GqmError {
  /** Name of the class. */
  override readonly name = "PayloadTooLargeError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "PAYLOAD_TOO_LARGE";
  /** Size as JSON, in bytes of UTF-8. */
  readonly bytes: number;
  /**
   * Makes the error.
   *
   * @param bytes Size seen.
   */
  constructor(bytes: number) {
    super(
      `Cannot enqueue job as its payload must be at most ${MAX_PAYLOAD_BYTES} bytes of JSON: ` +
        `current value is ${bytes}; keep large data elsewhere and send a reference`,
    );
    this.bytes = bytes;
  }
}

/** A payload that the schema of its type refuses. */
export class InvalidPayloadError extends GqmError {
  /** Name of the class. */
  override readonly name = "InvalidPayloadError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "INVALID_PAYLOAD";
  /** What the schema found, one text per issue. */
  readonly issues: readonly string[];
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param type Type of the job.
   * @param issues What the schema found.
   */
  constructor(action: string, type: string, issues: readonly string[]) {
    super(
      `Cannot ${action} as its payload must pass the schema of '${type}': ${
        issues.join("; ") || "it gives no reason"
      }`,
    );
    this.issues = issues;
  }
}

/** More jobs in one `enqueueMany` than it takes. */
export class BatchTooLargeError extends GqmError {
  /** Name of the class. */
  override readonly name = "BatchTooLargeError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "BATCH_TOO_LARGE";
  /**
   * Makes the error.
   *
   * @param size Jobs seen.
   */
  constructor(size: number) {
    super(
      `Cannot enqueue jobs as a batch must have at most ${MAX_BATCH} jobs: current value is ${size}; split it`,
    );
  }
}

/** The same id twice in one `enqueueMany`. */
export class DuplicateIdInBatchError extends GqmError {
  /** Name of the class. */
  override readonly name = "DuplicateIdInBatchError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "DUPLICATE_ID_IN_BATCH";
  /**
   * Makes the error.
   *
   * @param id The id seen twice.
   */
  constructor(id: string) {
    super(`Cannot enqueue jobs as the ids of a batch must differ: '${id}' is there twice`);
  }
}

/** The id of a job is in use. `existing` is a handle of the job that has it. */
export class DuplicateJobError extends GqmError {
  /** Name of the class. */
  override readonly name = "DuplicateJobError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "DUPLICATE_JOB";
  /** Handle of the job that has the id. */
  readonly existing: JobHandle;
  /**
   * Makes the error.
   *
   * @param existing Handle of the job that has the id.
   * @param position Position in the batch, if the job was in one.
   */
  constructor(existing: JobHandle, position?: number) {
    const { id, status } = existing;
    super(
      position === undefined
        ? `Cannot enqueue job as its id must not be in use: '${id}' is ${status}; ` +
          `take another id, or set onConflict: 'existing' to get that job`
        : `Item ${position}: Cannot enqueue jobs as the ids of a batch must not be in use: ` +
          `'${id}' is ${status}; none was written, take another id or leave the item out`,
    );
    this.existing = existing;
  }
}

/** A call to a client that has been closed. */
export class ClientClosedError extends GqmError {
  /** Name of the class. */
  override readonly name = "ClientClosedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "CLIENT_CLOSED";
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   */
  constructor(action: string) {
    super(`Cannot ${action} as the client has been closed`);
  }
}
