/**
 * The dashboard is a page that shows the queue, beside the API of a server. It works below any path, and its files
 * can be exported, changed, and served in its place.
 */

import { Client, Server } from "../mod.ts";

const store = "memory:dashboard";
await using client = new Client({ store });
await using server = new Server({
  store,
  logLevel: "error",
  dashboard: { pathPrefix: "/jobs" }, // `true` for /dashboard
  api: { addr: "127.0.0.1:0", auth: "none" }, // nobody logs in, so only this machine is served
});
server.handle("greet", ({ job }) => `Hello, ${job.payload}!`);
await server.start();
await (await client.enqueue("greet", "Ada")).result();

// This is the URL for a browser; it begins with the overview, `#/jobs` would be the list.
const url = `${server.api!.url}/jobs/`;

const page = await fetch(url);
console.log("page:", page.status, page.headers.get("content-type"));
console.log("title:", /<title>(.*)<\/title>/.exec(await page.text())?.[1]);

// Nothing of it comes from elsewhere, and browsers see to that.
const policy = page.headers.get("content-security-policy") ?? "";
console.log("policy:", policy.split("; ").slice(0, 2).join("; "));

// What it shows it reads from the API, as any other client does.
const { data } = await (await fetch(new URL("/api/v1/queues", url))).json();
console.log("queues:", data.map(({ name }: { name: string }) => name).join());

// prints:
// page: 200 text/html; charset=utf-8
// title: GQM
// policy: default-src 'self'; script-src 'self'
// queues: default
