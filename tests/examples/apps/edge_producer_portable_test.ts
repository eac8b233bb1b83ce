/** The producer at the edge, with the server that does its jobs. */

import { deepEqual, equal, match } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runApp, TempFolder } from "./support.ts";

test("edge-producer enqueues each event once, however often it comes", async () => {
  await using folder = await TempFolder.make();
  const { stdout } = await runApp("edge-producer", { args: [folder.path] });
  deepEqual(stdout.split("\n").slice(0, 5), [
    "order 1001: 202, job 1",
    "order 1002: 202, job 2",
    "order 1002: 202, job 2",
    "order 1003: 202, job 3",
    "with a wrong key: 503",
  ]);
  const orders = join(folder.path, "orders");
  deepEqual((await readdir(orders)).sort(), ["1001.json", "1002.json", "1003.json"]);
  const { order, job, enqueuedBy } = JSON.parse(await readFile(join(orders, "1002.json"), "utf8"));
  deepEqual([order, enqueuedBy], [1002, "apikey:shop"]);
  match(job, /^[0-9a-f-]{36}$/);
  equal(stdout.includes("3 orders are in "), true);
});
