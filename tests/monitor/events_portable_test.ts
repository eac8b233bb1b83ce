/** `GET /api/v1/events`: what those are told who look on, on every kind of store. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { liveEvents } from "../../src/monitor/live/events.ts";
import { newJob, newJobs } from "../../src/testing/conformance/builders.ts";
import type { MonitorOptions } from "../../src/monitor/options.ts";
import { assertMatches } from "../support/json_schema.ts";
import { EventStream } from "./support/event_stream.ts";
import { kinds, type Place } from "./support/places.ts";
import { MonitorWorld } from "./world.ts";

const PATH = "/api/v1/events";

/** A monitor whose streams a test reads while its clock goes on. */
class LiveWorld extends MonitorWorld {
  readonly #streams: EventStream[] = [];

  /** Begins to look on; resolves when it is told how things stand. */
  async look(query = "", headers: Record<string, string> = {}): Promise<EventStream> {
    const response = await this.fetch(PATH + query, { headers });
    equal(response.status, 200);
    equal(response.headers.get("content-type"), "text/event-stream");
    equal(response.headers.get("cache-control"), "no-store");
    const stream = new EventStream(response.body!);
    this.#streams.push(stream);
    await this.until(stream, () => stream.told.blocks.length > 1);
    return stream;
  }

  /** Lets time go on until something is so. */
  async until(stream: EventStream, isEnough: () => boolean): Promise<void> {
    await stream.until(isEnough, () => this.turn());
  }

  /** Lets a little time go on, also for what is not of this process. */
  async turn(ms = 50): Promise<void> {
    await this.clock.advance(ms);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async leave(): Promise<void> {
    for (const stream of this.#streams) {
      for (const { event, data } of stream.told.events) {
        assertMatches(liveEvents.find(({ name }) => name === event)!.data, data, event);
      }
      if (!stream.hasEnded) await stream.cancel();
    }
  }
}

/** Registers a test for each kind of store. */
function testLive(
  name: string,
  run: (world: LiveWorld, place: Place) => Promise<void>,
  options: Partial<MonitorOptions> = {},
): void {
  for (const kind of kinds) {
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      await using place = await kind.make();
      const world = new LiveWorld(place, options);
      await using _closed = world.monitor;
      await run(world, place);
      await world.leave();
    });
  }
}

const KEYS = {
  all: `gqm_ak_${"1".repeat(48)}`,
  mail: `gqm_ak_${"2".repeat(48)}`,
  producer: `gqm_ak_${"3".repeat(48)}`,
};
const apiKeys = [
  { name: "all", key: KEYS.all, role: "viewer" as const },
  { name: "mail", key: KEYS.mail, role: "viewer" as const, queues: ["mail"] },
  { name: "producer", key: KEYS.producer, role: "producer" as const },
];

testLive("a stream begins with how things stand, then tells what happens", async (world) => {
  const { store } = world;
  await store.enqueue([[newJob("a", { queue: "mail" })]]);
  const stream = await world.look();
  match(stream.text, /^retry: 3000\n: hello\n\n/);
  const [first] = stream.of("counts");
  equal(first.full, true);
  deepEqual(first.queues.map(({ name, ready }: { name: string; ready: number }) => [name, ready]), [
    ["mail", 1],
  ]);
  deepEqual(stream.of("servers"), [{ count: 0, joined: [], left: [], more: 0 }]);
  match(stream.told.id!, /^\d+$/);

  await store.enqueue([[newJob("b", { queue: "mail" })], [newJob("c", { queue: "post" })]]);
  await store.pause({ queue: "post", type: null }, true);
  await world.until(stream, () => stream.of("lines").length > 0);
  deepEqual(stream.jobs, ["b created", "c created"]);
  const [{ jobs: [told] }] = stream.of("jobs");
  deepEqual(told, {
    ...{ id: "b", queue: "mail", type: "work", kind: "created", status: "ready" },
    at_ms: told.at_ms,
  });
  const [{ lines: [line] }] = stream.of("lines");
  deepEqual(line, { kind: "paused", queue: "post", type: null, at_ms: line.at_ms });

  await world.until(stream, () => stream.of("counts").length > 1);
  const counts = stream.of("counts").at(-1);
  equal(counts.full, false);
  deepEqual(
    counts.queues.map((one: Record<string, unknown>) => [one.name, one.ready, one.paused]),
    [["mail", 2, false], ["post", 1, true]],
  );
});

