/** The handlers of the pool of threads. */

import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { defineHandlers, defineJobs, job } from "@gqm/gqm";

export const jobs = defineJobs({ "where": job<void, string>() });

export default defineHandlers<typeof jobs>({
  where: () => !isMainThread ? "thread" : process.send === undefined ? "main" : "process",
});
