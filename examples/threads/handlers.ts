/** The module of a thread pool: its default export holds the handlers. */

import { defineHandlers, defineJobs, job } from "../../mod.ts";

export const jobs = defineJobs({
  "primes": job<{ below: number }, number>(),
  "spin": job<{ ms: number }, never>(),
});

export default defineHandlers<typeof jobs>({
  primes: async ({ job, log }) => {
    await log(`counting below ${job.payload.below}`);
    let count = 0;
    next: for (let n = 2; n < job.payload.below; n++) {
      for (let d = 2; d * d <= n; d++) if (n % d === 0) continue next;
      count++;
    }
    return count;
  },
  spin: ({ job }) => {
    const until = performance.now() + job.payload.ms;
    while (performance.now() < until);
    throw new Error("Cannot come here, as the time limit is shorter");
  },
});
