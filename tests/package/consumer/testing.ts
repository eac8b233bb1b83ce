/** `./testing`: a test queue, a handler alone, and the conformance suite on the memory store. */

import { equal, ok } from "node:assert/strict";
import { memoryStore } from "@gqm/gqm";
import {
  conformanceCases,
  FakeClock,
  fakeClockHarness,
  runHandler,
  selectCases,
  TestQueue,
} from "@gqm/gqm/testing";

await using queue = new TestQueue();
let sent = 0;
queue.server.handle("email.send", () => void sent++);
await queue.client.enqueue("email.send", { to: "ada@example.com" }, { delayMs: 60_000 });
await queue.assertEnqueued("email.send", { payload: { to: "ada@example.com" } });
await queue.drain();
equal(sent, 0);
await queue.advance(60_000);
equal(sent, 1);

const run = await runHandler(({ job }) => job.payload, 5);
equal(run.result, 5);

const capabilities = { shared: false, durable: false };
let passed = 0;
for (const one of selectCases(conformanceCases, capabilities)) {
  if (one.skipped !== undefined || one.case.stage !== "settle") continue;
  await using harness = fakeClockHarness({ clock: new FakeClock(), create: memoryStore });
  await one.case.run(harness);
  passed++;
}
ok(passed > 0);
console.log("testing: ok");
