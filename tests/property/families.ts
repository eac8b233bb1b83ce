/** Where parents let jobs stand. */

import type { JobRecord } from "../../src/job/job.ts";
import { isFinal } from "../../src/job/state.ts";
import { hold } from "./broken.ts";
import type { Ledger } from "./ledger.ts";

/** Checks that jobs stand where their parents let them stand, once all children are told. */
export function checkFamilies(ledger: Ledger, records: ReadonlyMap<string, JobRecord>): void {
  for (const { id, status, pendingParents, canceledBy, error } of records.values()) {
    const edges = ledger.edges(id);
    if (status !== "deferred") {
      hold(pendingParents.length === 0, `Job '${id}' must wait for none`, pendingParents);
    } else {
      hold(
        pendingParents.length > 0,
        `Deferred job '${id}' must wait for a parent`,
        edges.length,
      );
      for (const parent of pendingParents) {
        const now = records.get(parent)?.status ?? "gone";
        const isOpen = now !== "gone" && !isFinal(now);
        hold(isOpen, `Parent '${parent}' of deferred job '${id}' must be open`, now);
      }
    }
    if (canceledBy === null) continue;
    const edge = edges.find(({ parent }) => parent.id === canceledBy);
    const failed = edge?.policy === "cancel" && edge.parent.ended;
    hold(status === "canceled" && failed, `'${canceledBy}' must have canceled '${id}'`, status);
    const text = `Parent '${canceledBy}' (ended as (canceled|dead_letter|stopped)|was removed)`;
    const isTold = error !== null && error.startsWith(`Parent '${canceledBy}' `) &&
      /(ended as (canceled|dead_letter|stopped)|was removed)$/.test(error);
    hold(isTold, `Error of '${id}' must be ${text}`, error);
  }
}
