/** Each example ends by itself, with exit code 0 and the output that it names. */

import { assert, assertEquals } from "@std/assert";
import { stdArgs } from "../../tools/std.ts";
import { examples } from "./expected.ts";

const all = await examples();
const std = await stdArgs();

Deno.test("examples are there", () => assert(all.length > 0));

for (const { name, path, prints } of all) {
  Deno.test(`examples/${name} prints what it says`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", "--no-lock", ...std, path],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stderr), "");
    assertEquals(decoder.decode(stdout), prints);
    assertEquals(code, 0);
  });
}
