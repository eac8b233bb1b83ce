/**
 * Durations as Go writes them, which clients of GQM (Go) show.
 *
 * @module
 */

/** Milliseconds as `1h2m3s`, whole seconds. */
export function goDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  const s = seconds % 60;
  return (h > 0 ? `${h}h` : "") + (seconds >= 60 ? `${m}m` : "") + `${s}s`;
}
