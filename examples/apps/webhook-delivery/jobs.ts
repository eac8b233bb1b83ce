/** The types of jobs, shared by who sends events and who delivers them. */

import { defineJobs, job } from "../../../mod.ts";

/** What happened, for one endpoint. */
export interface Delivery {
  readonly endpoint: string;
  readonly event: string;
  readonly data: unknown;
}

/** All types of this application. */
export const jobs = defineJobs({
  "webhook.deliver": job<Delivery, { status: number; attempt: number }>(),
  "webhook.resume": job<{ endpoint: string }>(),
});
