/**
 * Leases on Redis: heartbeats, reap, and what running handlers tell.
 *
 * @module
 */

import { MAX_LINE_LENGTH, MAX_LOG_LINES } from "../../job/job.ts";
import type {
  CanceledHold,
  HeartbeatReply,
  HeartbeatRequest,
  Hold,
  Report,
  StepReply,
} from "../store.ts";
import type { ClaimContext } from "./claim.ts";
import { escapeName } from "./claim_text.ts";
import { decodeState } from "./state_text.ts";
import { fromShort, toShort } from "./short_id.ts";

/** Most reports of one call. */
const MAX_REPORTS = 500;

/** See `ClaimStage.heartbeat`. */
export async function heartbeat(
  { runner }: ClaimContext,
  { server, leaseMs, holds, presence, isPart = false }: HeartbeatRequest,
): Promise<HeartbeatReply> {
  const [lost, unknown, shortest, ended, wants] = await runner.call("heartbeat", [
    escapeName(server),
    Math.ceil(leaseMs),
    holds.length,
    ...holds.map(({ id }) => toShort(id)),
    ...holds.map(({ fence }) => String(fence)),
    presence === undefined ? "" : Math.floor(presence.upMs),
    presence?.busy.join(",") ?? "",
    presence?.about === undefined ? "" : JSON.stringify(presence.about),
    isPart ? "1" : "",
  ]) as [number[], string[], string, (number | string)[], string];
  const strays: Hold[] = [];
  for (let i = 0; i < unknown.length; i += 2) {
    strays.push({ id: fromShort(unknown[i]!), fence: Number(unknown[i + 1]) });
  }
  const canceled: CanceledHold[] = [];
  for (let i = 0; i < ended.length; i += 2) {
    canceled.push({ ...holds[Number(ended[i]) - 1]!, reason: reasonOf(String(ended[i + 1])) });
  }
  return {
    lost: lost.map((position) => holds[position - 1]!),
    unknown: strays,
    canceled,
    ...shortest === "" ? {} : { shortestLeaseMs: Number(shortest) },
    ...wants === "1" ? { wantsAbout: true } : {},
  };
}

/** Why a job was canceled, by its state; empty for one that cannot be read. */
function reasonOf(state: string): string {
  try {
    return decodeState(state).error ?? "";
  } catch {
    return "";
  }
}

/** See `ClaimStage.reap`. */
export async function reap(
  { runner, retention }: ClaimContext,
  { limit, maxDeliveries }: { readonly limit: number; readonly maxDeliveries: number },
): Promise<StepReply> {
  return decodeStep(await runner.call("reap", [...retention, limit, maxDeliveries]));
}

/** What a step of upkeep answers. */
export function decodeStep(reply: readonly unknown[]): StepReply {
  const [moved, wait] = reply as [number, string];
  return { moved: Number(moved), nextInMs: wait === "" ? null : Number(wait) };
}

/** See `SettleStage.report`. */
export async function report(
  { runner }: ClaimContext,
  reports: readonly Report[],
): Promise<("ok" | "lost")[]> {
  const answers: ("ok" | "lost")[] = [];
  for (let from = 0; from < reports.length; from += MAX_REPORTS) {
    const part = reports.slice(from, from + MAX_REPORTS);
    const args: (string | number)[] = [part.length, ""];
    for (const { id, fence, progress, logs = [] } of part) {
      const lines = logs.slice(-MAX_LOG_LINES).map((text) => text.slice(0, MAX_LINE_LENGTH));
      const told = progress && JSON.stringify({
        v: progress.value,
        m: progress.message?.slice(0, MAX_LINE_LENGTH),
      });
      args.push(toShort(id), String(fence), told ?? "", lines.length, ...lines);
    }
    const [text] = await runner.call("report", (again) => args.with(1, again ? "1" : ""));
    for (const char of text as string) answers.push(char === "o" ? "ok" : "lost");
  }
  return answers;
}
