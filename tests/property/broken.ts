/** Promises that a store breaks. */

/** A promise of the port that a store broke. */
export class BrokenError extends Error {
  override readonly name = "BrokenError";
}

/** Throws unless a promise is kept. */
export function hold(kept: boolean, promise: string, value: unknown): asserts kept {
  if (kept) return;
  throw new BrokenError(`${promise}: current value is ${JSON.stringify(value)}`);
}
