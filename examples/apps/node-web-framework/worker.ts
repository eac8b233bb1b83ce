/** The worker: it runs in the process of the web server, and could as well run in one of its own. */

import { setImmediate } from "node:timers/promises";
import { Server } from "../../../mod.ts";
import { jobs } from "./jobs.ts";

/** Words that are counted in one go. */
const STEP = 1000;

/** Makes the worker. */
export function createWorker(store: string): Server<typeof jobs> {
  const server = new Server({ jobs, store, logLevel: "warn" });
  server.handle("text.count", async ({ job, progress, signal }) => {
    const { text } = job.payload;
    const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    const counts = new Map<string, number>();
    for (let at = 0; at < words.length; at += STEP) {
      signal.throwIfAborted();
      for (const word of words.slice(at, at + STEP)) counts.set(word, (counts.get(word) ?? 0) + 1);
      await progress(Math.min(1, (at + STEP) / words.length));
      await setImmediate(); // requests are answered meanwhile: they share the thread
    }
    const [most = ""] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
    return { characters: text.length, words: words.length, most };
  }, { concurrency: 4 });
  return server;
}
