/**
 * The producers: enqueue as fast as they can until a line comes in; a line with how many there are
 * goes out after each batch.
 *
 *   produce.ts URL THROWS
 */

import process from "node:process";
import { Client, storeFromUrl } from "../../mod.ts";
import { BATCH, kindOf } from "./kinds.ts";

const PRODUCERS = 2;

const [url, throws] = process.argv.slice(2);
let isOver = false;
process.stdin.once("data", () => isOver = true);
process.stdin.once("end", () => process.exit(1)); // the server has gone
await using store = storeFromUrl(url!);
await store.open();
await using client = new Client({ store });
let given = 0;
let enqueued = 0;
await Promise.all(Array.from({ length: PRODUCERS }, async () => {
  while (!isOver) {
    const first = given;
    given += BATCH;
    const batch = Array.from({ length: BATCH }, (_, i) => ({
      type: "load",
      payload: { n: first + i, to: "ada@example.com", subject: "x".repeat(40) },
      ...kindOf(first + i, Number(throws)) === "dead" ? { options: { maxRetry: 0 } } : {},
    }));
    await client.enqueueMany(batch);
    enqueued += BATCH;
    process.stdout.write(`${enqueued}\n`);
  }
}));
await client.close();
await store.close();
process.stdin.removeAllListeners("end");
process.stdout.write("end\n", () => process.exit(0));
