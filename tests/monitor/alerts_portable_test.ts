/** Alerts of monitors on each kind of store: what fires, what is remembered, who sees it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, type MonitorOptions } from "../../mod.ts";
import type { AlertRule } from "../../src/monitor/alerts/rules.ts";
import type { Verdict } from "../../src/store/store.ts";
import { DecoratedStore, failBefore } from "../support/decorated_store.ts";
import { ask, keys } from "../support/monitor.ts";
import { assertMatches } from "../support/json_schema.ts";
import { AlertMonitor, EVERY_MS, look, lookTimes, type ShownAlert } from "./support/alert_world.ts";
import { EventStream } from "./support/event_stream.ts";
import { routeOf } from "./support/desk.ts";
import { beat } from "./support/filled.ts";
import { kinds, type Place } from "./support/places.ts";

const stalled: AlertRule = { when: "queue_stalled", forMs: 4 * EVERY_MS, resolveMs: 0 };
const OWN_KEY = `gqm_ak_${"5".repeat(48)}`;
const auth: MonitorOptions["auth"] = {
  apiKeys: [
    { name: "admin", key: keys.admin, role: "admin" },
    { name: "operator", key: keys.operator, role: "operator" },
    { name: "viewer", key: keys.viewer },
    { name: "own", key: OWN_KEY, role: "operator", queues: ["reports"] },
  ],
};

/** Registers a test for each kind of store. */
function testOnEach(name: string, run: (place: Place) => Promise<void>): void {
  for (const kind of kinds) {
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      await using place = await kind.make();
      await run(place);
    });
  }
}

async function enqueue({ store }: Place, queue: string, type = "work"): Promise<void> {
  await using client = new Client({ store });
  await client.enqueue(type, null, { queue });
}

/** Starts a job and ends it. */
async function work({ store }: Place, queue: string, isFine: boolean): Promise<void> {
  const sources = [{ queue, types: ["work"], share: 1 }];
  const request = { server: "s1", pool: "p", sources, limit: 1, leaseMs: 15_000 };
  const { jobs: [job] } = await store.claim(request);
  const { id, holder: { fence } } = job!;
  const verdict: Verdict = isFine
    ? { kind: "complete", result: null }
    : { kind: "dead_letter", error: { message: "no" } };
  await store.settle({ outcomes: [{ id, fence, verdict, ranMs: 1 }] });
}

testOnEach(
  "a stalled queue fires, is shown and is resolved when a job is started",
  async (place) => {
    await enqueue(place, "mail");
    await enqueue(place, "mail");
    await using one = new AlertMonitor(place, { rules: [stalled] });
    await lookTimes(4, one);
    assert.deepEqual(await one.alerts(), []);
    await look(one);
    const [alert] = await one.alerts();
    const now = place.clock.now();
    assert.deepEqual(alert, {
      ...{ id: "queue_stalled:mail", rule: "queue_stalled", when: "queue_stalled", queue: "mail" },
      ...{ type: null, server: null, status: "firing", resolved_at_ms: null, acknowledged: null },
      ...{ since_ms: now, fired_at_ms: now, value: 4 * EVERY_MS, threshold: 4 * EVERY_MS },
      summary: "Queue 'mail' is stalled: 2 jobs are ready, none started for 59s",
    });
    await lookTimes(3, one);
    await work(place, "mail", true);
    await look(one);
    assert.deepEqual(await one.statuses(), ["queue_stalled:mail resolved"]);
    assert.deepEqual(await one.history(), [
      "queue_stalled:mail firing",
      "queue_stalled:mail resolved",
    ]);
    assert.equal(one.logger.saying("Alert fires").length, 1);
  },
);

testOnEach("what is paused is not stalled, and does not wait", async (place) => {
  await enqueue(place, "mail");
  await enqueue(place, "reports", "other");
  await place.store.pause({ queue: "mail", type: null }, true);
  await place.store.pause({ queue: null, type: "other" }, true);
  await using one = new AlertMonitor(place, {
    rules: [stalled, { when: "oldest_age", aboveMs: 1000 }],
  });
  await lookTimes(6, one);
  assert.deepEqual(await one.alerts(), []);
  await place.store.pause({ queue: "mail", type: null }, false);
  await look(one);
  assert.deepEqual(await one.statuses(), ["oldest_age:mail firing"]);
});

