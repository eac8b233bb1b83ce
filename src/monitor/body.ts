/**
 * The body of a request: JSON of a bounded size that comes in a bounded time.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { ApiError, badRequest } from "./errors.ts";

/** Largest body in bytes (1 MiB). */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Longest wait for the whole of a body, in milliseconds. */
const BODY_MS = 10_000;

/** How a body is read. */
export interface BodyOptions {
  readonly clock: Clock;
  /** Largest size in bytes. @default {1 MiB} */
  readonly maxBytes?: number;
}

/**
 * Reads a JSON object.
 *
 * @throws {ApiError} If it is of another media type, too large, too slow, no JSON, or no object.
 */
export async function readJson(
  request: Request,
  options: BodyOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
  }
  const text = await readText(request, options);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest("invalid JSON body");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("the JSON body must be an object");
  }
  return value as Readonly<Record<string, unknown>>;
}

async function readText(request: Request, options: BodyOptions): Promise<string> {
  const { clock, maxBytes = MAX_BODY_BYTES } = options;
  const tooLarge = (): ApiError =>
    new ApiError("PAYLOAD_TOO_LARGE", `the body must have at most ${maxBytes} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  let isLate = false;
  const timer = clock.after(BODY_MS, () => {
    isLate = true;
    // Ends the read that waits.
    reader.cancel().catch(() => {});
  });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    while (true) {
      const { done, value } = await readChunk(reader);
      if (isLate) throw tooLate();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > maxBytes) throw tooLarge();
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    if (isLate) throw tooLate();
    throw error instanceof TypeError ? badRequest("the body must be UTF-8") : error;
  } finally {
    timer.cancel();
  }
}

function tooLate(): ApiError {
  return new ApiError("TIMEOUT", `the body must come within ${BODY_MS / 1000} s`);
}

/** What comes next of a body; one that breaks off is the client's doing. */
async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
  try {
    return await reader.read();
  } catch {
    throw badRequest("the body broke off");
  }
}
