/**
 * A crawler with a search index: what GQM has beyond enqueue and handle, where a program has use for it. The site is on
 * this machine, so it runs by itself:
 *
 *     deno run -A examples/apps/advanced-features/main.ts [FOLDER]
 */

import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Client, type Middleware, Server } from "../../../mod.ts";
import { jobs } from "./jobs.ts";
import { crawler, crawlOptions, touchSitemap } from "./page_crawl.ts";
import { Site } from "./site.ts";

const folder = process.argv[2] ?? "out/advanced-features";
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;
const [index, sitemap] = [join(folder, "index.jsonl"), join(folder, "sitemap.xml")];
await rm(index, { force: true });

await using site = new Site();
const root = `${await site.listen()}/`;

// Context: all jobs of this crawl have its id and its trace, however deep they are enqueued.
const crawl = `crawl-${crypto.randomUUID()}`;
const traceId = crypto.randomUUID().replaceAll("-", "");
await using client = new Client({
  jobs,
  store,
  context: () => ({
    meta: { crawl },
    trace: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  }),
});

// Middleware: around every handler, whatever its type.
const tookMs = new Map<string, number>();
const timing: Middleware = async ({ job }, next) => {
  const startedAt = performance.now();
  try {
    return await next();
  } finally {
    tookMs.set(job.type, (tookMs.get(job.type) ?? 0) + performance.now() - startedAt);
  }
};

await using server = new Server({ jobs, store, logLevel: "silent" });
server.use(timing);
server.pool({ name: "pages", types: ["page.crawl"], concurrency: 8 });
server.handle("page.crawl", crawler(client), { timeoutMs: 60_000 });

// Batches: one write for many jobs, each of which ends by itself.
let writes = 0;
server.handleBatch("page.index", async ({ jobs }) => {
  writes++;
  await appendFile(index, jobs.map(({ job }) => `${JSON.stringify(job.payload)}\n`).join(""));
}, { size: 50 });

server.handle("sitemap.write", async ({ job }) => {
  const urls: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.list({ status: "completed", type: "page.crawl", cursor });
    const mine = page.jobs.filter(({ meta }) => meta.crawl === job.payload.crawl);
    urls.push(...mine.map(({ payload }) => (payload as { url: string }).url));
    ({ cursor } = page);
  } while (cursor !== undefined);
  const lines = urls.sort().map((url) => `  <url><loc>${url}</loc></url>\n`);
  await writeFile(sitemap, `<urlset>\n${lines.join("")}</urlset>\n`);
  return { pages: urls.length };
});

// Limits: of one host 2 pages at once, on all servers together, whatever the pools have room for.
await client.limits.set({ type: "page.crawl", perKey: true }, { concurrency: 2 });
// Jobs of a paused type are accepted and wait: the index is written when the pages are there.
await client.control.pause({ type: "page.index" });
await server.start();

const first = await client.enqueue("page.crawl", { url: root }, crawlOptions(crawl, root));
const same = await client.enqueue("page.crawl", { url: root }, crawlOptions(crawl, root));
console.log(`the second start is ${same.isNew ? "another crawl" : "the same crawl"}`);

// Cancellation: the handler's signal aborts, so its request ends as well.
await site.endlessAsked;
const endless = crawlOptions(crawl, new URL("/endless", root).href).id;
await client.control.cancel(endless, { reason: "has no end" });
await site.endlessLeft;
await first.result();
await server.drain();

await client.control.resume({ type: "page.index" });
await server.drain();
const { pages } = await (await touchSitemap(client, crawl)).result();

for (const status of ["canceled", "dead_letter"] as const) {
  const ended = await client.list({ status, type: "page.crawl" });
  for (const { payload, error } of ended.jobs.filter(({ meta }) => meta.crawl === crawl)) {
    const { url } = payload as { url: string };
    console.log(`${status}: ${new URL(url).pathname}: ${error}`);
  }
}

const order = site.visits.map(({ path }) => path).filter((path) =>
  /^\/(?:news|archive)/.test(path)
);
const ofTrace = site.visits.filter(({ traceparent }) => traceparent?.includes(traceId));
console.log(`${pages} pages in ${sitemap}`);
console.log(`${writes < pages ? "fewer" : "as many"} writes to ${index}`);
console.log(`first: ${order.slice(0, 2).sort().join(", ")}`);
console.log(
  `at most ${site.most} requests at once; ${ofTrace.length} of ${site.visits.length} in the trace`,
);
console.log(`timed: ${[...tookMs.keys()].sort().join(", ")}`);