testOnEach("old jobs, failures and dead servers fire", async (place) => {
  const { store } = place;
  const rules: AlertRule[] = [
    { name: "waits", when: "oldest_age", aboveMs: 1000, type: "work" },
    { when: "failure_rate", minCount: 3, above: 0.5 },
    { when: "dead_server", keepMs: 1 },
  ];
  await beat(place, []);
  for (const isFine of [true, false, false]) {
    await enqueue(place, "mail");
    await work(place, "mail", isFine);
  }
  await enqueue(place, "reports");
  await using one = new AlertMonitor(place, { rules });
  await look(one);
  assert.deepEqual(await one.statuses(), ["failure_rate:mail firing"]);
  await store.leave("host-2-def");
  await lookTimes(3, one);
  const byId = new Map((await one.alerts()).map((alert) => [alert.id, alert]));
  assert.deepEqual(
    new Set(byId.keys()),
    new Set([
      ...["failure_rate:mail", "waits:reports", "dead_server:host-1-abc"],
    ]),
  );
  assert.equal(byId.get("failure_rate:mail")?.value, 2 / 3);
  assert.equal(byId.get("waits:reports")?.value, 3 * EVERY_MS);
  assert.equal(byId.get("waits:reports")?.type, "work");
  assert.equal(byId.get("dead_server:host-1-abc")?.value, 3 * EVERY_MS);
  await work(place, "reports", true);
  await lookTimes(45, one);
  assert.deepEqual(
    new Set((await one.alerts()).map(({ status }) => status)),
    new Set(["resolved"]),
  );
});

testOnEach(
  "several monitors agree: each alert is told once, whoever goes and comes",
  async (place) => {
    await enqueue(place, "mail");
    const options = { rules: [stalled] };
    await using first = new AlertMonitor(place, options);
    const second = new AlertMonitor(place, options);
    await lookTimes(6, first, second);
    assert.deepEqual(await second.alerts(), await first.alerts());
    await first.monitor.close();
    await lookTimes(2, second);
    assert.deepEqual(await second.statuses(), ["queue_stalled:mail firing"]);
    await second.monitor.close();
    // One that comes later goes on with what is known.
    await using third = new AlertMonitor(place, options);
    await lookTimes(2, third);
    assert.deepEqual(await third.history(), ["queue_stalled:mail firing"]);
    await work(place, "mail", true);
    await look(third);
    assert.deepEqual(await third.history(), [
      "queue_stalled:mail firing",
      "queue_stalled:mail resolved",
    ]);
  },
);

testOnEach("a restart does not begin anew with what is not for long enough yet", async (place) => {
  await enqueue(place, "mail");
  for (let i = 0; i < 4; i++) {
    await using one: AlertMonitor = new AlertMonitor(place, { rules: [stalled] });
    await look(one);
    assert.deepEqual(await one.alerts(), []);
    await place.clock.advance(EVERY_MS);
  }
  await using last = new AlertMonitor(place, { rules: [stalled] });
  await look(last);
  assert.deepEqual(await last.statuses(), ["queue_stalled:mail firing"]);
});

testOnEach("an alert fires on when no monitor has looked for long", async (place) => {
  await enqueue(place, "mail");
  {
    await using one = new AlertMonitor(place, { rules: [stalled] });
    await lookTimes(5, one);
    assert.deepEqual(await one.statuses(), ["queue_stalled:mail firing"]);
  }
  await place.clock.advance(3_600_000);
  await using other = new AlertMonitor(place, { rules: [stalled] });
  await lookTimes(2, other);
  assert.deepEqual(await other.statuses(), ["queue_stalled:mail firing"]);
  assert.deepEqual(await other.history(), ["queue_stalled:mail firing"]);
});

