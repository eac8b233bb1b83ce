/** The dev server: its jobs, its dashboard, and what it does when handlers change. */

import { deepEqual, equal, match } from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../../browser/support/until.ts";
import { RunningApp, TempFolder } from "./support.ts";

const original = fileURLToPath(
  new URL("../../../examples/apps/dev-server/handlers.ts", import.meta.url),
);
const seeded = [
  ...["canceled", "completed", "dead_letter", "deferred", "processing"],
  ...["ready", "retry", "scheduled"],
];

test("dev-server has jobs of every status, and runs handlers as they are changed", async () => {
  await using folder = await TempFolder.make();
  const handlers = join(folder.path, "handlers.ts");
  await copyFile(original, handlers);
  await using app = RunningApp.start("dev-server", {
    args: [folder.path, handlers, "127.0.0.1:0"],
  });
  const [, url] = /^dashboard: (.*)\/dashboard\/$/.exec(await app.line(/^dashboard: /))!;
  const statusOf = async (id: string) => (await job(url!, id)).status;
  await app.line(/^worker: started$/);
  equal((await fetch(`${url}/dashboard/`)).status, 200);
  for (const status of seeded) {
    await until(async () => await statusOf(`seed.${status}`) === status, `seed.${status}`);
  }

  // A file that cannot be loaded is waited for; the dashboard stays.
  const text = await readFile(handlers, "utf8");
  await writeFile(handlers, "this is no program");
  await app.line(/^worker: handlers\.ts changed$/);
  await app.line(/^worker: waits for a change$/);
  equal(await statusOf("seed.processing"), "ready"); // given back by the worker that has gone

  await writeFile(handlers, text.replace("Hello, ", "Good day, "));
  await app.line(/^worker: started$/);
  const response = await fetch(`${url}/api/v1/jobs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ type: "greet", payload: "Grace", id: "greeting" }),
  });
  equal(response.status, 201, await response.text());
  await until(async () => await statusOf("greeting") === "completed", "greeting is completed");
  equal((await job(url!, "greeting")).result, "Good day, Grace");
  await until(async () => await statusOf("seed.processing") === "processing", "the report goes on");

  const { code, stdout, stderr } = await app.stop();
  deepEqual([code, stdout.split("\n").at(-2)], [0, "stopped"]);
  match(stderr, /handlers\.ts/);
});

async function job(url: string, id: string): Promise<{ status: string; result?: unknown }> {
  const response = await fetch(`${url}/api/v1/jobs/${id}`);
  equal(response.status, 200, id);
  return (await response.json()).data;
}
