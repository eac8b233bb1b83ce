/** The jobs that the web shop and its mail worker agree on. */

import { defineJobs, job } from "../../../mod.ts";

/** A mail to one person. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export const jobs = defineJobs({
  "email.send": job<Mail, { messageId: string; reply: string }>(),
});
