/**
 * `deno task bench`: what the stores do, and how the Redis store compares with other systems.
 *
 *   deno task bench [embedded|redis] [--jobs N] [--rounds N] [--seed N] [--rows TEXT]
 *                   [--runtime deno|node|bun|all] [--latency 1ms] [--json] [--results]
 *
 * Without a name, both are run. `bench/README.md` tells how to read the tables.
 */

import process from "node:process";
import { benchOptions } from "./bench_options.ts";
import { type EmbeddedReport, embeddedText, runEmbedded } from "./embedded/run.ts";
import { type RedisReport, runRedis } from "./redis/run.ts";
import { redisText } from "./redis/table.ts";
import { writeResults } from "./results.ts";

async function main(args: readonly string[]): Promise<boolean> {
  const options = benchOptions(args);
  const { wanted, json, results, ...settings } = options;
  const onStep = (step: string): void => {
    if (!json) console.error(step);
  };
  const reports: { embedded?: EmbeddedReport; redis?: RedisReport } = {};
  const texts: string[] = [];
  const tell = (title: string, text: string): void => {
    texts.push(`## ${title}\n\n${text}`);
    if (!json) console.log(`\n${text}\n`);
  };
  if (wanted.includes("embedded")) {
    reports.embedded = await runEmbedded({ ...settings, jobs: settings.jobs.embedded, onStep });
    tell("Embedded stores", embeddedText(reports.embedded));
  }
  if (wanted.includes("redis")) {
    reports.redis = await runRedis({ ...settings, jobs: settings.jobs.redis, onStep });
    tell("Redis", redisText(reports.redis));
  }
  if (json) console.log(JSON.stringify(reports, null, 2));
  if (results) console.error(`Written: ${await writeResults(args, settings.latencyMs, texts)}`);
  const rows = reports.redis?.tables.flatMap((table) => table.rows) ?? [];
  return rows.every(({ failures }) => failures.length === 0);
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