testOnEach(
  "who has only some queues sees their alerts alone, and routes answer as they say",
  async (place) => {
    await enqueue(place, "mail");
    await enqueue(place, "reports");
    await beat(place, []);
    const options = { rules: [stalled, { when: "dead_server" } as const] };
    await using one = new AlertMonitor(place, options, { auth });
    await lookTimes(5, one);
    const idsFor = async (key: string, path: string): Promise<string[]> => {
      const response = await ask(one.monitor, path, { headers: { "x-api-key": key } });
      const body = await response.json();
      assertMatches(routeOf(path).answer.body!, body, path);
      return body.data.map((row: ShownAlert & { alert?: ShownAlert }) => (row.alert ?? row).id)
        .sort();
    };
    const all = ["dead_server:host-1-abc", "dead_server:host-2-def"]
      .concat("queue_stalled:mail", "queue_stalled:reports");
    for (const path of ["/api/v1/alerts", "/api/v1/alerts/history"]) {
      assert.deepEqual(await idsFor(keys.viewer, path), all);
      assert.deepEqual(await idsFor(OWN_KEY, path), ["queue_stalled:reports"]);
    }
    // A page is as long as is asked for, and tells nothing of what is between.
    const path = "/api/v1/alerts/history?limit=1";
    const page = async (key: string, query = ""): Promise<Record<string, unknown>> =>
      await (await ask(one.monitor, path + query, { headers: { "x-api-key": key } })).json();
    const { data: [line], meta } = await page(OWN_KEY) as { data: ShownAlert[]; meta: unknown };
    assert.deepEqual(Object.keys(line!).sort(), ["alert", "at_ms", "event"]);
    assert.deepEqual(meta, { limit: 1 });
    const gone = await page(OWN_KEY, "&cursor=1%20firing%20queue_stalled:reports");
    assert.deepEqual(gone, { data: [], meta: { limit: 1 } });
    assert.equal((await page(OWN_KEY, "&cursor=7")).code, "BAD_REQUEST");
    const acknowledge = async (key: string, id: string, body: unknown = {}): Promise<number> => {
      const path = `/api/v1/alerts/${id}/acknowledge`;
      return (await ask(one.monitor, path, { headers: { "x-api-key": key }, body })).status;
    };
    assert.equal(await acknowledge(keys.viewer, "queue_stalled:mail"), 403);
    assert.equal(await acknowledge(OWN_KEY, "queue_stalled:mail"), 404);
    assert.equal(await acknowledge(OWN_KEY, "dead_server:host-1-abc"), 404);
    assert.equal(await acknowledge(OWN_KEY, "queue_stalled:nobody"), 404);
    assert.equal(await acknowledge(OWN_KEY, "queue_stalled:reports", { for_ms: 1 }), 400);
    assert.equal(await acknowledge(OWN_KEY, "queue_stalled:reports", { a: 1 }), 400);
    assert.equal(await acknowledge(OWN_KEY, "queue_stalled:reports"), 200);
    const [mail, reports] = (await one.alerts()).filter(({ queue }) => queue !== null);
    assert.deepEqual([mail?.acknowledged, reports?.acknowledged?.by], [null, "apikey:own"]);
    const { entries: [entry] } = await place.store.trail("audit", { limit: 1 });
    const { action, target, detail } = JSON.parse(entry!.text);
    assert.deepEqual([action, target.id, detail], [
      ...["alert.acknowledge", "queue_stalled:reports", { for_ms: null }],
    ]);
    await work(place, "reports", true);
    await look(one);
    assert.equal(await acknowledge(OWN_KEY, "queue_stalled:reports"), 409);
    const events: unknown[] = [];
    for (let cursor = "";;) {
      const { data, meta } = await page(OWN_KEY, cursor) as {
        data: { event: string }[];
        meta: { cursor?: string };
      };
      events.push(data.map(({ event }) => event));
      if (meta.cursor === undefined) break;
      cursor = `&cursor=${encodeURIComponent(meta.cursor)}`;
    }
    assert.deepEqual(events, [["resolved"], ["firing"]]);
  },
);

testOnEach(
  "an alert that was seen for a time is told again, and not known as seen when it comes again",
  async (place) => {
    await enqueue(place, "mail");
    await using one = new AlertMonitor(place, { rules: [stalled] });
    await lookTimes(5, one);
    const seen = async (for_ms: number | undefined): Promise<void> => {
      const asked = { body: { for_ms }, origin: "http://localhost", from: "127.0.0.1" };
      const path = "/api/v1/alerts/queue_stalled:mail/acknowledge";
      assert.equal((await ask(one.monitor, path, asked)).status, 200);
    };
    await seen(60_000);
    await lookTimes(4, one);
    assert.deepEqual(await one.history(), ["queue_stalled:mail firing"]);
    await look(one);
    const twice = ["queue_stalled:mail firing", "queue_stalled:mail firing"];
    assert.deepEqual(await one.history(), twice);
    await seen(undefined);
    await lookTimes(20, one);
    assert.deepEqual(await one.history(), twice);
    assert.notEqual((await one.alerts())[0]?.acknowledged, null);
    await work(place, "mail", true);
    await enqueue(place, "mail");
    await lookTimes(6, one);
    const [again] = await one.alerts();
    assert.deepEqual([again?.status, again?.acknowledged], ["firing", null]);
  },
);

