/** What must not be told, and what whoever has one queue alone must not reach: the jobs of the others. */

import assert from "node:assert/strict";
import type { Store } from "../../../src/store/store.ts";
import { OWN_QUEUE } from "./askers.ts";
import { NAMES } from "./draw_value.ts";
import { HIDDEN, SECRET } from "./life.ts";

/** Asserts that an answer tells nothing of other queues. */
export function assertTellsNothing(text: string): void {
  assert.ok(!text.includes(HIDDEN), `tells what is hidden: ${text.slice(0, 2000)}`);
}

/** Asserts that an answer tells nothing that is shown to nobody. */
export function assertRedacted(text: string): void {
  assert.ok(!text.includes(SECRET), `tells what is redacted: ${text.slice(0, 2000)}`);
}

/**
 * What of the jobs of other queues nobody changes who does not see them, by id. Their status may
 * change, as that of their parents does.
 */
export async function otherJobs(store: Store): Promise<ReadonlyMap<string, string>> {
  const records = await store.getJobs(NAMES);
  return new Map(records.flatMap((record) => {
    if (record === null || record.queue === OWN_QUEUE) return [];
    const { id, type, queue, payload, priority, settings, createdAt } = record;
    return [[id, JSON.stringify({ type, queue, payload, priority, settings, createdAt })] as const];
  }));
}
