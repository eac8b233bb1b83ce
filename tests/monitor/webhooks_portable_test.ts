/** Alerts on their way to a webhook: over retries, two monitors, ends of a monitor, a store that is away. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMonitor, InvalidOptionError, type Monitor, Server } from "../../mod.ts";
import { Client } from "../../src/enqueue/client.ts";
import type { AlertsOptions } from "../../src/monitor/alerts/options.ts";
import type { WebhookOptions } from "../../src/monitor/alerts/webhook_options.ts";
import type { ServerRecord, Store } from "../../src/store/store.ts";
import { DecoratedStore, failBefore } from "../support/decorated_store.ts";
import { type Received, Receiver } from "./support/receiver.ts";
import { realKinds, type RealPlace } from "./support/real_places.ts";

const SECRET = "0123456789abcdef";
const rules: AlertsOptions["rules"] = [
  { when: "queue_stalled", queue: "mail", forMs: 1, resolveMs: 0 },
];
const PATIENCE_MS = 90_000;

interface Body {
  readonly event: string;
  readonly at_ms: number;
  readonly alert: { readonly id: string; readonly status: string };
}

function bodyOf({ body }: Received): Body {
  return JSON.parse(body);
}

function idsOf(requests: readonly Received[]): string[] {
  return requests.map(({ headers }) => String(headers["x-gqm-delivery"]));
}

/** A monitor that looks all the time and tells a receiver. */
function watching(
  store: Store,
  { url }: Receiver,
  webhook: Partial<WebhookOptions> = {},
  alerts: AlertsOptions = { rules },
): Monitor {
  const backoff = { type: "fixed", baseMs: 20 } as const;
  return createMonitor({
    ...{ store, auth: "none", logLevel: "silent" },
    alerts: { everyMs: 50, webhooks: [{ url, secret: SECRET, backoff, ...webhook }], ...alerts },
  });
}

async function enqueueMail(store: Store): Promise<void> {
  await using client = new Client({ store });
  await client.enqueue("work", null, { queue: "mail" });
}

/** Takes a job of the queue, and does not end it: something is started. */
async function startMail(store: Store): Promise<void> {
  const sources = [{ queue: "mail", types: ["work"], share: 1 }];
  const request = { server: "s1", pool: "p", sources, limit: 1, leaseMs: 600_000 };
  const { jobs } = await store.claim(request);
  assert.equal(jobs.length, 1);
}

