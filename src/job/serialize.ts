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
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // A cycle, a BigInt, nesting beyond the stack, or a toJSON that threw.
    const message = error instanceof Error ? error.message : String(error);
    return findLoss(value, root, []) ?? { path: root, what: `not writable: ${message}` };
  }
  return findLoss(value, root, []) ?? text!;
}

/** The first thing in a value that JSON cannot carry. `above` holds the objects around it. */
function findLoss(value: unknown, path: string, above: unknown[]): Loss | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path, what: String(value) };
    case "object":
      return value === null ? undefined : findLossInObject(value, path, above);
    default:
      return { path, what: `a ${typeof value}` };
  }
}

function findLossInObject(value: object, path: string, above: unknown[]): Loss | undefined {
  if (above.includes(value)) return { path, what: "a cycle" };
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return undefined;
  if (isOpaque(value)) return { path, what: `a ${value.constructor.name}` };
  // Nesting this deep ends in an overflow of JSON.stringify or of this search.
  if (above.length > MAX_DEPTH) {
    return { path: path.slice(0, 100), what: `nested more than ${MAX_DEPTH} deep` };
  }
  above.push(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "string") continue;
      const loss = item === undefined
        ? { path: `${path}[${i}]`, what: "undefined, which JSON turns into null" }
        : findLoss(item, `${path}[${i}]`, above);
      if (loss !== undefined) return loss;
    }
  } else {
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === "string" || item === undefined) continue;
      const loss = findLoss(item, `${path}.${key}`, above);
      if (loss !== undefined) return loss;
    }
  }
  above.pop();
  return undefined;
}

/** Deepest nesting of a payload. */
const MAX_DEPTH = 500;

/** Objects whose content is not in their properties, so that JSON writes `{}`. */
function isOpaque(value: object): boolean {
  return value instanceof Map || value instanceof Set || value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof Promise || value instanceof RegExp || value instanceof Error ||
    value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

const encoder = new TextEncoder();

/** Size of a text in bytes of UTF-8, or undefined if it surely is within the limit. */
export function bytesIfAbove(text: string, limit: number): number | undefined {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= limit) return undefined;
  const bytes = encoder.encode(text).length;
  return bytes > limit ? bytes : undefined;
}
