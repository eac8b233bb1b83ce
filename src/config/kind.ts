/**
 * What kind of a value something is.
 *
 * @module
 */

/** Whether a value has keys, and is nothing else. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * What something is called that is no scalar, as what is in it may be a secret; also what is one, if it
 * stands in the place of something whole.
 */
export function kindOf(value: unknown, isWhole: boolean): string | undefined {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") {
    return isPlain(value) ? "a section" : "of a type of its own";
  }
  if (!isWhole) return undefined;
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}
