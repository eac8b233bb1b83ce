/**
 * Writes payloads, results and meta as JSON, and refuses what JSON would lose
 * without a word: functions, symbols, NaN, Map, Set, binary data.
 *
 * @module
 */

/** What JSON cannot carry, and where it stands. */
export interface Loss {
  /** Such as `payload.items[3]`. */
  readonly path: string;
  /** Such as `a bigint`. */
  readonly what: string;
}

/**
 * Writes a value as JSON. `undefined` becomes `null`, and an object's
 * `undefined` properties are left out, as JSON does.
 *
 * @param root Name of the value in `Loss.path`.
 * @returns The text, or what would be lost.
 */
export function serialize(value: unknown, root: string): string | Loss {
  if (value === undefined) return "null";
  try {
    const loss = findLoss(value, root, []);
    return loss ?? JSON.stringify(value) ?? { path: root, what: "undefined after toJSON" };
  } catch (error) {
    // A getter or a toJSON that threw.
    const message = error instanceof Error ? error.message : String(error);
    return { path: root, what: `not readable: ${message}` };
  }
}

/** The first thing in a value that JSON cannot carry. `above` holds the objects around it. */
function findLoss(value: unknown, path: string, above: unknown[]): Loss | undefined {
  if (isHarmless(value)) return undefined;
  if (typeof value === "object") return findLossInObject(value!, path, above);
  return { path, what: typeof value === "number" ? String(value) : `a ${typeof value}` };
}

/** What needs no further look: most of a payload, so its path need not be spelled out. */
function isHarmless(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || value === undefined ||
    value === null || (typeof value === "number" && Number.isFinite(value));
}

function findLossInObject(value: object, path: string, above: unknown[]): Loss | undefined {
  if (above.includes(value)) return { path, what: "a cycle" };
  // Nesting this deep ends in an overflow of JSON.stringify or of this search.
  if (above.length > MAX_DEPTH) {
    return { path: path.slice(0, 100), what: `nested more than ${MAX_DEPTH} deep` };
  }
  if (isOpaque(value)) return { path, what: nameOf(value) };
  above.push(value);
  if (hasToJson(value)) {
    const loss = findLoss(value.toJSON(), path, above);
    if (loss !== undefined) return loss;
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (item !== undefined && isHarmless(item)) continue;
      const loss = item === undefined
        ? { path: `${path}[${i}]`, what: "undefined, which JSON turns into null" }
        : findLoss(item, `${path}[${i}]`, above);
      if (loss !== undefined) return loss;
    }
  } else {
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      if (isHarmless(item)) continue;
      const loss = findLoss(item, `${path}.${key}`, above);
      if (loss !== undefined) return loss;
    }
  }
  above.pop();
  return undefined;
}

/** Deepest nesting of a payload. */
const MAX_DEPTH = 500;

function hasToJson(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** Objects whose content is not in their properties, so that JSON keeps nothing or nonsense. */
function isOpaque(value: object): boolean {
  if (value instanceof Date) return Number.isNaN(value.getTime());
  if (hasToJson(value)) return false;
  if (ArrayBuffer.isView(value) || value instanceof Error) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return false;
  return Object.keys(value).length === 0 && !isWrapper(value);
}

function nameOf(value: object): string {
  return value instanceof Date ? "an invalid Date" : `a ${value.constructor.name}`;
}

/** `new Number(1)` and the like, which JSON unwraps. */
function isWrapper(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean;
}

const encoder = new TextEncoder();

/** Size of a text in bytes of UTF-8, or undefined if it surely is within the limit. */
export function bytesIfAbove(text: string, limit: number): number | undefined {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= limit) return undefined;
  const bytes = encoder.encode(text).length;
  return bytes > limit ? bytes : undefined;
}
