/**
 * Reasons for which a handler's signal aborts, and what is wrong with a
 * server's set-up.
 *
 * @module
 */

import { GqmError, show } from "../errors.ts";

/** The time limit of an attempt has passed. */
export class JobTimeoutError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobTimeoutError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_TIMEOUT";
  /** The limit in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Makes the error.
   *
   * @param timeoutMs The limit in milliseconds.
   */
  constructor(timeoutMs: number) {
    super(`Timeout of ${timeoutMs} ms exceeded`);
    this.timeoutMs = timeoutMs;
  }
}

/** The job was canceled while it ran. What the handler returns is dropped. */
export class JobCanceledError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobCanceledError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_CANCELED";
  /** Why, as given by whoever canceled it. */
  readonly reason: string;
  /**
   * Makes the error.
   *
   * @param id The job's id.
   * @param reason Why.
   */
  constructor(id: string, reason: string) {
    super(`Cannot finish job as it must not have been canceled: '${id}', ${reason}`);
    this.reason = reason;
  }
}

/** The job is no longer this holder's: its lease ended, or someone else took it. */
export class LeaseLostError extends GqmError {
  /** Name of the class. */
  override readonly name = "LeaseLostError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "LEASE_LOST";
  /** The job's id. */
  readonly id: string;
  /**
   * Makes the error.
   *
   * @param id The job's id.
   */
  constructor(id: string) {
    super(`Cannot go on with job '${id}' as its lease is lost: another server may run it`);
    this.id = id;
  }
}

/** The server is stopping and the time to finish has passed. The job goes back unharmed. */
export class ShutdownError extends GqmError {
  /** Name of the class. */
  override readonly name = "ShutdownError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "SHUTDOWN";
  /** Makes the error. */
  constructor() {
    super("Cannot finish job as the server is stopping");
  }
}

/** A stored payload that cannot be read, or that its schema refuses before the run. */
export class StoredPayloadError extends GqmError {
  /** Name of the class. */
  override readonly name = "StoredPayloadError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "STORED_PAYLOAD";
}

/** A second handler for a type. */
export class DuplicateHandlerError extends GqmError {
  /** Name of the class. */
  override readonly name = "DuplicateHandlerError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "DUPLICATE_HANDLER";
  /**
   * Makes the error.
   *
   * @param type The type.
   */
  constructor(type: string) {
    super(`Cannot add handler as a type must have one: ${show(type)} has a handler already`);
  }
}

/** A second pool of a name. */
export class DuplicatePoolError extends GqmError {
  /** Name of the class. */
  override readonly name = "DuplicatePoolError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "DUPLICATE_POOL";
  /**
   * Makes the error.
   *
   * @param pool The pool's name.
   */
  constructor(pool: string) {
    super(`Cannot add pool as pool names must differ: ${show(pool)} is there already`);
  }
}

/** Two pools that would take the same type from the same queue. */
export class JobTypeConflictError extends GqmError {
  /** Name of the class. */
  override readonly name = "JobTypeConflictError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "JOB_TYPE_CONFLICT";
  /**
   * Makes the error.
   *
   * @param type The type, or `*`.
   * @param first One pool.
   * @param second The other.
   */
  constructor(type: string, first: string, second: string) {
    super(
      `Cannot add pool as one type on one queue must belong to one pool: ` +
        `'${type}' is taken by '${first}' and '${second}'; give them different queues, or drop the handler's 'concurrency' if that makes one of them`,
    );
  }
}

/** A call that does not fit the server's state, such as adding a handler to a running server. */
export class ServerStateError extends GqmError {
  /** Name of the class. */
  override readonly name = "ServerStateError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "SERVER_STATE";
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param rule The state that it needs.
   * @param state The state seen.
   */
  constructor(action: string, rule: string, state: string) {
    super(`Cannot ${action} as the server must be ${rule}: current state is ${state}`);
  }
}

/** The module of a thread pool cannot be used. */
export class ThreadModuleError extends GqmError {
  /** Name of the class. */
  override readonly name = "ThreadModuleError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "THREAD_MODULE";
  /**
   * Makes the error.
   *
   * @param pool The pool's name.
   * @param module The module's URL.
   * @param rule What the module must do.
   * @param options The cause, if any.
   */
  constructor(pool: string, module: string, rule: string, options?: ErrorOptions) {
    const cause = options?.cause;
    const reason = cause instanceof Error ? `, but ${cause.name}: ${cause.message}` : "";
    super(
      `Cannot start threads of pool ${show(pool)} as their module must ${rule}: ` +
        `current value is ${show(module)}${reason}`,
      options,
    );
  }
}

/** The thread that ran a job ended before the job did. */
export class ThreadDiedError extends GqmError {
  /** Name of the class. */
  override readonly name = "ThreadDiedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "THREAD_DIED";
  /**
   * Makes the error.
   *
   * @param exitCode The thread's exit code.
   * @param options The cause: what was thrown outside of the handler.
   */
  constructor(exitCode: number, options?: ErrorOptions) {
    const cause = options?.cause;
    super(
      "Cannot finish job as its thread must live as long: " +
        (cause === undefined
          ? `it ended with exit code ${exitCode}`
          : `it was ended by ${
            cause instanceof Error ? `${cause.name}: ${cause.message}` : show(cause)
          }`),
      options,
    );
  }
}
