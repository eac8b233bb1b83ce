/**
 * A web application on Node with Hono: routes that enqueue, wait for results and tell of progress, the worker, and the
 * monitor with its dashboard, in one process.
 *
 *     npm install && npm start
 *
 * It goes on until Ctrl-C or SIGTERM. PORT, PASSWORD and GQM_STORE say the rest.
 */

import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { serve, type ServerType } from "@hono/node-server";
import { Client, createMonitor, hashPassword } from "../../../mod.ts";
import { createApp } from "./app.ts";
import { jobs } from "./jobs.ts";
import { createWorker } from "./worker.ts";

const folder = resolve(process.argv[2] ?? "out");
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;
const password = process.env.PASSWORD ?? randomUUID();

const client = new Client({ jobs, store });
const worker = createWorker(store);
const monitor = createMonitor({
  store,
  logLevel: "warn",
  dashboard: true,
  auth: {
    users: [{ username: "ada", passwordHash: await hashPassword(password), role: "operator" }],
  },
});

const closing = new AbortController();
const app = createApp({ client, monitor, closing: closing.signal });
await worker.start();
const port = Number(process.env.PORT ?? 3000);
const server: ServerType = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => {
  console.log(`http://127.0.0.1:${info.port}`);
  console.log(`dashboard: /jobs/dashboard/, as ada with the password ${password}`);
});

/** Nothing new comes in, what is under way may end, and then the store is let go of. */
async function stop(): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  closing.abort(); // streams and waiting requests end
  await closed;
  await worker.stop(); // running jobs may end; what takes too long is given back
  await monitor.close();
  await client.close();
  console.log("stopped");
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
