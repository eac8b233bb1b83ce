/** Runs jobs until they are canceled; prints when each has started and when its signal aborted. */

import process from "node:process";
import { Server } from "../../mod.ts";

const server = new Server({ store: process.argv[2]!, logLevel: "error" });
const now = (): number => performance.timeOrigin + performance.now();
server.handle("wait", ({ job, signal }) => {
  console.log(`start ${job.id} ${now()}`);
  return new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => {
      console.log(`abort ${job.id} ${now()}`);
      resolve();
    });
  });
}, { concurrency: 1 });
await server.run();
