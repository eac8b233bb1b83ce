import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { Control } from "../../../src/control/control.ts";
import { JobNotFoundError, JobRefusedError } from "../../../src/control/errors.ts";
import type { JobStatus } from "../../../src/job/state.ts";
import { SkipRetry } from "../../../src/settle/outcome.ts";
import { untilAborted, World } from "../../support/world.ts";

type Prepared = Exclude<JobStatus, "stopped" | "failed">;

/** Brings a job with the id `j` into a status. */
const into: Readonly<Record<Prepared, (world: World) => Promise<unknown>>> = {
  ready: ({ client }) => client.enqueue("t", 1, { id: "j" }),
  scheduled: ({ client }) => client.enqueue("t", 1, { id: "j", delayMs: 1000 }),
  deferred: async ({ client }) => {
    const parent = await client.enqueue("parent", null, { delayMs: 1000 });
    await client.enqueue("t", 1, { id: "j", dependsOn: [parent] });
  },
  retry: (world) => run(world, () => Promise.reject(new Error("no"))),
  processing: (world) => run(world, untilAborted),
  completed: (world) => run(world, () => "done"),
  dead_letter: (world) => run(world, () => Promise.reject(new SkipRetry("no"))),
  canceled: async ({ client }) => {
    await client.enqueue("t", 1, { id: "j" });
    await client.control.cancel("j");
  },
};

async function run(world: World, handler: (context: { signal: AbortSignal }) => unknown) {
  const server = world.server().handle("t", handler);
  await server.start();
  await world.client.enqueue("t", 1, { id: "j" });
  await world.flush();
  server.gate.close("t");
}

interface Verb {
  readonly call: (control: Control) => Promise<boolean>;
  /** What the message says that cannot be done, and why not. */
  readonly action: string;
  readonly rule: string;
  /** Status afterwards, `same` for nothing to do, `no` for refused; `gone` for removed. */
  readonly ends: Readonly<Record<Prepared, JobStatus | "same" | "no" | "gone">>;
}

const WAITS = "it must wait (ready, scheduled, deferred or retry)";
const final = { completed: "no", dead_letter: "no", canceled: "no" } as const;

const verbs: Readonly<Record<string, Verb>> = {
  cancel: {
    call: (control) => control.cancel("j"),
    action: "cancel job",
    rule: "it must not have ended",
    ends: {
      ready: "canceled",
      scheduled: "canceled",
      deferred: "canceled",
      retry: "canceled",
      processing: "canceled",
      ...final,
      canceled: "same",
    },
  },
  retry: {
    call: (control) => control.retry("j"),
    action: "retry job",
    rule: "it must have failed or been canceled",
    ends: {
      ready: "same",
      scheduled: "same",
      deferred: "same",
      retry: "same",
      processing: "same",
      completed: "no",
      dead_letter: "ready",
      canceled: "ready",
    },
  },
  remove: {
    call: (control) => control.remove("j"),
    action: "remove job",
    rule: "it must not be running",
    ends: {
      ready: "gone",
      scheduled: "gone",
      deferred: "gone",
      retry: "gone",
      processing: "no",
      completed: "gone",
      dead_letter: "gone",
      canceled: "gone",
    },
  },
  promote: {
    call: (control) => control.promote("j"),
    action: "promote job",
    rule: "it must be scheduled or wait for a retry",
    ends: {
      ready: "same",
      scheduled: "ready",
      deferred: "no",
      retry: "ready",
      processing: "no",
      ...final,
    },
  },
  setPriority: {
    call: (control) => control.setPriority("j", 7),
    action: "change priority of job",
    rule: WAITS,
    ends: {
      ready: "ready",
      scheduled: "scheduled",
      deferred: "deferred",
      retry: "retry",
      processing: "no",
      ...final,
    },
  },
  setPayload: {
    call: (control) => control.setPayload("j", { n: 2 }),
    action: "change payload of job",
    rule: WAITS,
    ends: {
      ready: "ready",
      scheduled: "scheduled",
      deferred: "deferred",
      retry: "retry",
      processing: "no",
      ...final,
    },
  },
};

for (const [name, { call, action, rule, ends }] of Object.entries(verbs)) {
  for (const [status, end] of Object.entries(ends) as [Prepared, string][]) {
    Deno.test(`${name} of a ${status} job: ${end}`, async () => {
      await using world = new World();
      await into[status](world);
      assertEquals((await world.record("j")).status, status);
      const { control } = world.client;
      if (end === "no") {
        const error = await assertRejects(() => call(control), JobRefusedError);
        assertEquals([error.code, error.id, error.status], ["JOB_REFUSED", "j", status]);
        assertEquals([error.reason, error.by], ["status", undefined]);
        assertEquals(error.message, `Cannot ${action} as ${rule}: job 'j' is ${status}`);
        assertEquals((await world.record("j")).status, status);
        return;
      }
      assertEquals(await call(control), end !== "same");
      const [after] = await world.store.getJobs(["j"]);
      assertEquals(after?.status ?? "gone", end === "same" ? status : end);
    });
  }

  Deno.test(`${name} of a job that is not there throws JobNotFoundError`, async () => {
    await using world = new World();
    const error = await assertRejects(() => call(world.client.control));
    assertInstanceOf(error, JobNotFoundError);
    assertEquals([error.name, error.code, error.id], ["JobNotFoundError", "JOB_NOT_FOUND", "j"]);
    assertEquals(
      error.message,
      `Cannot ${action} as it must be in the store: there is no job 'j'`,
    );
  });
}