/** Waits until as many jobs of webhooks have a status. */
async function untilJobs(store: Store, status: string, count: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (true) {
    const rows = (await store.counts()).filter((row) => row.type === "gqm.webhook");
    if (rows.some((row) => row.status === status && row.count >= count)) return;
    if (performance.now() > end) throw new Error(`Cannot go on as it is ${JSON.stringify(rows)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function testOnEach(
  name: string,
  run: (place: RealPlace, receiver: Receiver) => Promise<void>,
): void {
  for (const { name: kind, skip, make } of realKinds) {
    test(`${name} (${kind})`, { skip }, async () => {
      await using place = await make();
      await using receiver = await Receiver.open();
      await run(place, receiver);
    });
  }
}

testOnEach("a webhook that fails twice is delivered with the same id", async (place, receiver) => {
  receiver.answer = (count) => ({ status: count <= 2 ? 500 : 200 });
  const store = await place.open();
  await enqueueMail(store);
  await using _monitor = watching(store, receiver, { headers: { "x-token": "t0ken" } });
  await untilJobs(store, "completed", 1);
  assert.equal(receiver.requests.length, 3);
  assert.equal(new Set(idsOf(receiver.requests)).size, 1);
  const [first, , last] = receiver.requests as [Received, Received, Received];
  assert.equal(first.body, last.body);
  assert.equal(last.headers["x-token"], "t0ken");
  const { event, alert } = bodyOf(last);
  assert.deepEqual([event, alert.id, alert.status], ["firing", "queue_stalled:mail", "firing"]);
  // The job holds nothing that is secret, and is found by the id of the delivery.
  const [job] = await store.getJobs(idsOf([last]));
  assert.deepEqual([job?.queue, job?.type, job?.status], ["gqm", "gqm.webhook", "completed"]);
  assert.doesNotMatch(JSON.stringify(job), /t0ken|127\.0\.0\.1|0123456789abcdef/);
  await startMail(store);
  await untilJobs(store, "completed", 2);
  const { event: resolved } = bodyOf(receiver.requests[3]!);
  assert.deepEqual([receiver.requests.length, resolved], [4, "resolved"]);
});

testOnEach("two monitors deliver once", async (place, receiver) => {
  const stores = [await place.open(), await place.open()];
  await enqueueMail(stores[0]!);
  await using _one = watching(stores[0]!, receiver);
  await using _other = watching(stores[1]!, receiver);
  await untilJobs(stores[0]!, "completed", 1);
  await startMail(stores[1]!);
  await untilJobs(stores[0]!, "completed", 2);
  const events = receiver.requests.map((request) => bodyOf(request).event);
  assert.deepEqual(events, ["firing", "resolved"]);
  const listed = async (): Promise<
    ServerRecord[]
  > => [...(await stores[0]!.servers({ limit: 10 })).servers];
  await until(async () => (await listed()).length === 2);
  const servers = await listed();
  const pools = servers.flatMap(({ about }) => about.pools);
  assert.deepEqual(pools.map(({ name, types, queues }) => [name, types, queues]), [
    ["gqm.webhook", ["gqm.webhook"], ["gqm"]],
    ["gqm.webhook", ["gqm.webhook"], ["gqm"]],
  ]);
});

testOnEach(
  "a monitor that ends before it has told leaves that to the next one",
  async (place, receiver) => {
    const store = new DecoratedStore(await place.open());
    await enqueueMail(store);
    store.on("enqueue", failBefore(() => true));
    const first = watching(store, receiver);
    await until(() => store.calls("enqueue").length > 0);
    await first.close();
    store.on("enqueue", undefined);
    await using _second = watching(store, receiver);
    await untilJobs(store, "completed", 1);
    const history = async (): Promise<number> =>
      (await store.trail("alerts", { limit: 10 })).entries.length;
    await until(async () => await history() > 0);
    assert.deepEqual([await history(), receiver.requests.length], [1, 1]);
  },
);

testOnEach(
  "a monitor that ends while it delivers gives the job to the next one",
  async (place, receiver) => {
    receiver.answer = (count) => count === 1 ? "never" : { status: 200 };
    const store = await place.open();
    await enqueueMail(store);
    const first = watching(store, receiver);
    await receiver.until((requests) => requests.length === 1);
    await first.close();
    await using _second = watching(store, receiver);
    await untilJobs(store, "completed", 1);
    assert.equal(receiver.requests.length, 2);
    assert.equal(new Set(idsOf(receiver.requests)).size, 1);
  },
);

testOnEach(
  "a webhook that is never taken ends among the dead letters, and fires nothing",
  async (place, receiver) => {
    receiver.answer = () => ({ status: 503 });
    const store = new DecoratedStore(await place.open());
    await enqueueMail(store);
    const alerts: AlertsOptions = {
      rules: [...rules!, { when: "failure_rate", minCount: 1, above: 0 }],
    };
    await using _monitor = watching(store, receiver, { maxRetry: 2 }, alerts);
    await untilJobs(store, "dead_letter", 1);
    const [job] = await store.getJobs(idsOf(receiver.requests.slice(0, 1)));
    assert.equal(job?.error, "Cannot deliver webhook 'webhook-1' as it answered 503");
    const looks = store.calls("series").length;
    await until(() => store.calls("series").length >= looks + 5);
    assert.equal(receiver.requests.length, 3);
  },
);

testOnEach(
  "a job that does not come from the monitor is not signed and sent",
  async (place, receiver) => {
    const store = await place.open();
    await using _monitor = watching(store, receiver);
    await using client = new Client({ store });
    const body = { event: "firing", alert: { id: "forged" } };
    const payloads = [
      { target: "webhook-1", event: "firing", body },
      { target: "webhook-1", event: "firing", body, proof: "00".repeat(32) },
      { target: "webhook-1", event: "a b", body },
      { target: 1 },
      null,
      "text",
    ];
    for (const payload of payloads) await client.enqueue("gqm.webhook", payload, { queue: "gqm" });
    await untilJobs(store, "dead_letter", payloads.length);
    assert.equal(receiver.requests.length, 0);
  },
);

testOnEach(
  "the monitor runs nothing but its own jobs, and fires no schedule",
  async (place, receiver) => {
    const store = new DecoratedStore(await place.open());
    await using client = new Client({ store });
    await client.schedules.upsert("often", {
      type: "work",
      options: { queue: "gqm" },
      everyMs: 1000,
    });
    const [other, elsewhere] = await Promise.all([
      client.enqueue("work", null, { queue: "gqm" }),
      client.enqueue("gqm.webhook", null, { queue: "mail" }),
    ]);
    await using _monitor = watching(store, receiver);
    await receiver.until((requests) => requests.length === 1);
    await until(async () => {
      const schedule = await client.schedules.get("often");
      return schedule!.nextAt! < Date.now() - 100;
    });
    const rounds = store.calls("reap").length;
    await until(() => store.calls("reap").length > rounds);
    const jobs = await store.getJobs([other.id, elsewhere.id]);
    assert.deepEqual(jobs.map((job) => job?.status), ["ready", "ready"]);
    const ready = (await store.counts()).filter(({ type, status }) =>
      type === "work" && status === "ready"
    );
    assert.deepEqual(ready.map(({ count }) => count), [1]);
  },
);

test("while the store is away webhooks are sent from memory, a few times", async () => {
  const [kind] = realKinds;
  await using place = await kind!.make();
  await using receiver = await Receiver.open();
  const store = new DecoratedStore(await place.open());
  receiver.answer = (count) => ({ status: count === 1 ? 500 : 200 });
  store.on("paused", failBefore(() => true));
  await using _monitor = watching(store, receiver, {}, {
    rules: [{ when: "store_degraded", forMs: 0, resolveMs: 0 }],
  });
  await receiver.until((requests) => requests.length >= 2);
  assert.equal(new Set(idsOf(receiver.requests)).size, 1);
  assert.equal(bodyOf(receiver.requests[1]!).alert.id, "store_degraded");
  store.on("paused", undefined);
  await receiver.until((requests) => requests.length >= 3);
  assert.equal(bodyOf(receiver.requests[2]!).event, "resolved");
  await untilJobs(store, "completed", 1);
});

test("a server tells alerts of its own store, and ends what it began", async () => {
  const [kind] = realKinds;
  await using place = await kind!.make();
  await using receiver = await Receiver.open();
  const store = await place.open();
  const alerts: AlertsOptions = { rules, everyMs: 50, webhooks: [{ url: receiver.url }] };
  const api = { addr: "127.0.0.1:0", auth: "none", alerts } as const;
  const server = new Server({ store, logLevel: "silent", api });
  await server.start();
  await enqueueMail(store);
  await receiver.until((requests) => requests.length === 1);
  const { data } = await (await fetch(`${server.api!.url}/api/v1/alerts`)).json();
  assert.equal(data[0].id, "queue_stalled:mail");
  await server.stop();
  assert.deepEqual((await store.servers({ limit: 10 })).servers, []);

  const wrong = new Server({
    ...{ store, logLevel: "silent" },
    api: { ...api, alerts: { everyMs: 0 } },
  });
  await assert.rejects(wrong.start(), InvalidOptionError);
  await wrong.stop();
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!await isSo()) {
    if (performance.now() > end) throw new Error("Cannot go on as it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
