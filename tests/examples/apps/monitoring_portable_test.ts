/** Monitoring: what the alerts, the metrics, the live stream and the report say of one night. */

import { deepEqual, equal, match } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runApp, TempFolder } from "./support.ts";

test("monitoring wakes somebody, tells what failed and why, and retries it", async () => {
  await using folder = await TempFolder.make();
  const { stdout } = await runApp("monitoring", { args: [folder.path] });
  const read = (name: string) => readFile(join(folder.path, name), "utf8");
  deepEqual(stdout.split("\n").map((line) => line.replace(/\d{3,4}$/, "N")).slice(0, 9), [
    "/health: N",
    "/ready: N",
    "alert: transfers-fail",
    "alert: mail-stalls",
    "dead letters, by the metrics: 6",
    "## 5 × Error: bank: no answer for transfer of N",
    "## 1 × RangeError: amount 0 is not above 0",
    "after the retry: 9 completed, 1 dead letter",
    "resolved: mail-stalls",
  ]);
  match(stdout, /^\/health: 200\n\/ready: 200$/m);

  const report = await read("report.md");
  const amounts = Array.from(report.matchAll(/`\{"amount":(\d+)\}`/g), ([, n]) => Number(n));
  deepEqual(amounts.sort((a, b) => a - b), [0, 560, 650, 700, 910, 1200]);
  match(report, /^At `.*examples.apps.monitoring.main\.ts:\d+/m);

  const failed = (await read("night.log")).trimEnd().split("\n");
  equal(failed.filter((line) => /bank: no answer/.test(line)).length, 5);
  equal(failed.filter((line) => /amount 0 is not above 0/.test(line)).length, 1);
  // The report names the same jobs.
  deepEqual(failed.filter((line) => !report.includes(line.split(":")[0]!)), []);

  match(
    await read("metrics.prom"),
    /^gqm_jobs\{queue="bank",type="transfer",status="dead_letter"\} 6$/m,
  );
  const pages = JSON.parse(await read("pages.json")) as { event: string; rule: string }[];
  deepEqual(pages.map(({ event, rule }) => `${event} ${rule}`).sort(), [
    "firing mail-stalls",
    "firing transfers-fail",
    "resolved mail-stalls",
  ]);
});
