/**
 * Monitoring: a night in which a bank does not answer. Alerts wake somebody, who finds out which jobs failed and why,
 * and has them done after all. All of it is on this machine, and runs by itself:
 *
 *     deno run -A examples/apps/monitoring/main.ts [FOLDER]
 */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Client, newApiKey, Server } from "../../../mod.ts";
import { nightReport } from "./night_report.ts";
import { Pager } from "./pager.ts";
import { liveEvents, scrape, sumOf } from "./watch.ts";

const folder = process.argv[2] ?? "out/monitoring";
await mkdir(folder, { recursive: true });
const file = join(folder, "gqm.db");
// An alert that fires already is not told again: this night begins with an empty store.
for (const suffix of ["", "-wal", "-shm"]) await rm(file + suffix, { force: true });
const store = process.env.GQM_STORE ?? `sqlite:${file}`;
const startedAt = Date.now();

const secret = "shared with the pager alone";
await using pager = new Pager(secret);
// Who watches may look, who is on call may also retry.
const [watcher, onCall] = [await newApiKey(), await newApiKey()];

let bankAnswers = false;
await using client = new Client({ store });
await using server = new Server({
  store,
  logLevel: "silent",
  dashboard: true,
  api: {
    addr: "127.0.0.1:0",
    strictHealth: true, // a load balancer sees at /health when the store is away
    auth: {
      apiKeys: [
        { name: "prometheus", key: watcher.hash, role: "viewer" },
        { name: "on-call", key: onCall.hash, role: "operator" },
      ],
    },
    alerts: {
      everyMs: 200, // 15 s if left out, and the rules have longer times as well
      rules: [
        { name: "transfers-fail", when: "failure_rate", queue: "bank", minCount: 5, above: 0.3 },
        { name: "mail-stalls", when: "queue_stalled", queue: "mail", forMs: 500, resolveMs: 500 },
      ],
      webhooks: [{ name: "pager", url: await pager.listen(), secret }],
    },
  },
});
server.pool({ name: "bank", types: ["transfer"], queues: ["bank"], concurrency: 4 });
server.handle("transfer", ({ job }) => {
  const { amount } = job.payload as { amount: number };
  if (!bankAnswers && amount > 500) throw new Error(`bank: no answer for transfer of ${amount}`);
  if (amount <= 0) throw new RangeError(`amount ${amount} is not above 0`);
  return { transferred: amount };
}, { maxRetry: 0 });
await server.start();
const { url } = server.api!;
const monitor = { url, key: watcher.key };

// The log of the night: what fails is told as it happens.
const ended = new AbortController();
const night: string[] = [];
const opened = Promise.withResolvers<void>();
const watching = (async () => {
  for await (const { event, data } of liveEvents(monitor, "jobs", ended.signal)) {
    if (event === "open") opened.resolve();
    if (event !== "jobs") continue;
    const { jobs } = data as { jobs: { kind: string; id: string; error?: string }[] };
    for (const { kind, id, error } of jobs) {
      if (kind === "dead_letter") night.push(`${id}: ${error}`);
    }
  }
})();
await opened.promise;

for (const path of ["/health", "/ready"]) {
  console.log(`${path}: ${(await fetch(`${url}${path}`)).status}`);
}

// The night begins: of these transfers some fail, and nobody is there for the mail.
const amounts = [120, 700, 80, 910, 0, 650, 300, 1200, 45, 560];
await client.enqueueMany(
  amounts.map((amount) => ({ type: "transfer", payload: { amount }, options: { queue: "bank" } })),
);
await client.enqueue("mail", { to: "ada@example.com" }, { queue: "mail" });

for (const rule of ["transfers-fail", "mail-stalls"]) {
  console.log(`alert: ${(await pager.page("firing", rule)).rule}`);
}

await server.drain();

// Whoever is woken asks what there is, and why.
const metrics = await scrape(monitor);
await writeFile(join(folder, "metrics.prom"), metrics);
console.log(`dead letters, by the metrics: ${sumOf(metrics, "gqm_jobs", 'status="dead_letter"')}`);
const report = await nightReport(monitor, { fromMs: startedAt, toMs: Date.now() + 1000 });
await writeFile(join(folder, "report.md"), report);
console.log(report.split("\n").filter((line) => line.startsWith("## ")).join("\n"));

// The bank answers again: all that failed for this reason is retried, in the background of the monitor.
bankAnswers = true;
const operation = await change<{ id: string }>("operations", {
  action: "retry",
  query: { status: ["dead_letter"], q: "bank: no answer" },
  reason: "the bank answers again",
});
for (;;) {
  const { ended_at_ms } = await read<{ ended_at_ms: number | null }>(`operations/${operation.id}`);
  if (ended_at_ms !== null) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await server.drain();
const bank = await read<{ completed: number; dead_letter: number }>("queues/bank");
console.log(`after the retry: ${bank.completed} completed, ${bank.dead_letter} dead letter`);

// Somebody starts the worker for the mail.
await using mailer = new Server({ store, logLevel: "silent" });
mailer.handle("mail", () => "sent");
await mailer.start();
console.log(`resolved: ${(await pager.page("resolved", "mail-stalls")).rule}`);

ended.abort();
await watching;
await writeFile(join(folder, "night.log"), night.map((line) => `${line}\n`).join(""));
await writeFile(join(folder, "pages.json"), JSON.stringify(pager.pages, null, 2));
console.log(`report.md, night.log, metrics.prom and pages.json are in ${folder}`);

/** What each route answers stands in docs/api.md. */
async function read<T>(path: string): Promise<T> {
  return await answerOf(
    await fetch(`${url}/api/v1/${path}`, { headers: { "x-api-key": onCall.key } }),
  );
}

async function change<T>(path: string, body: unknown): Promise<T> {
  const headers = { "x-api-key": onCall.key, "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return await answerOf(await fetch(`${url}/api/v1/${path}`, init));
}

async function answerOf<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return (await response.json()).data;
}
