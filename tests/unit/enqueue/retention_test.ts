/** What a job is kept by: its own options, then those of its type. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import type { JobRetention } from "../../../src/job/job.ts";
import { defineJobs, job } from "../../../src/job/registry.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";

const jobs = defineJobs({
  plain: job(),
  kept: job({ retention: { completedMs: 1000, failedMs: Infinity, maxCount: 5 } }),
});

const kept: Readonly<Record<string, [EnqueueOptions["retention"], JobRetention]>> = {
  "nothing": [undefined, { completedMs: 1000, failedMs: -1, maxCount: 5 }],
  "an age": [{ completedMs: 7 }, { completedMs: 7, failedMs: -1, maxCount: 5 }],
  "a number": [{ maxCount: 0 }, { completedMs: 1000, failedMs: -1, maxCount: 0 }],
  "no number": [{ maxCount: Infinity }, { completedMs: 1000, failedMs: -1 }],
};

for (const [name, [retention, expected]] of Object.entries(kept)) {
  Deno.test(`enqueue fills in the retention of the type when the job says ${name}`, async () => {
    const store = memoryStore();
    await using client = new Client({ jobs, store });
    const options = retention === undefined ? {} : { retention };
    for (
      const handle of [
        await client.enqueue("kept", undefined, options),
        ...await client.enqueueMany([{ type: "kept", payload: undefined, options }]),
      ]
    ) {
      assertEquals((await store.getJobs([handle.id]))[0]?.settings.retention, expected);
    }
    const plain = await client.enqueue("plain", undefined, options);
    const [record] = await store.getJobs([plain.id]);
    const own = retention?.maxCount === Infinity ? {} : retention;
    assertEquals(record?.settings.retention, own);
  });
}

Deno.test("a client refuses a registry whose retention breaks a rule", () => {
  const jobs = defineJobs({ bad: job({ retention: { maxCount: -1 } }) });
  const error = assertThrows(() => new Client({ jobs, store: memoryStore() }), InvalidOptionError);
  assertStringIncludes(error.message, "Cannot define job 'bad' as 'retention.maxCount' must be");
});
