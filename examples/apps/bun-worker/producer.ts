/**
 * The producer: it has the scripts of a folder bundled, and waits.
 *
 *     deno run -A examples/apps/bun-worker/producer.ts [FOLDER]
 *     node examples/apps/bun-worker/producer.ts [FOLDER]
 */

import { mkdir, readdir } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, JobFailedError } from "../../../mod.ts";
import { folder, jobs, store } from "./jobs.ts";

const sources = new URL("./sources/", import.meta.url);
const names = (await readdir(sources)).filter((name) => name.endsWith(".ts")).sort();

await mkdir(folder, { recursive: true });
await using client = new Client({ jobs, store });
const handles = await client.enqueueMany(
  names.map((name) => ({
    type: "script.bundle",
    payload: { entry: fileURLToPath(new URL(name, sources)) },
  })),
);

// Waiting ends with the signal, as nobody may be working.
const signal = AbortSignal.timeout(60_000);
for (const [i, handle] of handles.entries()) {
  try {
    const { file, bytes, by } = await handle.result({ signal });
    console.log(`${names[i]}: ${bytes} bytes in ${basename(file)}, by ${by}`);
  } catch (error) {
    if (!(error instanceof JobFailedError)) throw error;
    console.log(`${names[i]}: ${error.job.status}, ${error.job.error}`);
  }
}
