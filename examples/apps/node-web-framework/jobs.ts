/** The types of jobs, for routes and worker. */

import { defineJobs, job } from "../../../mod.ts";

/** What is counted in a text. */
export interface Counts {
  readonly characters: number;
  readonly words: number;
  readonly most: string;
}

/** All types. */
export const jobs = defineJobs({ "text.count": job<{ text: string }, Counts>() });
