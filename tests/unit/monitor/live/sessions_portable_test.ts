/** A stream of events does not outlive the session by which somebody looks on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../../mod.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { EventStream } from "../../../monitor/support/event_stream.ts";
import { ask, keys, sessionOf, testMonitor } from "../../../support/monitor.ts";

async function world() {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  const monitor = testMonitor({ store, clock });
  const look = async (headers: Record<string, string>): Promise<EventStream> => {
    const response = await ask(monitor, "/api/v1/events", { headers });
    assert.equal(response.status, 200);
    const stream = new EventStream(response.body!);
    await stream.until(({ blocks }) => blocks.length > 1);
    return stream;
  };
  const cookie = await sessionOf(monitor, "vic");
  const byKey = await look({ "x-api-key": keys.viewer });
  const stream = await look({ cookie });
  const listed = await ask(monitor, "/api/v1/sessions", { headers: { "x-api-key": keys.admin } });
  const { data: [{ id }] } = await listed.json();
  return {
    ...{ clock, store, monitor, cookie, id, stream, byKey },
    async [Symbol.asyncDispose](): Promise<void> {
      assert.equal(byKey.hasEnded, false, "who shows a key looks on");
      await monitor.close();
      await byKey.ended;
      await store.close();
    },
  };
}

test("a stream ends when its user logs out", async () => {
  await using at = await world();
  const { monitor, cookie, stream } = at;
  const out = await ask(monitor, "/auth/logout", { method: "POST", headers: { cookie } });
  assert.equal(out.status, 200);
  await stream.ended;
  const again = await ask(monitor, "/api/v1/events", { headers: { cookie } });
  assert.equal(again.status, 401);
});

test("a stream ends when an admin ends its session", async () => {
  await using at = await world();
  const headers = { "x-api-key": keys.admin };
  const ended = await ask(at.monitor, `/api/v1/sessions/${at.id}`, { method: "DELETE", headers });
  assert.equal(ended.status, 204);
  await at.stream.ended;
});

test("a stream ends when its session is ended by another process", async () => {
  await using at = await world();
  await at.store.putMemos([{ key: `session:${at.id}`, value: null }]);
  while (!at.stream.hasEnded) await at.clock.advance(1000);
});
