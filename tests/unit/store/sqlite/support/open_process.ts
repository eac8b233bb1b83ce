/** Opens a store at a given moment, writes one job and tells. Arguments: path, id, epoch ms. */

import { newJob, openStore } from "./fixtures.ts";

const [path, id, startAt] = Deno.args as [string, string, string];
while (Date.now() < Number(startAt)) {
  // The processes are to meet in the same millisecond: no timer is as exact.
}
await using store = await openStore(path);
await store.enqueue([[newJob(id)]]);
console.log("open");
