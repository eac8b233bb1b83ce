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

/** The same id or unique key twice in one `enqueueMany` or `enqueueGraph`. */
export class DuplicateIdInBatchError extends GqmError {
  /** Name of the class. */
  override readonly name = "DuplicateIdInBatchError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "DUPLICATE_ID_IN_BATCH";
  /**
   * Makes the error.
   *
   * @param id The id or key seen twice.
   * @param what Which of the two it is.
   */
  constructor(id: string, what: "id" | "unique key" = "id") {
    super(`Cannot enqueue jobs as the ${what}s of a batch must differ: '${id}' is there twice`);
  }
}

/** Jobs that would wait for each other, or for themselves. */
export class CyclicDependencyError extends GqmError {
  /** Name of the class. */
  override readonly name = "CyclicDependencyError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "CYCLIC_DEPENDENCY";
  /** Jobs along the cycle, each a parent of the next; the last is the first again. */
  readonly cycle: readonly string[];
  /**
   * Makes the error.
   *
   * @param cycle Jobs along the cycle.
   */
  constructor(cycle: readonly string[]) {
    const shown = cycle.length > 12 ? [...cycle.slice(0, 10), "…", cycle.at(-1)!] : cycle;
    super(
      `Cannot enqueue job as none may wait for itself: ${
        shown.map((name) => `'${name}'`).join(" -> ")
      }`,
    );
    this.cycle = cycle;
  }
}

/** A parent that is not in the store. */
export class MissingParentError extends GqmError {
  /** Name of the class. */
  override readonly name = "MissingParentError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "MISSING_PARENT";
  /** The parent's id. */
  readonly parent: string;
  /**
   * Makes the error.
   *
   * @param parent The parent's id.
   * @param at Which job of a batch or graph named it, such as `Item 3`.
   */
  constructor(parent: string, at?: string) {
    super(
      `${
        at === undefined ? "" : `${at}: `
      }Cannot enqueue job as its parents must be in the store: ` +
        `there is no job '${parent}'; enqueue it first, or set onMissingParent: 'resolved'`,
    );
    this.parent = parent;
  }
}

/** A graph with more jobs or edges than one may have. */
export class GraphTooLargeError extends GqmError {
  /** Name of the class. */
  override readonly name = "GraphTooLargeError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "GRAPH_TOO_LARGE";
  /**
   * Makes the error.
   *
   * @param what What there is too much of.
   * @param most Most that there may be.
   * @param seen How many there are.
   */
  constructor(what: "jobs" | "edges", most: number, seen: number) {
    super(
      `Cannot enqueue graph as it must have at most ${most} ${what}: current value is ${seen}; ` +
        "enqueue a part of it, and let a job of that part enqueue the rest",
    );
  }
}

/** The id or the unique key of a job is in use. `existing` is a handle of the job that has it. */
export class DuplicateJobError extends GqmError {
  /** Name of the class. */
  override readonly name = "DuplicateJobError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "DUPLICATE_JOB";
  /** Handle of the job that has the id or the key. */
  readonly existing: JobHandle;
  /**
   * Makes the error.
   *
   * @param existing Handle of the job that has the id or the key.
   * @param options `at`: which job of a batch or graph it was, such as `Item 3`. `byKey`: it is the
   * unique key that is in use.
   */
  constructor(
    existing: JobHandle,
    { at, byKey = false }: { readonly at?: string; readonly byKey?: boolean } = {},
  ) {
    const { id, status } = existing;
    const what = byKey ? "unique key" : "id";
    const seen = byKey ? `job '${id}' has it and is ${status}` : `'${id}' is ${status}`;
    super(
      at === undefined
        ? `Cannot enqueue job as its ${what} must not be in use: ${seen}; ` +
          `take another ${what}, or set onConflict: 'existing' to get that job`
        : `${at}: Cannot enqueue jobs as no ${what} of a batch may be in use: ${seen}; ` +
          `none was written, take another ${what} or leave the job out`,
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
