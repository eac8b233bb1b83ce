/** How suites are run: how many files at once. */

import { assertEquals } from "@std/assert";
import { parallelOnBun } from "../../tools/test/suites.ts";

Deno.test("parallelOnBun asks for several files at once from Bun 1.4 on", () => {
  const parallel = [`--parallel=${navigator.hardwareConcurrency}`];
  const asked = ["1.3.11", "1.4.0", "1.4.5-canary", "2.0.1"].map(parallelOnBun);
  assertEquals(asked, [[], parallel, parallel, parallel]);
});
