/** Each thing that programs do with a store, once. Runs on Deno, Bun and Node. */

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  checkInvariants,
  Client,
  Consumer,
  createMonitor,
  type Monitor,
  Server,
  type Store,
} from "../../../mod.ts";
import { ask, hashes, passwords } from "../../support/monitor.ts";
import { until } from "./connections.ts";

/** Above what a record holds, so that it has a key of its own. */
const LONG = "x".repeat(10_000);
/** Above what one call writes. */
const MANY = 2000;

/** Enqueues, runs, retries, schedules, limits, and waits for parents. */
export async function work(store: Store): Promise<void> {
  await using client = new Client({ store });
  await using server = new Server({ store, leaseMs: 1000, logLevel: "silent" });
  const ticks = new Set<string>();
  server.handle("mail", async ({ job, log, progress, enqueueChild }) => {
    await log("on its way");
    await progress(0.5);
    if (job.attempt === 1) throw new Error("no answer");
    await enqueueChild("sum", undefined, { id: `child.${job.id}`, onConflict: "existing" });
    return job.payload;
  }, { backoff: { type: "fixed", baseMs: 1 } });
  server.handle("sum", async ({ job }) => (await job.parents()).length);
  server.handle("never", () => Promise.reject(new Error("it never works")), { maxRetry: 0 });
  server.handle("tick", ({ job }) => void ticks.add(job.schedule?.id ?? ""));
  server.schedule("often", { type: "tick", everyMs: 100, catchUp: "none" });
  await client.limits.set({ type: "mail" }, { concurrency: 1 });
  await client.limits.set({ type: "sum", perKey: true }, { rate: { count: 50, perMs: 1000 } });
  await server.start();

  const mail = await client.enqueue("mail", LONG, { retention: { maxCount: 5 } });
  equal(await mail.result(), LONG);
  const once = { unique: { key: "account-7" }, onConflict: "existing" } as const;
  const first = await client.enqueue("sum", 1, { ...once, delayMs: 60_000, limitKey: "account-7" });
  equal((await client.enqueue("sum", 2, once)).id, first.id);
  equal(await client.control.setPayload(first.id, 3), true);
  equal(await client.control.setPriority(first.id, 5), true);
  equal(await client.control.promote(first.id), true);
  equal(await first.result(), 0);
  const { total } = await client.enqueueGraph({
    a: { type: "sum" },
    b: { type: "sum" },
    total: { type: "sum", dependsOn: ["a", "b"] },
  });
  equal(await total.result(), 2);
  const never = await client.enqueue("never");
  await never.result().then(() => ok(false), () => {});
  equal(await client.control.retry(never.id), true);
  await until("a schedule fires", () => ticks.has("often"));
  await client.schedules.upsert("daily", { type: "tick", cron: "@daily" });
  await client.schedules.pause("daily");
  await client.schedules.trigger("daily");
  ok((await client.schedules.history("often")).entries.length > 0);
  ok((await client.servers.list()).servers.length > 0);
}

/** Enqueues much at once, claims by hand, pauses, cancels and removes, and tells of all that. */
export async function change(store: Store): Promise<void> {
  await using client = new Client({ store });
  const { control } = client;
  const heard = new Set<string>();
  const stop = new AbortController();
  const hearing = (async () => {
    for await (const { kind } of client.events({ signal: stop.signal })) heard.add(kind);
  })();
  await until("events come", async () => {
    await client.enqueue("row", 0, { queue: "rows" });
    return heard.has("created");
  });
  const members = Object.fromEntries(
    Array.from({ length: MANY }, (_, i) => [`r${i}`, { type: "row", options: { queue: "many" } }]),
  );
  await client.enqueueGraph(members);
  await control.pause({ queue: "many" });
  equal(await control.isPaused({ queue: "many" }), true);
  await control.resume({ queue: "many" });
  await using consumer = new Consumer({ store, leaseMs: 30_000, logLevel: "silent" });
  const [one, two] = await consumer.claim({ types: ["row"], limit: 2, waitMs: 1000 });
  await one!.extend();
  await one!.complete(LONG);
  await two!.release();
  ok((await control.cancelAll({ status: "ready", queue: "many" })).changed >= MANY - 2);
  ok((await control.retryAll({ status: "canceled", queue: "many" }, { limit: 100 })).changed > 0);
  ok((await control.removeAll({ status: "canceled", queue: "many" }, { limit: 100 })).changed > 0);
  stop.abort();
  await hearing.catch(() => {});
  ok(heard.has("canceled") || heard.has("gap"), [...heard].join());
}

/** Looks at all that there is to be seen, and has the doctor look. */
export async function look(store: Store): Promise<void> {
  await using client = new Client({ store });
  ok((await client.list({ status: "completed" })).jobs.length > 0);
  ok((await client.search({ text: "x", type: "mail" })).jobs.length > 0);
  await client.insight.stats();
  await client.insight.series({ queue: "default" });
  ok((await client.insight.errors.list()).groups.length > 0);
  equal((await client.info()).kind, "redis");
  ok((await client.limits.list()).length > 0);
  const { findings } = await checkInvariants(store, { repair: true });
  deepEqual(findings, []);
}

/** Logs in to a monitor, and asks and changes what is kept by it. */
export async function monitor(store: Store): Promise<void> {
  const user = { username: "ada", passwordHash: hashes.ada, role: "admin" } as const;
  await using served = createMonitor({
    store,
    auth: { users: [user] },
    alerts: true,
    logLevel: "silent",
  });
  const login = await ask(served, "/auth/login", {
    body: { username: "ada", password: passwords.ada },
  });
  equal(login.status, 200, await login.clone().text());
  const cookie = login.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const asked = async (path: string, body?: unknown, more: Record<string, string> = {}) => {
    const answer = await ask(served, `/api/v1/${path}`, { headers: { cookie, ...more }, body });
    ok(answer.status < 300, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  };
  const pages = ["overview", "queues", "servers", "running", "alerts", "audit", "limits"];
  for (const path of [...pages, "series?window=15m", "schedules", "search?q=x"]) await asked(path);
  const key = { "idempotency-key": "order-7" };
  for (let i = 0; i < 2; i++) await asked("jobs", { type: "row", queue: "rows" }, key);
  await operate(served, cookie, asked);
}

async function operate(
  served: Monitor,
  cookie: string,
  asked: (path: string, body?: unknown) => Promise<Response>,
): Promise<void> {
  const made = await asked("operations", { action: "cancel", query: { queue: "rows" } });
  const { id } = (await made.json() as { data: { id: string } }).data;
  await until("the operation ends", async () => {
    const answer = await asked(`operations/${id}`);
    const { data } = await answer.json() as { data: { state: string } };
    return !["waiting", "running"].includes(data.state);
  });
  const events = await ask(served, "/api/v1/events", { headers: { cookie } });
  equal(events.status, 200);
  await events.body?.cancel();
  const logout = await ask(served, "/auth/logout", { method: "POST", headers: { cookie } });
  ok(logout.ok, await logout.clone().text());
}
