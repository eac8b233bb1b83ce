/**
 * Ids as Redis keeps them: a UUID as `~` and 22 characters instead of 36. `~`
 * may not stand in an id, so that no caller's id can look like a short one.
 *
 * Both ways make a text in one call: one put together from parts costs several times as much.
 *
 * @module
 */

/** In the order of their codes, so that short ids sort as the UUIDs do. */
const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const HEX = "0123456789abcdef";
const HYPHEN = 45;
const TILDE = 126;

/** Codes of the alphabet and of the hexadecimal digits, and their values by code. */
const C = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const D = Uint8Array.from(HEX, (char) => char.charCodeAt(0));
const values = new Uint8Array(128);
C.forEach((code, value) => values[code] = value);
const nibbles = new Uint8Array(128).fill(255);
D.forEach((code, value) => nibbles[code] = value);

/** Above what three digits make. */
const NOT_HEX = 1 << 12;

/** Value of the hexadecimal digit at a place; above 15 for another character. */
function digit(id: string, at: number): number {
  const code = id.charCodeAt(at);
  return nibbles[code & 127]! | code & 0xff80;
}

/** Value of three digits; `NOT_HEX` if one is another character. */
function three(id: string, first: number, second: number, third: number): number {
  const x = digit(id, first);
  const y = digit(id, second);
  const z = digit(id, third);
  return (x | y | z) > 15 ? NOT_HEX : x << 8 | y << 4 | z;
}

/** Whether a text of 36 characters has its hyphens where a UUID has them. */
function isGrouped(id: string): boolean {
  return id.charCodeAt(8) === HYPHEN && id.charCodeAt(13) === HYPHEN &&
    id.charCodeAt(18) === HYPHEN && id.charCodeAt(23) === HYPHEN;
}

/** The id as Redis keeps it. */
export function toShort(id: string): string {
  if (id.length !== 36 || !isGrouped(id)) return id;
  const a = three(id, 0, 1, 2);
  const b = three(id, 3, 4, 5);
  const c = three(id, 6, 7, 9);
  const d = three(id, 10, 11, 12);
  const e = three(id, 14, 15, 16);
  const f = three(id, 17, 19, 20);
  const g = three(id, 21, 22, 24);
  const h = three(id, 25, 26, 27);
  const i = three(id, 28, 29, 30);
  const j = three(id, 31, 32, 33);
  const y = digit(id, 34);
  const z = digit(id, 35);
  if ((a | b | c | d | e | f | g | h | i | j) >= NOT_HEX || (y | z) > 15) return id;
  const k = y << 4 | z;
  // deno-fmt-ignore
  return String.fromCharCode(
    TILDE, C[a >> 6]!, C[a & 63]!, C[b >> 6]!, C[b & 63]!, C[c >> 6]!, C[c & 63]!,
    C[d >> 6]!, C[d & 63]!, C[e >> 6]!, C[e & 63]!, C[f >> 6]!, C[f & 63]!,
    C[g >> 6]!, C[g & 63]!, C[h >> 6]!, C[h & 63]!, C[i >> 6]!, C[i & 63]!,
    C[j >> 6]!, C[j & 63]!, C[k >> 6]!, C[k & 63]!,
  );
}

/** Value of two characters of a short id: twelve bits. */
function pair(short: string, at: number): number {
  return values[short.charCodeAt(at)]! << 6 | values[short.charCodeAt(at + 1)]!;
}

/** The id as callers know it. */
export function fromShort(short: string): string {
  if (short.charCodeAt(0) !== TILDE || short.length !== 23) return short;
  const a = pair(short, 1);
  const b = pair(short, 3);
  const c = pair(short, 5);
  const d = pair(short, 7);
  const e = pair(short, 9);
  const f = pair(short, 11);
  const g = pair(short, 13);
  const h = pair(short, 15);
  const i = pair(short, 17);
  const j = pair(short, 19);
  const k = pair(short, 21);
  // deno-fmt-ignore
  return String.fromCharCode(
    D[a >> 8]!, D[a >> 4 & 15]!, D[a & 15]!, D[b >> 8]!, D[b >> 4 & 15]!, D[b & 15]!,
    D[c >> 8]!, D[c >> 4 & 15]!, HYPHEN, D[c & 15]!, D[d >> 8]!, D[d >> 4 & 15]!, D[d & 15]!, HYPHEN,
    D[e >> 8]!, D[e >> 4 & 15]!, D[e & 15]!, D[f >> 8]!, HYPHEN,
    D[f >> 4 & 15]!, D[f & 15]!, D[g >> 8]!, D[g >> 4 & 15]!, HYPHEN, D[g & 15]!,
    D[h >> 8]!, D[h >> 4 & 15]!, D[h & 15]!, D[i >> 8]!, D[i >> 4 & 15]!, D[i & 15]!,
    D[j >> 8]!, D[j >> 4 & 15]!, D[j & 15]!, D[k >> 4 & 15]!, D[k & 15]!,
  );
}
