/**
 * An image pipeline: images are resized and marked in threads, each on its own way; then a contact
 * sheet and a page are made of those that came through.
 *
 *     deno run -A examples/apps/image-pipeline/main.ts [FOLDER]
 */

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { Client, type GraphNode, Server } from "../../../mod.ts";
import { jobs } from "./jobs.ts";
import { writeSamples } from "./samples.ts";

const folder = resolve(process.argv[2] ?? "out/image-pipeline");
for (const name of ["originals", "small", "marked"]) {
  await mkdir(join(folder, name), { recursive: true });
}
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;

await using server = new Server({ jobs, store, logLevel: "silent" });
server.pool({
  name: "images",
  isolate: "thread",
  module: new URL("./handlers.ts", import.meta.url),
  concurrency: 2, // threads; leave it out for as many as there are cores
  timeoutMs: 60_000, // also for an image that makes a handler go round in circles
});
await server.start();

await using client = new Client({ jobs, store });

// One graph: two jobs for each image, then one for the sheet and one for the page.
const graph: Record<string, GraphNode<typeof jobs>> = {};
const marks: string[] = [];
for (const name of await writeSamples(join(folder, "originals"))) {
  const from = join(folder, "originals", name);
  graph[`small ${name}`] = {
    type: "image.resize",
    payload: { from, to: join(folder, "small", name), width: 160 },
  };
  graph[`mark ${name}`] = {
    type: "image.mark",
    payload: { to: join(folder, "marked", name) },
    dependsOn: [`small ${name}`],
  };
  marks.push(`mark ${name}`);
}

const { page, sheet } = await client.enqueueGraph({
  ...graph,
  sheet: {
    type: "image.sheet",
    payload: { to: join(folder, "sheet.png"), columns: 3 },
    dependsOn: marks.map((job) => ({ job, onFailure: "ignore" })),
  },
  page: {
    type: "page.write",
    payload: { to: join(folder, "index.html"), title: "Suns" },
    dependsOn: ["sheet", ...marks.map((job) => ({ job, onFailure: "continue" }) as const)],
  },
});

const { missing } = await page.result();
const { width, height } = await sheet.result();
console.log(`${marks.length - missing} images on a sheet of ${width} x ${height}`);
const { jobs: failed } = await client.list({ status: "dead_letter", type: "image.resize" });
console.log(`${missing} missing: ${failed[0]?.error}`);
