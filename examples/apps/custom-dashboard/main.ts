/**
 * A dashboard of one's own, in the place of the one that is built in: plain files in ./pages, on the REST API and the
 * stream of events.
 *
 *     deno run -A examples/apps/custom-dashboard/main.ts [FOLDER] [ADDR]
 *
 * It goes on until Ctrl-C or SIGTERM. What it has to show are jobs that hash files; one file is missing at first.
 */

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Client, defineJobs, hashPassword, job, Server } from "../../../mod.ts";

const jobs = defineJobs({ "file.hash": job<{ path: string }, { sha256: string }>() });

const folder = resolve(process.argv[2] ?? "out/custom-dashboard");
const addr = process.argv[3] ?? "127.0.0.1:8080";
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;
const password = process.env.PASSWORD ?? randomUUID();
const pages = fileURLToPath(new URL("./pages/", import.meta.url));

const server = new Server({
  jobs,
  store,
  logLevel: "error",
  dashboard: { pathPrefix: "/files", customDir: pages }, // read anew for each request
  api: {
    addr,
    auth: {
      users: [{ username: "ada", passwordHash: await hashPassword(password), role: "operator" }],
    },
  },
});
server.handle("file.hash", async ({ job, signal }) => {
  const content = await readFile(job.payload.path, { signal });
  return { sha256: createHash("sha256").update(content).digest("hex") };
}, { maxRetry: 0 });
// Something goes on all the time: these files are hashed every two seconds.
server.schedule("pages", {
  type: "file.hash",
  payload: { path: join(pages, "app.js") },
  everyMs: 2000,
  options: { queue: "pages" },
});

const client = new Client({ jobs, store });
const missing = join(folder, "missing.txt");
for (const path of [fileURLToPath(import.meta.url), missing]) {
  await client.enqueue("file.hash", { path }, {
    id: `hash.${basename(path)}`,
    onConflict: "existing", // it is there already when this program starts again
    queue: "files",
  });
}
await client.close();

server.on("server.started", () => {
  console.log(`${server.api!.url}/files/`);
  console.log(`log in as ada, with the password ${password}`);
  console.log(`the job that fails can be retried once there is a file ${missing}`);
});
await server.run();
