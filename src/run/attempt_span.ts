/**
 * What a tracing library is told of an attempt, besides its begin.
 *
 * @module
 */

import type { SettleResult } from "../store/store.ts";
import type { AttemptSpan, AttemptSpanEnd } from "../tracing.ts";
import type { AttemptResult } from "./attempt.ts";
import type { FamilyPorts } from "./family.ts";

/** Tells of the jobs that a handler reads as its parents. */
export function readsParents(family: FamilyPorts, span: AttemptSpan): FamilyPorts {
  return {
    ...family,
    read: async (ids) => {
      const records = await family.read(ids);
      span.parents(records.flatMap((record) => record?.settings.trace ?? []));
      return records;
    },
  };
}

/**
 * Tells how an attempt ended.
 *
 * @param settled What the store said; undefined where it was not asked.
 */
export function endSpan(
  span: AttemptSpan,
  { verdict, canceled, ranMs }: AttemptResult,
  settled?: SettleResult,
): void {
  span.ended({ ...endOf(verdict, canceled, settled), ranMs });
}

function endOf(
  verdict: AttemptResult["verdict"],
  canceled: AttemptResult["canceled"],
  settled: SettleResult | undefined,
): Omit<AttemptSpanEnd, "ranMs"> {
  if (canceled !== undefined) return { outcome: "canceled", error: { message: canceled.reason } };
  if (verdict === undefined || settled === "lost") return { outcome: "lost" };
  switch (verdict.kind) {
    case "complete":
      return { outcome: "completed" };
    case "release":
      return { outcome: "released" };
    case "retry":
      return { outcome: "retry", error: verdict.error, delayMs: verdict.delayMs };
    case "dead_letter":
      return { outcome: "dead_letter", error: verdict.error };
    case "cancel":
      return { outcome: "canceled", error: verdict.error };
  }
}
