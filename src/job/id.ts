/**
 * Job ids: UUIDv7, or the caller's own.
 *
 * @module
 */

const HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, i) => i.toString(16).padStart(2, "0"),
);
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

  return () => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      sequence = 0;
    } else if (++sequence > 0xfff) {
      lastMs++;
      sequence = 0;
    }
    if (used === POOL_BYTES) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const time = lastMs.toString(16).padStart(12, "0");
    const version = 0x7000 | sequence;
    const b = (i: number): string => HEX[pool[used + i]!]!;
    const variant = HEX[0x80 | (pool[used]! & 0x3f)]!;
    const id = `${time.slice(0, 8)}-${time.slice(8)}-${version.toString(16)}-${variant}${b(1)}-` +
      b(2) + b(3) + b(4) + b(5) + b(6) + b(7);
    used += 8;
    return id;
  };
}
