/**
 * What a handler returned, as a store keeps it.
 *
 * @module
 */

import { MAX_RESULT_BYTES } from "../job/names.ts";
import { isResultUnavailable, resultUnavailable } from "../job/result.ts";
import { bytesIfAbove, serialize } from "../job/serialize.ts";

/** A result as text. */
export interface ResultText {
  /** JSON text; null for no result. */
  readonly text: string | null;
  /** Why the text is only a marker, if the result cannot be kept. */
  readonly unavailable?: string;
}

/**
 * Writes a result as JSON; a marker in its place if it is no JSON, or above 1 MiB. A marker, as from a
 * thread that could not hand its result over, stays one.
 */
export function resultText(result: unknown): ResultText {
  if (result === undefined) return { text: null };
  if (isResultUnavailable(result)) return marker(String(result.reason));
  const text = serialize(result, "result");
  if (typeof text !== "string") return marker(`'${text.path}' is ${text.what}`);
  const bytes = bytesIfAbove(text, MAX_RESULT_BYTES);
  return bytes === undefined
    ? { text }
    : marker(`it has ${bytes} bytes of JSON, above ${MAX_RESULT_BYTES}`);
}

function marker(unavailable: string): ResultText {
  return { text: JSON.stringify(resultUnavailable(unavailable)), unavailable };
}
