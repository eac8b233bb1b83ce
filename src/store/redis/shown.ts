/**
 * Jobs as they are shown: one that cannot be read is in the way of no other.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import { type DecodedRecord, decodeRecord, type RawJob } from "./codec.ts";
import { type DecodedJob, decodeJob } from "./record_text.ts";
import { fromShort } from "./short_id.ts";

/** Puts a job together to be looked at: one that cannot be read as `failed`, with what is known of it. */
export function showRecord(raw: RawJob): DecodedRecord {
  try {
    return decodeRecord(raw);
  } catch (error) {
    const record: JobRecord = {
      ...{ id: fromShort(raw.id), type: "", queue: "", priority: 0, payload: "null", settings: {} },
      ...{ createdAt: 0, runAt: null, startedAt: null, finishedAt: null, holder: null },
      ...{ retryCount: 0, attemptsMade: 0, deliveries: 0, attempts: [] },
      ...{ result: null, progress: null, logs: [], pendingParents: [], canceledBy: null },
      status: "failed",
      error: `Record cannot be read: ${(error as Error).message}`,
    };
    const { big, ...job } = salvage(raw.record);
    const bigPayload = big === undefined ? undefined : `big:${big}`;
    return { record: { ...record, ...job }, bigPayload, bigResult: undefined };
  }
}

/** What can be read of a record. */
function salvage(record: string): Partial<DecodedJob> {
  try {
    return decodeJob(record.replace(/\n.*\n/, "\n\n"));
  } catch {
    return {};
  }
}
