/**
 * Numbers and times as commands print them.
 *
 * @module
 */

import type { JobShape, ProgressShape, ScheduleShape } from "./api_shapes.ts";

const SECOND = 1000;
const UNITS = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "m"], [SECOND, "s"]] as const;

/** How long something takes: `950ms`, `1.5s`, `4m 5s`, `2d 3h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms)}ms`;
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10}s`;
  const at = UNITS.findIndex(([size]) => ms >= size);
  const [size, unit] = UNITS[at]!;
  const [next, nextUnit] = UNITS[at + 1]!;
  const rest = Math.floor((ms % size) / next);
  return `${Math.floor(ms / size)}${unit}${rest === 0 ? "" : ` ${rest}${nextUnit}`}`;
}

/** How long ago something was, or in how long it is. */
export function ago(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (Math.abs(ms) < SECOND) return "now";
  return ms > 0 ? `${duration(Math.floor(ms / SECOND) * SECOND)} ago` : `in ${duration(-ms)}`;
}

/** A number with a gap between thousands. */
export function count(n: number): string {
  return n.toLocaleString("en").replaceAll(",", "\u202f");
}

/** A number with what is counted: `1 job`, `2 jobs`. */
export function many(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? "" : "s"}`;
}

/** The name of a status for people. */
export function statusName(status: string): string {
  return status.replaceAll("_", " ");
}

/** The time of a job's that tells most of it in its status, and what it is. */
export function tellingTime(job: JobShape): readonly [what: string, atMs: number] {
  const [what, at] = job.completed_at !== undefined
    ? ["ended", job.completed_at]
    : job.status === "processing" && job.started_at !== undefined
    ? ["started", job.started_at]
    : ["scheduled", "retry"].includes(job.status) && job.scheduled_at !== undefined
    ? ["due", job.scheduled_at]
    : ["enqueued", job.created_at];
  return [what, Number(at) * 1000] as const;
}

/** How far a job is, in words; empty if it has not said. */
export function progressText(progress: ProgressShape | null | undefined): string {
  const share = progress?.value === undefined ? "" : `${Math.round(progress.value * 100)} %`;
  return [share, progress?.message ?? ""].filter(Boolean).join(" ");
}

/** When a schedule fires. */
export function whenText({ cron, every_ms }: ScheduleShape): string {
  return cron ?? (every_ms === undefined ? "custom" : `every ${duration(every_ms)}`);
}
