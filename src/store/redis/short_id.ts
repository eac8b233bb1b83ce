/**
 * Ids as Redis keeps them: a UUID as `~` and 22 characters instead of 36. `~`
 * may not stand in an id, so that no caller's id can look like a short one.
 *
 * @module
 */

/** In the order of their codes, so that short ids sort as the UUIDs do. */
const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX = "0123456789abcdef";

const codes: readonly number[] = Array.from(ALPHABET, (char) => char.charCodeAt(0));
const values = new Uint8Array(128);
codes.forEach((code, value) => values[code] = value);

/** Value of a hex digit by its character code. */
function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

/** The id as Redis keeps it. */
export function toShort(id: string): string {
  if (id.length !== 36 || !UUID.test(id)) return id;
  const hex = id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);
  const out = new Array<number>(23);
  out[0] = 126;
  let at = 1;
  for (let i = 0; i < 30; i += 3) {
    const bits = nibble(hex.charCodeAt(i)) << 8 | nibble(hex.charCodeAt(i + 1)) << 4 |
      nibble(hex.charCodeAt(i + 2));
    out[at++] = codes[bits >> 6]!;
    out[at++] = codes[bits & 63]!;
  }
  const bits = nibble(hex.charCodeAt(30)) << 4 | nibble(hex.charCodeAt(31));
  out[21] = codes[bits >> 6]!;
  out[22] = codes[bits & 63]!;
  return String.fromCharCode(...out);
}

/** The id as callers know it. */
export function fromShort(short: string): string {
  if (short.charCodeAt(0) !== 126 || short.length !== 23) return short;
  let hex = "";
  for (let i = 1; i < 23; i += 2) {
    const bits = values[short.charCodeAt(i)]! << 6 | values[short.charCodeAt(i + 1)]!;
    if (i < 21) hex += HEX[bits >> 8];
    hex += HEX[bits >> 4 & 15]! + HEX[bits & 15]!;
  }
  return hex.slice(0, 8) + "-" + hex.slice(8, 12) + "-" + hex.slice(12, 16) + "-" +
    hex.slice(16, 20) + "-" + hex.slice(20);
}
