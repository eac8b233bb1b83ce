/** The examples on Bun and Node, from the sources. On Deno, examples_test.ts runs them. */

import { equal } from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { examples } from "./expected.ts";

const run = promisify(execFile);
const isDeno = "Deno" in globalThis;
const all = await examples();

describe("examples", () => {
  for (const { name, path, prints, onlyOnDeno } of all) {
    const skip = isDeno || onlyOnDeno;
    it(`examples/${name} prints what it says`, { skip }, async () => {
      const { stdout } = await run(process.execPath, [path], {
        env: { ...process.env, NO_COLOR: "1" },
      });
      equal(stdout, prints);
    });
  }
});
