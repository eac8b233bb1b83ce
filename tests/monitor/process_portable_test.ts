/** A process of each runtime that serves the monitor of a store that others use too. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../../mod.ts";
import { runtimeFlags, sharedStores } from "./support/own_process.ts";

const script = fileURLToPath(new URL("./support/serving_process.ts", import.meta.url));

async function shown(store: string): Promise<void> {
  const child = spawn(process.execPath, [...runtimeFlags, script, store], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const exited = once(child, "exit");
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { value: url } = await lines.next();
    await using client = new Client({ store });
    const greeting = await client.enqueue("greet", "Ada");
    equal(await greeting.result(), "Hello, Ada");
    const health = await (await fetch(`${url}/health`)).json();
    deepEqual([health.status, health.redis], ["ok", true]);
    const { data } = await (await fetch(`${url}/api/v1/queues/default`)).json();
    deepEqual([data.completed, data.processed_total], [1, 1]);
    const paused = await fetch(`${url}/api/v1/queues/default/pause`, { method: "POST" });
    equal(paused.status, 200);
    process.kill(child.pid!, "SIGTERM"); // `child.kill` lets Deno forget the exit code
    deepEqual(await exited, [0, null]);
    equal((await lines.next()).value, "done");
    await rejects(fetch(`${url}/health`));
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

describe("a process that serves the monitor", () => {
  for (const { name, skip, use } of sharedStores) {
    it(`of ${name}`, { skip }, () => use(shown));
  }
});
