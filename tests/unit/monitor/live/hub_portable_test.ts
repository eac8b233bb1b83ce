/** Those who look on: how they come, are dropped and go. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMonitor, InvalidOptionError } from "../../../../mod.ts";
import { type LiveEventName, liveEventNames } from "../../../../src/monitor/live/events.ts";
import { LiveHub } from "../../../../src/monitor/live/hub.ts";
import { MOST_BYTES } from "../../../../src/monitor/live/viewer.ts";
import type { ApiError } from "../../../../src/monitor/errors.ts";
import type { LiveOptions } from "../../../../src/monitor/live/crowd.ts";
import { Redactor } from "../../../../src/monitor/redact.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";
import { newJob } from "../../../../src/testing/conformance/builders.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { EventStream } from "../../../monitor/support/event_stream.ts";
import { someone } from "../../../monitor/support/desk.ts";
import { DecoratedStore, StoreDownError } from "../../../support/decorated_store.ts";

interface Look {
  readonly queues?: readonly string[];
  readonly events?: readonly LiveEventName[];
  readonly network?: string;
  readonly session?: string;
  readonly closing?: AbortSignal;
  readonly after?: string;
}

/** A hub on a store in memory, under a clock that a test moves. */
class World {
  readonly clock = new FakeClock();
  readonly store = new DecoratedStore(memoryStore({ clock: this.clock }));
  readonly hub: LiveHub;
  /** Sessions that are over. */
  readonly over = new Set<string>();
  /** How many sessions were asked for at once. */
  readonly asked: number[] = [];

  constructor(options: LiveOptions = {}) {
    this.hub = new LiveHub({
      ...options,
      store: () => this.store.open().then(() => this.store),
      clock: this.clock,
      redactor: new Redactor([]),
      livingSessions: (ids) => {
        this.asked.push(ids.length);
        return Promise.resolve(new Set(ids.filter((id) => !this.over.has(id))));
      },
    });
  }

  /** Begins to look on, and reads nothing. */
  join(
    { queues, events = liveEventNames, network = "10.0.0.1", session, closing, after }: Look = {},
  ): ReadableStream<Uint8Array> {
    const view = { who: someone("viewer", queues), events: new Set(events) };
    return this.hub.join({ view, network, session, closing, after });
  }

  /** Begins to look on, and knows how things stand. */
  async look(look?: Look): Promise<EventStream> {
    const stream = new EventStream(this.join(look));
    await this.until(stream, () => stream.told.blocks.length > 1);
    return stream;
  }

  async until(stream: EventStream, isEnough: () => boolean): Promise<void> {
    await stream.until(isEnough, () => this.clock.advance(100));
  }

  /** Lets time go on until nobody looks on, or until a stream has ended. */
  async untilEnded(stream: EventStream): Promise<void> {
    while (!stream.hasEnded) await this.clock.advance(100);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hub.close();
    await this.store.close();
  }
}

function refusal(join: () => unknown): string {
  try {
    join();
    return "none";
  } catch (error) {
    const { status, code, headers } = error as ApiError;
    return `${status} ${code} ${headers["retry-after"]}`;
  }
}

test("no more look on than there is room for, of all and of one client", async () => {
  await using world = new World({ maxViewers: 3, maxViewersPerClient: 2 });
  const first = await world.look();
  world.join();
  assert.equal(refusal(() => world.join()), "429 RATE_LIMITED 30");
  world.join({ network: "10.0.0.2" });
  assert.equal(refusal(() => world.join({ network: "10.0.0.3" })), "503 UNAVAILABLE 30");
  await first.cancel();
  assert.equal(world.hub.viewers, 2);
  world.join();
  assert.equal(world.hub.viewers, 3);
});

test("limits that break their rule are refused", () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ maxViewers: 0 }, "live.maxViewers"],
    [{ maxViewersPerClient: 1.5 }, "live.maxViewersPerClient"],
    [{ most: 1 }, "most"],
  ];
  for (const [live, option] of wrong) {
    const make = () => createMonitor({ auth: "none", store: memoryStore(), live: live as never });
    assert.throws(make, (error: Error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.match(error.message, /^Cannot create monitor as /);
      assert.ok(error.message.includes(option), error.message);
      return true;
    });
  }
});

test("who reads nothing is dropped when too much waits, and the others read on", async () => {
  await using world = new World();
  const reader = await world.look();
  world.join(); // reads nothing
  const gone = world.join().getReader();
  await gone.read();
  await gone.read(); // then reads nothing more
  const piece = "x".repeat(MOST_BYTES / 8);
  let sent = 0;
  while (world.hub.viewers > 1) {
    assert.ok(++sent < 20, `${sent} pieces wait`);
    world.hub.publish({ event: "alert", data: piece });
    await world.clock.advance(1);
  }
  assert.equal(world.hub.viewers, 1);
  await world.until(reader, () => reader.of("alert").length === sent);
  // What waited is let go of: there is nothing but the end.
  assert.deepEqual(await gone.read(), { done: true, value: undefined });
});