testOnEach(
  "a change that was written and not told is told by whoever comes next, once",
  async (place) => {
    await enqueue(place, "mail");
    const store = new DecoratedStore(place.store);
    const first = new AlertMonitor({ store, clock: place.clock }, { rules: [stalled] });
    await lookTimes(4, first);
    store.on("addToTrail", failBefore(() => true));
    await lookTimes(2, first);
    assert.deepEqual(await first.statuses(), ["queue_stalled:mail firing"]);
    assert.equal(first.logger.saying("Alerts could not be judged").length, 1);
    await first.monitor.close();
    await using second = new AlertMonitor(place, { rules: [stalled] });
    await lookTimes(3, second);
    assert.deepEqual(await second.history(), ["queue_stalled:mail firing"]);
  },
);

testOnEach(
  "whoever looks on is told what changes, also by a monitor that only reads",
  async (place) => {
    await enqueue(place, "mail");
    await enqueue(place, "reports");
    const options = { rules: [stalled] };
    await using writing = new AlertMonitor(place, options, { auth });
    await look(writing);
    await using reading = new AlertMonitor(place, options, { auth });
    await look(reading);
    const streamOf = async (one: AlertMonitor, key: string): Promise<EventStream> => {
      const headers = { "x-api-key": key };
      const response = await ask(one.monitor, "/api/v1/events?events=alert", { headers });
      const stream = new EventStream(response.body!);
      await one.until("the beginning", () => stream.told.blocks.length > 0);
      return stream;
    };
    const streams = [
      await streamOf(writing, keys.viewer),
      await streamOf(reading, keys.viewer),
      await streamOf(reading, OWN_KEY),
    ];
    await lookTimes(5, writing, reading);
    await work(place, "mail", true);
    await work(place, "reports", true);
    await lookTimes(2, writing, reading);
    const reports = ["queue_stalled:reports firing", "queue_stalled:reports resolved"];
    const mail = ["queue_stalled:mail firing", "queue_stalled:mail resolved"];
    const wanted = [[...mail, ...reports], [...mail, ...reports], reports];
    for (const [i, stream] of streams.entries()) {
      const told = (): string[] =>
        stream.of("alert").map(({ id, status }) => `${id} ${status}`).sort();
      await writing.until("the events", () => told().length >= wanted[i]!.length);
      assert.deepEqual(told(), wanted[i]);
      await stream.cancel();
    }
  },
);

testOnEach(
  "a store that is away fires in memory, and is told of when it is back",
  async (place) => {
    const store = new DecoratedStore(place.store);
    const rules: AlertRule[] = [{ when: "store_degraded", forMs: EVERY_MS, resolveMs: EVERY_MS }];
    await using one = new AlertMonitor({ store, clock: place.clock }, { rules });
    await look(one);
    const verbs = ["paused", "memos", "series", "addToTrail", "putMemos", "addMemo"] as const;
    for (const verb of verbs) store.on(verb, failBefore(() => true));
    await look(one);
    assert.deepEqual(await one.statuses().catch(() => "away"), "away");
    await look(one);
    const [away] = await one.alerts();
    assert.deepEqual([away?.id, away?.status, away?.value], ["store_degraded", "firing", null]);
    assert.equal(away?.summary, "The store does not answer");
    for (const verb of verbs) store.on(verb, undefined);
    await lookTimes(2, one);
    assert.deepEqual(await one.statuses(), ["store_degraded resolved"]);
    assert.deepEqual(await one.history(), ["store_degraded firing", "store_degraded resolved"]);
  },
);

testOnEach("a look that ends after a monitor was closed tells nothing", async (place) => {
  const store = new DecoratedStore(place.store);
  store.on("paused", () => new Promise(() => {}));
  const rules: AlertRule[] = [{ when: "store_degraded", forMs: 0 }];
  const one = new AlertMonitor({ store, clock: place.clock }, { rules });
  await one.until("a look begins", () => store.calls("paused").length > 0);
  let isClosed = false;
  const closing = one.monitor.close().then(() => isClosed = true);
  await one.until("its end", async () => {
    await place.clock.advance(100);
    return isClosed;
  });
  await closing;
  await place.clock.advance(10_000);
  assert.deepEqual(one.logger.saying("Alert fires"), []);
});
