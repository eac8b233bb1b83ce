import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { ClientClosedError, InvalidJobIdError } from "../../../src/enqueue/errors.ts";
import {
  JobFailedError,
  JobGoneError,
  ResultUnavailableError,
} from "../../../src/enqueue/handle.ts";
import { Cancel, SkipRetry } from "../../../src/settle/outcome.ts";
import { StoreClosedError } from "../../../src/store/errors.ts";
import { World } from "../../support/world.ts";

const results: readonly [string, unknown, unknown][] = [
  ["an object", { a: [1] }, { a: [1] }],
  ["undefined", undefined, undefined],
  ["null", null, null],
  ["0", 0, 0],
  ["false", false, false],
  ["an empty string", "", ""],
];

for (const [what, given, got] of results) {
  Deno.test(`JobHandle.result resolves when the handler returned ${what}`, async () => {
    await using world = new World();
    await world.server().handle("t", () => given).start();
    const handle = await world.client.enqueue("t");
    assertEquals(await handle.result(), got);
    assertEquals(await handle.result(), got, "a second time, from the store");
  });
}

Deno.test("JobHandle.result and job work without their handle", async () => {
  await using world = new World();
  await world.server().handle("t", () => 5).start();
  const { id, job, result } = await world.client.enqueue("t");
  assertEquals(await result(), 5);
  assertEquals((await job())?.id, id);
});

Deno.test("Client.result gives the result of a job that another client enqueued", async () => {
  await using world = new World();
  const { id } = await world.client.enqueue("t", 3);
  await using other = new Client({ store: world.store });
  const waits = other.result(id);
  await world.server().handle("t", ({ job }) => job.payload).start();
  assertEquals(await waits, 3);
  await assertRejects(() => other.result("no such"), InvalidJobIdError);
  await assertRejects(() => other.result("gone"), JobGoneError);
  const signal = AbortSignal.abort(new Error("too late"));
  await assertRejects(() => other.result(id, { signal }), Error, "too late");
  await other.close();
  await assertRejects(() => other.result(id), ClientClosedError);
});

Deno.test("JobHandle.result resolves for all who wait before the job has run", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", 7);
  const waits = [handle.result(), handle.result(), handle.result()];
  await world.server().handle("t", ({ job }) => job.payload).start();
  assertEquals(await Promise.all(waits), [7, 7, 7]);
});

const failures: readonly [string, Error, string, string][] = [
  ["dead_letter", new SkipRetry("useless"), "dead_letter", "useless"],
  ["canceled", new Cancel("not wanted"), "canceled", "not wanted"],
];

for (const [status, thrown, ended, message] of failures) {
  Deno.test(`JobHandle.result rejects with the job when it ended as ${status}`, async () => {
    await using world = new World();
    await world.server().handle("t", () => {
      throw thrown;
    }).start();
    const handle = await world.client.enqueue("t", { n: 1 }, { id: "a" });
    const error = await assertRejects(() => handle.result());
    assertInstanceOf(error, JobFailedError);
    assertEquals([error.name, error.code], ["JobFailedError", "JOB_FAILED"]);
    assertEquals([error.job.status, error.job.error], [ended, message]);
    assertEquals(error.job.payload, { n: 1 });
    assertEquals(
      error.message,
      `Cannot give the result of job 'a' (t) as it ended as ${ended}: ${message}`,
    );
  });
}

Deno.test("JobHandle.result rejects when the job expired", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", null, { expireAt: world.clock.now() + 10 });
  await world.clock.advance(11);
  await world.server().handle("t", () => 1).start();
  const error = await assertRejects(() => handle.result(), JobFailedError);
  assertEquals([error.job.status, error.job.error], ["canceled", "expired"]);
});

Deno.test("JobHandle.result resolves, then finds the job gone, when it is not kept", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", null, { retention: { completedMs: 0 } });
  const wait = handle.result();
  await world.server().handle("t", () => "seen").start();
  assertEquals(await wait, "seen", "who waited gets it");
  const error = await assertRejects(() => handle.result());
  assertInstanceOf(error, JobGoneError);
  assertEquals([error.code, error.id], ["JOB_GONE", handle.id]);
  assertMatch(error.message, /^Cannot give the result of job '.+' as it is not in the store/);
  assertEquals(await handle.job(), null);
});

Deno.test("JobHandle.result rejects as not kept when the result was too large", async () => {
  await using world = new World();
  await world.server().handle("t", () => "x".repeat(1 << 20)).start();
  const handle = await world.client.enqueue("t");
  const error = await assertRejects(() => handle.result());
  assertInstanceOf(error, ResultUnavailableError);
  assertEquals(error.code, "RESULT_UNAVAILABLE");
  assertMatch(error.message, /1048578 bytes of JSON, above 1048576/);
});

Deno.test("JobHandle.result rejects with the signal's reason when it aborts first", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t");
  const controller = new AbortController();
  const wait = assertRejects(() => handle.result({ signal: controller.signal }), RangeError, "why");
  await world.flush();
  controller.abort(new RangeError("why"));
  await wait;
  const aborted = AbortSignal.abort(new TypeError("before"));
  await assertRejects(() => handle.result({ signal: aborted }), TypeError, "before");
});

Deno.test("JobHandle.result rejects when the store is closed under it", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t");
  const wait = assertRejects(() => handle.result(), StoreClosedError);
  await world.flush();
  await world.store.close();
  await wait;
});

Deno.test("JobHandle.job reads the job as it is now", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", { n: 1 }, { meta: { m: 1 }, priority: 2 });
  assertEquals((await handle.job())?.status, "ready");
  await world.server().handle("t", () => "done").start();
  await handle.result();
  const job = await handle.job();
  assertEquals([job?.status, job?.result, job?.attempt], ["completed", "done", 1]);
  assertEquals([job?.payload, job?.meta, job?.priority], [{ n: 1 }, { m: 1 }, 2]);
  assertEquals(handle.status, "ready", "the handle keeps the status of its making");
});

Deno.test("getJob reads a job, or null when there is none", async () => {
  await using world = new World();
  await world.client.enqueue("t", 5, { id: "a" });
  assertEquals((await world.client.getJob("a"))?.payload, 5);
  assertEquals(await world.client.getJob("b"), null);
});

for (const id of ["", "a:b", "i".repeat(257), 5, null, undefined]) {
  Deno.test(`getJob refuses the id ${String(id).slice(0, 20)}`, async () => {
    await using world = new World();
    await assertRejects(
      () => world.client.getJob(id as string),
      InvalidJobIdError,
      "Cannot read job as 'id' must",
    );
  });
}

const options: readonly [unknown, string][] = [
  [null, "'options' must be an object"],
  [{ url: "x" }, "'url' must not be given"],
  [{ store: null }, "store"],
  [{ store: 5 }, "store"],
];

for (const [given, message] of options) {
  Deno.test(`Client refuses the options ${JSON.stringify(given)}`, async () => {
    const error = await assertRejects(async () => {
      const client = new Client(given as object);
      await client.enqueue("t");
    }, Error);
    assertEquals("code" in error, true, `an error of this package, not ${error}`);
    assertEquals(error.message.includes(message), true, error.message);
  });
}
