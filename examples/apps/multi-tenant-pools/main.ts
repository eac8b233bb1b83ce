/**
 * Many tenants on one queue system: those who pay for it have a pool of their own, and in the shared one
 * nobody gets more than two slots, however much they ask for.
 *
 *     deno run -A examples/apps/multi-tenant-pools/main.ts [FOLDER]
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { Client, Server } from "../../../mod.ts";
import { exportPage } from "./export.ts";
import { jobs, tenants } from "./jobs.ts";

const folder = resolve(process.argv[2] ?? "out/multi-tenant-pools");
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;

await using client = new Client({ jobs, store });
await using server = new Server({ jobs, store, logLevel: "error" });

// One type, two pools: the queue decides. What is done for one pool takes nothing from the other.
server.pool({ name: "enterprise", types: ["export.page"], queues: ["enterprise"], concurrency: 4 });
server.pool({ name: "shared", types: ["export.page"], queues: ["standard"], concurrency: 4 });

// Of each key two at once, on all servers together. What is beyond that stands aside and holds up
// nobody else. Jobs without a key are not limited: the enterprise pool is a limit by itself.
await client.limits.set({ type: "export.page", perKey: true }, { concurrency: 2 });

/** What is seen of a tenant. */
interface Seen {
  running: number;
  most: number;
  done: number;
  /** Jobs of `greedy` that had ended when this tenant's last one did. */
  greedyDone: number;
}
const seen = new Map<string, Seen>(
  tenants.map(({ name }) => [name, { running: 0, most: 0, done: 0, greedyDone: 0 }]),
);

server.handle("export.page", async ({ job }) => {
  const tenant = seen.get(job.payload.tenant)!;
  tenant.most = Math.max(tenant.most, ++tenant.running);
  try {
    return await exportPage(folder, job.payload);
  } finally {
    tenant.running--;
    tenant.done++;
    tenant.greedyDone = seen.get("greedy")!.done;
  }
});

const handles = await client.enqueueMany(
  tenants.flatMap(({ name, plan, pages }) =>
    Array.from({ length: pages }, (_, i) => ({
      type: "export.page" as const,
      payload: { tenant: name, page: i + 1, rows: 2000 },
      options: { queue: plan, ...plan === "standard" && { limitKey: name } },
    }))
  ),
);
await server.start();
const results = await Promise.all(handles.map((handle) => handle.result()));

const usage = ["tenant,plan,pages,bytes,most_at_once,greedy_done"];
let at = 0;
for (const { name, plan, pages } of tenants) {
  const bytes = results.slice(at, at += pages).reduce((sum, result) => sum + result.bytes, 0);
  const { most, greedyDone } = seen.get(name)!;
  usage.push([name, plan, pages, bytes, most, greedyDone].join(","));
  console.log(
    `${name}: ${pages} pages, at most ${most} at once; ` +
      `when it was done, greedy had ${greedyDone} of its 60`,
  );
}
await writeFile(join(folder, "usage.csv"), `${usage.join("\n")}\n`);
