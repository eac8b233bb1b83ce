// @ts-check
/**
 * How numbers, times and sizes are written: the same way everywhere.
 */

/** No number, or none that is known. */
const NONE = "–";
const signDisplay = "negative";
const whole = new Intl.NumberFormat("en-US", { signDisplay });
const short = new Intl.NumberFormat("en-US", {
  notation: "compact",
  maximumFractionDigits: 1,
  signDisplay,
});
const hour = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const date = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** A count, in full up to 99 999. @param {number} n */
export function count(n) {
  return Math.abs(n) < 100_000 ? fullCount(n) : Number.isFinite(n) ? short.format(n) : NONE;
}

/** A count in full. @param {number} n */
export function fullCount(n) {
  return Number.isFinite(n) ? whole.format(n) : NONE;
}

/** So many of something: "1 job", "12 jobs". @param {number} n @param {string} what */
export function many(n, what) {
  return `${fullCount(n)} ${what}${n === 1 ? "" : "s"}`;
}

/** A rate. @param {number} perSecond */
export function rate(perSecond) {
  if (!Number.isFinite(perSecond)) return NONE;
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.1) return `${trim(perSecond * 60)}/min`;
  return `${perSecond < 100 ? trim(perSecond) : count(Math.round(perSecond))}/s`;
}

/** How long something takes. @param {number | null | undefined} ms @returns {string} */
export function duration(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  if (ms < 0) return `-${duration(-ms)}`;
  // Each unit ends where its last number would be written as the first of the next one.
  if (ms < 999.5) return `${ms < 10 ? trim(ms) : Math.round(ms)} ms`;
  if (ms < 59_950) return `${trim(ms / 1000)} s`;
  ms = Math.max(ms, 60_000);
  const [size, name, part, partName] = ms < 3_600_000
    ? [60_000, "m", 1000, "s"]
    : ms < 86_400_000
    ? [3_600_000, "h", 60_000, "m"]
    : [86_400_000, "d", 3_600_000, "h"];
  const parts = Math.floor(ms % size / part);
  return `${Math.floor(ms / size)} ${name}${parts === 0 ? "" : ` ${parts} ${partName}`}`;
}

/** How long ago, or in how long. @param {number} atMs @param {number} [nowMs] */
export function relative(atMs, nowMs = Date.now()) {
  const ms = nowMs - atMs;
  if (Number.isNaN(ms)) return NONE;
  if (Math.abs(ms) < 1500) return "now";
  const text = duration(Math.floor(Math.abs(ms) / 1000) * 1000);
  return ms > 0 ? `${text} ago` : `in ${text}`;
}

/** A time in full. @param {number} atMs */
export function time(atMs) {
  return exact.format(atMs);
}

/** A time of the day. @param {number} atMs */
export function clock(atMs) {
  return hour.format(atMs);
}

/** A day of this week or the last. @param {number} atMs */
export function day(atMs) {
  return date.format(atMs);
}

/** A time by the clocks of a zone. @param {string} local Such as 2026-03-29T03:00:00.000+02:00. */
export function wall(local) {
  return local.replace("T", " ").replace(/\.000(?=[+-])/, "").replace(/([+-]\d\d:\d\d)$/, " $1");
}

/** A size. @param {number} n Bytes. */
export function bytes(n) {
  if (!Number.isFinite(n)) return NONE;
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (Math.abs(n) >= 999.5 && at < units.length - 1) {
    n /= 1000;
    at++;
  }
  return `${trim(n)} ${units[at]}`;
}

/** A share. @param {number} of 0 to 1. */
export function percent(of) {
  return Number.isFinite(of) ? `${trim(of * 100)} %` : NONE;
}

/** How far something is. The scale is free; 0 to 1 is the usual one. @param {number} value */
export function progress(value) {
  return value >= 0 && value <= 1 ? percent(value) : count(value);
}

/** The name of a status, as people say it. @param {string} status */
export function statusName(status) {
  return status.replaceAll("_", " ");
}

/** At most three digits that say something. @param {number} n */
function trim(n) {
  const size = Math.abs(n);
  return size >= 100
    ? whole.format(Math.round(n))
    : String(Number(n.toPrecision(size < 10 ? 2 : 3)));
}
