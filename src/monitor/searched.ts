/**
 * What somebody may search in: what they are shown, as a search would tell them the rest letter by letter.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import type { Role } from "./auth/principal.ts";
import type { Redactor } from "./redact.ts";
import { redactJob } from "./redact_job.ts";
import { withoutCanceler } from "./relatives.ts";

/** Who searches. */
export interface Searcher {
  readonly role: Role;
  /** The only queues that there are for them; null for all. */
  readonly queues: object | null;
}

/** Makes what leaves of a job what somebody may search in. */
export function searchedBy(
  { role, queues }: Searcher,
  redactor: Redactor,
): (job: JobRecord) => JobRecord {
  const looker = { redactor, role };
  // Which parents are seen is not known here, so that none may be found by its name.
  return (job) => redactJob(queues === null ? job : withoutCanceler(job), looker);
}
