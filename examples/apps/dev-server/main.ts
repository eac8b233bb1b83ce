/**
 * A dev server: the dashboard without a login, jobs of every status to look at, and a worker that starts anew when its
 * handlers change.
 *
 *     deno run -A examples/apps/dev-server/main.ts [FOLDER] [HANDLERS] [ADDR]
 *
 * It goes on until Ctrl-C or SIGTERM. The dashboard stays open over restarts, as it is served by this process.
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createMonitor, serveMonitor, storeFromUrl } from "../../../mod.ts";
import { seed } from "./seed.ts";

const folder = resolve(process.argv[2] ?? "out/dev-server");
const handlers = resolve(process.argv[3] ?? fileURLToPath(new URL("handlers.ts", import.meta.url)));
const addr = process.argv[4] ?? "127.0.0.1:8080";
await mkdir(folder, { recursive: true });
const storeUrl = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;

await using store = storeFromUrl(storeUrl);
await seed(store);

// Without a login it serves this machine alone, and refuses what a proxy or a page of elsewhere sends.
await using monitor = createMonitor({ store, auth: "none", dashboard: true, logLevel: "warn" });
await using served = await serveMonitor(monitor, { addr });
console.log(`dashboard: ${served.url}/dashboard/`);

/** Starts the worker and resolves when it works, or has ended as its handlers cannot be loaded. */
async function start(): Promise<ChildProcess> {
  const worker = fork(new URL("worker.ts", import.meta.url), [handlers, storeUrl]);
  const [message] = await Promise.race([once(worker, "message"), once(worker, "exit")]);
  console.log(message === "started" ? "worker: started" : "worker: waits for a change");
  return worker;
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, "exit");
  worker.kill("SIGTERM");
  await exited;
}

const ended = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.abort());

// Editors write a file in several steps, or put another one in its place: the folder is watched, and what comes together
// counts once.
let changed = Promise.withResolvers<void>();
const watcher = watch(dirname(handlers), (_event, name) => {
  if (name === null || name === basename(handlers)) changed.resolve();
});
ended.signal.addEventListener("abort", () => changed.resolve());

let worker = await start();
while (!ended.signal.aborted) {
  await changed.promise;
  if (ended.signal.aborted) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
  changed = Promise.withResolvers();
  console.log(`worker: ${basename(handlers)} changed`);
  await stop(worker);
  worker = await start();
}
watcher.close();
await stop(worker);
console.log("stopped");