testLive("who comes back with the id of the last event goes on after it", async (world, place) => {
  const { store } = world;
  const stream = await world.look();
  await store.enqueue([[newJob("seen")]]);
  await world.until(stream, () => stream.jobs.length === 1);
  const { id } = stream.told;
  await stream.cancel();
  await store.enqueue([[newJob("missed")]]);

  const same = await world.look("", { "last-event-id": id! });
  await world.until(same, () => same.jobs.length > 0);
  // A process that has seen nothing of it.
  const other = new LiveWorld(place);
  await using _closed = other.monitor;
  const elsewhere = await other.look(`?last_event_id=${id}`);
  await other.until(elsewhere, () => elsewhere.jobs.length > 0);
  // One that looks already, since after what was missed.
  const late = new LiveWorld(place);
  await using _late = late.monitor;
  await late.look();
  const before = await late.look("", { "last-event-id": id! });
  await late.until(before, () => before.jobs.length > 0);

  await store.enqueue([[newJob("new")]]);
  for (const [at, one] of [[world, same], [other, elsewhere], [late, before]] as const) {
    await at.until(one, () => one.jobs.length > 1);
    deepEqual(one.jobs, ["missed created", "new created"]);
    deepEqual(one.of("gap"), []);
  }
  await other.leave();
  await late.leave();
});

testLive("who comes back with an id of which nothing is known is told so", async (world) => {
  for (const id of ["0", "9007199254740991", "-1", "x", "1".repeat(40)]) {
    const stream = await world.look("", { "last-event-id": id });
    deepEqual(stream.of("gap"), [{}], id);
    equal(stream.of("counts").length, 1);
  }
});

testLive(
  "of more events than there is room for, failures are told, and how many others there were",
  async (world) => {
    const { store } = world;
    const stream = await world.look();
    const crowd = [...newJobs(250, "a"), ...newJobs(250, "b", { queue: "other" })];
    await store.enqueue([[newJob("failing")]]);
    await store.act(["failing"], { kind: "cancel", reason: "no" });
    await store.act(["failing"], { kind: "retry" });
    await store.enqueue(crowd.map((job) => [job]));
    const total = (): number =>
      stream.of("jobs").reduce((sum, { jobs, more }) => sum + jobs.length + more, 0);
    await world.until(stream, () => total() >= 503);
    equal(total(), 503);
    for (const { jobs } of stream.of("jobs")) ok(jobs.length <= 100, `${jobs.length} at once`);
  },
);

testLive("a stream has what was asked for", async (world) => {
  const { store } = world;
  await store.enqueue([[newJob("before", { queue: "mail", type: "letter" })]]);
  const all = await world.look();
  const queue = await world.look("?queue=mail&events=jobs,lines,counts");
  const type = await world.look("?type=letter");
  const job = await world.look("?job=b");
  const counts = await world.look("?events=counts&type=letter");
  await store.enqueue([
    [newJob("a", { queue: "mail", type: "letter" })],
    [newJob("b", { queue: "post", type: "letter" })],
    [newJob("c", { queue: "mail", type: "parcel" })],
  ]);
  await store.act(["b"], { kind: "cancel", reason: "no" });
  await store.pause({ queue: null, type: "letter" }, true);
  await world.until(all, () => all.of("lines").length === 1);
  await world.until(job, () => job.jobs.length === 2);
  await world.until(counts, () => counts.of("counts").length === 2);
  deepEqual(all.jobs, ["a created", "b created", "c created", "b canceled"]);
  deepEqual(queue.jobs, ["a created", "c created"]);
  deepEqual(type.jobs, ["a created", "b created", "b canceled"]);
  deepEqual(job.jobs, ["b created", "b canceled"]);
  deepEqual(counts.jobs, []);
  deepEqual([queue, type, job, counts].map((one) => one.of("lines").length), [1, 1, 0, 0]);
  deepEqual([queue, type, job, counts].map((one) => one.of("servers").length), [0, 1, 0, 0]);
  equal(job.of("counts").length, 0);
  deepEqual(
    counts.of("counts").at(-1).queues.map((one: Record<string, unknown>) => [one.name, one.ready]),
    [["mail", 2], ["post", 0]],
  );
});

testLive("what cannot be asked for is refused", async (world) => {
  const refused = ["?events=job", "?events=jobs,", "?queue=a/b", "?type=%00", "?job=a:b"];
  for (const query of refused) {
    const response = await world.fetch(PATH + query);
    equal(response.status, 400, query);
    equal((await response.json()).code, "BAD_REQUEST");
  }
});