test("something published is told to those who may see it and asked for it", async () => {
  await using world = new World();
  const [all, mail, none] = [
    await world.look(),
    await world.look({ queues: ["mail"] }),
    await world.look({ events: ["jobs", "counts"] }),
  ];
  world.hub.publish({ event: "alert", queue: "mail", data: { number: 1 } });
  world.hub.publish({ event: "alert", queue: "post", data: { number: 2 } });
  world.hub.publish({ event: "alert", data: { number: 3 } });
  await world.store.enqueue([[newJob("a", { queue: "mail" })]]);
  for (const stream of [all, mail, none]) await world.until(stream, () => stream.jobs.length > 0);
  const numbers = (stream: EventStream) => stream.of("alert").map(({ number }) => number);
  assert.deepEqual([all, mail, none].map(numbers), [[1, 2, 3], [1], []]);
});

test("a stream ends with its session, at once if it ends here", async () => {
  await using world = new World();
  const [one, other, key] = [
    await world.look({ session: "one" }),
    await world.look({ session: "other" }),
    await world.look(),
  ];
  world.hub.endSession("one");
  await one.ended;
  world.over.add("other");
  await world.untilEnded(other);
  await world.clock.advance(60_000);
  assert.equal(key.hasEnded, false);
  assert.equal(world.hub.viewers, 1);
});

test("sessions are looked at in turn, as many at once as the store tells of", async () => {
  await using world = new World({ maxViewersPerClient: 250 });
  for (let i = 0; i < 250; i++) {
    new EventStream(world.join({ session: `session-${i}`, queues: ["none"] }));
  }
  world.over.add("session-249").add("session-0");
  while (world.hub.viewers > 248) await world.clock.advance(1000);
  assert.ok(world.asked.every((count) => count <= 100));
});

test("streams end when the server closes that brought them, and all when the hub does", async () => {
  await using world = new World();
  const closing = new AbortController();
  const [brought, other] = [await world.look({ closing: closing.signal }), await world.look()];
  closing.abort();
  await brought.ended;
  assert.equal(refusal(() => world.join({ closing: closing.signal })), "503 UNAVAILABLE undefined");
  assert.equal(other.hasEnded, false);
  world.hub.close();
  await other.ended;
  assert.deepEqual([brought.error, other.error], [undefined, undefined]);
  assert.equal(refusal(() => world.join()), "503 UNAVAILABLE undefined");
});

test("a stream lives at least every 15 s, and ends after an hour", async () => {
  await using world = new World();
  const stream = await world.look({ events: ["jobs"] });
  const pings = (): number => stream.told.blocks.filter((block) => block === ": ping").length;
  await world.clock.advance(60_000);
  await world.until(stream, () => pings() >= 3);
  await world.clock.advance(3_600_000);
  await stream.ended;
  assert.equal(stream.error, undefined);
});

test("the store is watched until a while after the last one has gone", async () => {
  await using world = new World();
  const disposed: number[] = [];
  world.store.on("watchEvents", async ({ run }) => {
    const feed = await run();
    const dispose = feed[Symbol.dispose].bind(feed);
    return Object.assign(feed, {
      [Symbol.dispose]: () => {
        disposed.push(world.clock.mono());
        dispose();
      },
    });
  });
  const looks = (): number => world.store.calls("watchEvents").length;
  for (let i = 0; i < 3; i++) {
    await (await world.look()).cancel();
    assert.equal(world.hub.viewers, 0);
    await world.clock.advance(5000);
  }
  assert.deepEqual([looks(), disposed.length], [1, 0]);
  const counted = world.store.calls("counts").length;
  await world.clock.advance(60_000);
  assert.deepEqual([looks(), disposed.length], [1, 1]);
  assert.equal(world.store.calls("counts").length, counted, "nobody looked on");
  await world.look();
  assert.equal(looks(), 2);
});

test("a store that is away is told of, and so is its return, after which all is to be loaded", async () => {
  await using world = new World();
  const stream = await world.look();
  let isAway = true;
  const verbs = ["counts", "watchEvents"] as const;
  for (const verb of verbs) {
    world.store.on(verb, ({ run }) => {
      return isAway ? Promise.reject(new StoreDownError()) : run() as Promise<never>;
    });
  }
  await world.until(stream, () => stream.of("store").length === 1);
  const late = await world.look({ after: "1" });
  assert.deepEqual(late.of("store"), [{ up: false }]);
  const calls = world.store.calls("counts").length;
  await world.clock.advance(60_000);
  assert.ok(world.store.calls("counts").length - calls <= 31, "it is asked again and again");
  isAway = false;
  for (const one of [stream, late]) {
    await world.until(one, () => one.of("store").length === 2);
    assert.deepEqual(one.of("store"), [{ up: false }, { up: true }]);
    assert.equal(one.of("gap").length, 1);
  }
  await world.store.enqueue([[newJob("after")]]);
  await world.until(stream, () => stream.jobs.length === 1);
});

test("a store that is away from the beginning is told of, and is not asked all the time", async () => {
  await using world = new World();
  let isAway = true;
  world.store.on("watchEvents", ({ run }) => isAway ? Promise.reject(new StoreDownError()) : run());
  const stream = await world.look();
  assert.deepEqual(stream.of("store"), [{ up: false }]);
  await world.clock.advance(60_000);
  assert.ok(world.store.calls("watchEvents").length <= 12);
  isAway = false;
  await world.until(
    stream,
    () => stream.of("counts").length === 1 && stream.of("gap").length === 1,
  );
  await world.store.enqueue([[newJob("a")]]);
  await world.until(stream, () => stream.jobs.length === 1);
});
