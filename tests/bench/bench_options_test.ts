/** What the bench is told. */

import { assertEquals, assertThrows } from "@std/assert";
import { benchOptions } from "../../bench/bench_options.ts";

Deno.test("benchOptions reads the runtimes and the latency", () => {
  const options = benchOptions(["redis", "--runtime=all", "--latency=0.5ms", "--jobs", "50"]);
  assertEquals(options.wanted, ["redis"]);
  assertEquals(options.runtimes, ["deno", "node", "bun"]);
  assertEquals(options.latencyMs, 0.5);
  assertEquals(options.jobs, { embedded: 50, redis: 50 });
});

for (
  const [args, part] of [
    [["--latency=1s"], "'--latency' must be milliseconds such as 1ms"],
    [["--runtime=rhino"], "'--runtime' must be one of deno, node, bun, all"],
    [["--rounds="], "'--rounds' must be a whole number"],
    [["--jobs=90001"], "'--jobs' must be a whole number from 1 to 90000"],
    [["--row=drain"], "options are --jobs"],
    [["million"], "the table must be one of embedded, redis"],
  ] as const
) {
  Deno.test(`benchOptions refuses ${args[0]}`, () => {
    assertThrows(() => benchOptions(args), RangeError, part);
  });
}
