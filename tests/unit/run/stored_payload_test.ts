import { assertEquals, assertInstanceOf } from "@std/assert";
import { checkedJob, defineJobs, type InvalidPayloadPolicy } from "../../../src/job/registry.ts";
import { StoredPayloadError } from "../../../src/run/errors.ts";
import { schema, withNumber, withNumberLater } from "../../support/schema.ts";
import { gate, World } from "../../support/world.ts";

const policies: readonly [InvalidPayloadPolicy | undefined, string, number][] = [
  [undefined, "dead_letter", 0],
  ["dead_letter", "dead_letter", 0],
  ["cancel", "canceled", 0],
  ["retry", "retry", 1],
];

/** Stores a job past the client's check, as an older producer would. */
async function store(world: World, payload: string, type = "t"): Promise<void> {
  const job = { id: "a", type, queue: "q", priority: 0, payload, settings: {} };
  await world.store.enqueue([[job]]);
  await world.flush();
}

for (const [kind, check] of [["sync", withNumber], ["async", withNumberLater]] as const) {
  for (const [onInvalidPayload, status, retryCount] of policies) {
    Deno.test(`a job becomes ${status} when a ${kind} schema refuses its payload and the policy is ${onInvalidPayload}`, async () => {
      await using world = new World();
      const jobs = defineJobs({ "t": checkedJob(check, { onInvalidPayload }) });
      let runs = 0;
      const errors: unknown[] = [];
      const server = world.server({ jobs });
      server.handle("t", () => runs++, { onFailure: ({ error }) => errors.push(error) });
      await server.start();
      await store(world, '{"n":"one"}');
      const record = await world.record("a");
      assertEquals([record.status, record.retryCount, runs], [status, retryCount, 0]);
      assertEquals(
        record.error,
        "Payload does not pass the schema of 't': n: must be a number",
      );
      assertInstanceOf(errors[0], StoredPayloadError);
      assertEquals([errors.length, errors[0].code], [1, "STORED_PAYLOAD"]);
    });
  }

  Deno.test(`a handler and its callbacks get what a ${kind} schema made of the payload`, async () => {
    await using world = new World();
    const seen: unknown[] = [];
    const server = world.server({ jobs: { "t": checkedJob(check) } });
    server.use(({ job }, next) => (seen.push(job.payload), next()));
    server.handle("t", ({ job }) => void seen.push(job.payload), {
      onSuccess: ({ job }) => seen.push(job.payload),
    });
    await server.start();
    await store(world, '{"n":1,"extra":2}');
    assertEquals(seen, [{ n: 1 }, { n: 1 }, { n: 1 }]);
    assertEquals((await world.record("a")).payload, '{"n":1,"extra":2}', "the store keeps its own");
  });
}

Deno.test("a payload that becomes valid by a retry runs", async () => {
  await using world = new World();
  let strict = true;
  const changing = schema<number>((value) =>
    strict ? { issues: [{ message: "not yet" }] } : { value }
  );
  const server = world.server({
    jobs: { "t": checkedJob(changing, { onInvalidPayload: "retry" }) },
    backoff: { type: "fixed", baseMs: 100 },
  });
  server.handle("t", ({ job }) => job.payload);
  await server.start();
  await store(world, "5");
  strict = false;
  await world.clock.advance(100);
  await world.flush();
  assertEquals((await world.record("a")).result, "5");
});

for (const later of [false, true]) {
  Deno.test(`a schema that ${later ? "rejects" : "throws"} fails the attempt, which is retried`, async () => {
    await using world = new World();
    const broken = schema<number>(() => {
      if (later) return Promise.reject(new Error("schema is broken"));
      throw new Error("schema is broken");
    });
    const server = world.server({ jobs: { "t": checkedJob(broken) } });
    server.handle("t", () => 1);
    await server.start();
    await store(world, "5");
    const record = await world.record("a");
    assertEquals([record.status, record.error], ["retry", "schema is broken"]);
  });
}

Deno.test("a type of the registry without a schema is not checked", async () => {
  await using world = new World();
  const server = world.server({ jobs: defineJobs({ "t": {} }) });
  server.handle("t", ({ job }) => job.payload);
  await server.start();
  await store(world, '"anything"');
  assertEquals((await world.record("a")).result, '"anything"');
});

const late: readonly [string, (world: World, stop: () => Promise<void>) => Promise<void>][] = [
  ["timed out and been left alone", async (world) => {
    await world.clock.advance(1000);
  }],
  ["been given back at stop", async (world, stop) => {
    await world.drive(stop());
  }],
  ["lost its lease", async (world) => {
    world.store.on(
      "heartbeat",
      ({ args: [{ holds }] }) => Promise.resolve({ lost: holds, unknown: [], canceled: [] }),
    );
    await world.clock.advance(500);
  }],
];

for (const [what, happen] of late) {
  Deno.test(`a handler does not start when its schema answers after the job has ${what}`, async () => {
    await using world = new World();
    const { opened, open } = gate();
    const slow = schema<number>((value) => opened.then(() => ({ value })));
    let runs = 0;
    const server = world.server({
      jobs: { "t": checkedJob(slow) },
      leaseMs: 900,
      timeoutMs: 600,
      graceMs: 100,
      maxRetry: 0,
    });
    server.handle("t", () => runs++);
    await server.start();
    await store(world, "5");
    await happen(world, () => server.stop({ shutdownTimeoutMs: 0, graceMs: 0 }));
    open();
    await world.flush();
    assertEquals(runs, 0, "somebody else may have the job by now");
  });
}