testLive("who sees some queues is told nothing of the others", async (world) => {
  const { store } = world;
  await store.enqueue([[newJob("before", { queue: "post" })]]);
  const key = (name: keyof typeof KEYS) => ({ "x-api-key": KEYS[name] });
  const all = await world.look("", key("all"));
  const mail = await world.look("", key("mail"));
  equal((await world.fetch(`${PATH}?queue=post`, { headers: key("mail") })).status, 404);
  equal((await world.fetch(PATH, { headers: key("producer") })).status, 403);
  equal((await world.fetch(PATH)).status, 401);
  await store.enqueue([[newJob("secret", { queue: "post" })], [newJob("open", { queue: "mail" })]]);
  await store.pause({ queue: "post", type: null }, true);
  await store.pause({ queue: null, type: "hidden" }, true);
  await store.act(["open"], { kind: "cancel", reason: "no longer" });
  await world.until(all, () => all.jobs.length === 3 && all.of("lines").length > 0);
  await world.until(mail, () => mail.jobs.length === 2 && mail.of("counts").length > 1);
  deepEqual(mail.jobs, ["open created", "open canceled"]);
  ok(!/post|secret|hidden|before/.test(mail.text), mail.text);
  equal(mail.of("servers").length, 0);
  const errorOf = (stream: EventStream) =>
    stream.of("jobs").flatMap(({ jobs }) => jobs).find(({ kind }) => kind === "canceled").error;
  // It may name a parent in a queue that they do not see.
  deepEqual([errorOf(all), errorOf(mail)], ["no longer", undefined]);
  // With the id of somebody who sees more, one is told no more.
  const back = await world.look("", { ...key("mail"), "last-event-id": all.told.id! });
  ok(!/post|secret|hidden|before/.test(back.text), back.text);
}, { auth: { apiKeys } });

testLive("why a job failed is not told where that is redacted", async (world) => {
  const { store } = world;
  const stream = await world.look("", { "x-api-key": KEYS.all });
  await store.enqueue([[newJob("a")], [newJob("b", { type: "open" })]]);
  await store.act(["a", "b"], { kind: "cancel", reason: "s3cret" });
  await world.until(stream, () => stream.jobs.length === 4);
  const errors = stream.of("jobs").flatMap(({ jobs }) => jobs).map(({ error }) => error);
  deepEqual(errors, [undefined, undefined, undefined, "s3cret"]);
}, { auth: { apiKeys }, redact: [{ path: "error", types: ["work"] }] });

testLive("the store is asked as often for a hundred who look on as for one", async (world) => {
  const { store, clock } = world;
  /** Verbs, and the most calls in 20 s in which something happens all the time. */
  const most = { watchEvents: 0, counts: 11, paused: 11, servers: 3, memos: 0 } as const;
  const verbs = Object.keys(most) as (keyof typeof most)[];
  const first = await world.look();
  for (const others of [0, 99]) {
    for (let i = 0; i < others; i++) await world.look();
    const before = verbs.map((verb) => store.calls(verb).length);
    for (let i = 0; i < 20; i++) {
      await store.enqueue([[newJob(`job-${clock.mono()}`)]]);
      await clock.advance(1000);
    }
    for (const [i, verb] of verbs.entries()) {
      const calls = store.calls(verb).length - before[i]!;
      ok(calls <= most[verb], `${verb}: ${calls} calls for ${others} more`);
    }
    await world.until(first, () => first.of("counts").length > 1);
  }
  equal(store.calls("watchEvents").length, 1);
});

testLive("servers that come and go are told", async (world) => {
  const stream = await world.look();
  const kind = "server" as const;
  const about = { kind, hostname: "here", pid: 1, runtime: "deno", version: "1", pools: [] };
  await world.store.heartbeat({
    ...{ server: "server-1", holds: [], leaseMs: 1000 },
    presence: { upMs: 0, busy: [], about },
  });
  await world.until(stream, () => stream.of("servers").length > 1);
  deepEqual(stream.of("servers").at(-1), {
    ...{ count: 1, joined: [{ id: "server-1", hostname: "here" }], left: [], more: 0 },
  });
  await world.store.leave("server-1");
  await world.until(stream, () => stream.of("servers").length > 2);
  deepEqual(stream.of("servers").at(-1), { count: 0, joined: [], left: ["server-1"], more: 0 });
});
