/** The jobs of the pipeline. Each writes one file and gives its path. */

import { defineJobs, job } from "../../../mod.ts";

/** An image that was written. */
export interface Written {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

export const jobs = defineJobs({
  "image.resize": job<{ from: string; to: string; width: number }, Written>(),
  "image.mark": job<{ to: string }, Written>(),
  "image.sheet": job<{ to: string; columns: number }, Written>(),
  "page.write": job<{ to: string; title: string }, { path: string; missing: number }>(),
});
