/** A command whose output is read in part, as by `head`. */

import { deepEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./support/closed_output.ts", import.meta.url));
const FLAGS = "Deno" in globalThis ? ["run", "--allow-all", "--no-check", "--quiet"] : [];

test("processTerminal lets a command end well when nobody reads its output any more", async () => {
  const child = spawn(process.execPath, [...FLAGS, SCRIPT], { stdio: "pipe" });
  const ended = once(child, "exit");
  const told = text(child.stderr);
  child.stdout.destroy();
  await once(child.stdout, "close");
  child.stdin.end();
  const [code] = await ended;
  deepEqual([code, (await told).replace(/^.*ExperimentalWarning.*\n.*\n/m, "")], [0, "done\n"]);
});
