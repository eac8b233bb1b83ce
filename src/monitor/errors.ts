/**
 * Errors as the API tells them: a status, a code, a text. What the library throws is
 * mapped by its class, never by its text.
 *
 * @module
 */

import { JobNotFoundError, JobRefusedError } from "../control/errors.ts";
import {
  BatchTooLargeError,
  CyclicDependencyError,
  DuplicateIdInBatchError,
  DuplicateJobError,
  InvalidJobIdError,
  InvalidJobTypeError,
  InvalidPayloadError,
  InvalidQueueNameError,
  MissingParentError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownJobTypeError,
} from "../enqueue/errors.ts";
import { GqmError, InvalidOptionError } from "../errors.ts";
import {
  ScheduleChangedError,
  ScheduleConflictError,
  ScheduleNotFoundError,
  TooManySchedulesError,
} from "../schedule/errors.ts";

/** What went wrong, for code to branch on; the codes of GQM (Go), and ours beyond them. */
export type ErrorCode =
  | "AUTH_DISABLED"
  | "BAD_REQUEST"
  | "CONFLICT"
  | "CSRF_REQUIRED"
  | "FORBIDDEN"
  | "INTERNAL"
  | "NOT_FOUND"
  | "PAYLOAD_TOO_LARGE"
  | "RATE_LIMITED"
  | "TIMEOUT"
  | "UNAUTHORIZED"
  | "UNAVAILABLE"
  | "UNSUPPORTED_MEDIA_TYPE";

/** The status that goes with a code. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  AUTH_DISABLED: 400,
  BAD_REQUEST: 400,
  CONFLICT: 409,
  CSRF_REQUIRED: 403,
  FORBIDDEN: 403,
  INTERNAL: 500,
  NOT_FOUND: 404,
  PAYLOAD_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  TIMEOUT: 408,
  UNAUTHORIZED: 401,
  UNAVAILABLE: 503,
  UNSUPPORTED_MEDIA_TYPE: 415,
};

/** An answer that is an error. */
export class ApiError extends GqmError {
  /** Name of the class. */
  override readonly name: string = "ApiError";
  /** The code of the answer. */
  readonly code: ErrorCode;
  /** Headers that the answer has besides. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param code What went wrong.
   * @param message For people; it is sent.
   * @param headers Headers of the answer.
   */
  constructor(code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  /** The status of the answer. */
  get status(): number {
    return statusOf[this.code];
  }
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Which answer an error of the library becomes. */
const CODES: readonly (readonly [ErrorClass, ErrorCode])[] = [
  [JobNotFoundError, "NOT_FOUND"],
  [ScheduleNotFoundError, "NOT_FOUND"],
  [JobRefusedError, "CONFLICT"],
  [ScheduleChangedError, "CONFLICT"],
  [ScheduleConflictError, "CONFLICT"],
  [TooManySchedulesError, "CONFLICT"],
  [DuplicateJobError, "CONFLICT"],
  [MissingParentError, "CONFLICT"],
  [PayloadTooLargeError, "PAYLOAD_TOO_LARGE"],
  [BatchTooLargeError, "BAD_REQUEST"],
  [CyclicDependencyError, "BAD_REQUEST"],
  [DuplicateIdInBatchError, "BAD_REQUEST"],
  [InvalidJobIdError, "BAD_REQUEST"],
  [InvalidJobTypeError, "BAD_REQUEST"],
  [InvalidPayloadError, "BAD_REQUEST"],
  [InvalidQueueNameError, "BAD_REQUEST"],
  [PayloadNotSerializableError, "BAD_REQUEST"],
  [UnknownJobTypeError, "BAD_REQUEST"],
  [InvalidOptionError, "BAD_REQUEST"],
];

/** What an error is told as; undefined for one that is not the caller's fault. */
export function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const known = CODES.find(([errorClass]) => error instanceof errorClass);
  return known && new ApiError(known[1], (error as Error).message);
}

/** Something is not there. */
export function notFound(what: string): ApiError {
  return new ApiError("NOT_FOUND", `${what} not found`);
}

/** A name is taken, by something of which no more is told. */
export function inUse(): ApiError {
  return new ApiError("CONFLICT", "the id or the unique key is in use");
}

/** Something in the request breaks a rule. */
export function badRequest(what: string): ApiError {
  return new ApiError("BAD_REQUEST", what);
}
