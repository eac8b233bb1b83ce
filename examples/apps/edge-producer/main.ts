/**
 * A producer at the edge, and what it produces for: a server with a monitor takes its jobs over HTTP and does them.
 *
 *     deno run -A examples/apps/edge-producer/main.ts [FOLDER]
 *
 * A shop sends three events, one of them twice, as whoever got no answer does. Each order is imported once.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { newApiKey, Server } from "../../../mod.ts";
import edge from "./edge.ts";

const folder = process.argv[2] ?? "out/edge-producer";
const orders = join(folder, "orders");
await mkdir(orders, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;

// The function has the key, the monitor its hash. The key is good for one queue and one type.
const { key, hash } = await newApiKey();
await using server = new Server({
  store,
  logLevel: "error",
  api: {
    addr: "127.0.0.1:0",
    auth: {
      apiKeys: [
        { name: "shop", key: hash, role: "producer", queues: ["orders"], types: ["order.import"] },
      ],
    },
  },
});
server.handle("order.import", async ({ job }) => {
  const { order } = job.payload as { order: number };
  // A file by the order's number: if the job runs twice, it writes the same again.
  const text = JSON.stringify({ order, job: job.id, enqueuedBy: job.enqueuedBy });
  await writeFile(join(orders, `${order}.json`), text);
});
await server.start();

const env = { GQM_URL: server.api!.url, GQM_KEY: key };
const run = crypto.randomUUID(); // so that this program's next run has events of its own
const ids: string[] = [];
for (const order of [1001, 1002, 1002, 1003]) {
  const response = await edge.fetch(
    new Request("https://edge.example/orders", {
      method: "POST",
      body: JSON.stringify({ id: `${run}-${order}`, order }),
    }),
    env,
  );
  const { job } = await response.json();
  ids.push(job);
  console.log(`order ${order}: ${response.status}, job ${new Set(ids).size}`);
}

const stranger = await edge.fetch(
  new Request("https://edge.example/orders", { method: "POST", body: '{"id":"x","order":1}' }),
  { ...env, GQM_KEY: `${key}0` },
);
console.log(`with a wrong key: ${stranger.status}`);

await server.drain();
console.log(`${new Set(ids).size} orders are in ${orders}`);
