/**
 * Job ids: UUIDv7, or the caller's own.
 *
 * @module
 */

/** Character codes of the hexadecimal digits. */
const DIGITS = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const HYPHEN = 45;
const SEVEN = 55;
const POOL_BYTES = 8 * 512;

/**
 * Makes a generator of UUIDv7 ids (RFC 9562 §5.7): 48 bits of milliseconds, a
 * 12-bit sequence that keeps the ids of one generator in the order in which
 * they were made, and 62 random bits. A clock that steps back does not reorder
 * ids: the last millisecond is kept until time has caught up.
 *
 * @param now Epoch milliseconds.
 */
export function uuidv7Generator(now: () => number): () => string {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  let lastMs = 0;
  let sequence = 0;
  /** The twelve digits of `lastMs`. */
  const t = new Uint8Array(12).fill(DIGITS[0]!);

  const setTime = (ms: number): void => {
    lastMs = ms;
    sequence = 0;
    for (let i = 11, left = ms; i >= 0; i--, left = Math.floor(left / 16)) {
      t[i] = DIGITS[left % 16]!;
    }
  };

  return () => {
    const ms = now();
    if (ms > lastMs) setTime(ms);
    else if (++sequence > 0xfff) setTime(lastMs + 1);
    if (used === POOL_BYTES) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const d = DIGITS;
    const a = pool[used]! & 0x3f | 0x80;
    const b = pool[used + 1]!;
    const c = pool[used + 2]!;
    const e = pool[used + 3]!;
    const f = pool[used + 4]!;
    const g = pool[used + 5]!;
    const h = pool[used + 6]!;
    const i = pool[used + 7]!;
    used += 8;
    // One call, since a text put together from parts is taken apart again wherever it is read.
    // deno-fmt-ignore
    return String.fromCharCode(
      t[0]!, t[1]!, t[2]!, t[3]!, t[4]!, t[5]!, t[6]!, t[7]!, HYPHEN,
      t[8]!, t[9]!, t[10]!, t[11]!, HYPHEN,
      SEVEN, d[sequence >> 8]!, d[sequence >> 4 & 15]!, d[sequence & 15]!, HYPHEN,
      d[a >> 4]!, d[a & 15]!, d[b >> 4]!, d[b & 15]!, HYPHEN,
      d[c >> 4]!, d[c & 15]!, d[e >> 4]!, d[e & 15]!, d[f >> 4]!, d[f & 15]!,
      d[g >> 4]!, d[g & 15]!, d[h >> 4]!, d[h & 15]!, d[i >> 4]!, d[i & 15]!,
    );
  };
}
