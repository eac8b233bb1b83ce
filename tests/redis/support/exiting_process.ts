/**
 * A process that does one thing with a Redis store and then has nothing more to do: it must end
 * by itself. Arguments: what to do, the store's URL. Prints what came of it.
 */

import process from "node:process";
import { Client, redisStore, Server } from "../../../mod.ts";

const [what = "", url = ""] = process.argv.slice(2);
// Where nobody answers it need not wait long.
const store = redisStore(url, what === "fail to open" ? { connectTimeoutMs: 500 } : {});

/** The name of the error that something ends with. */
async function errorOf(work: Promise<unknown>): Promise<string> {
  return await work.then(() => "nothing", ({ name }: Error) => name);
}

const acts: Readonly<Record<string, () => Promise<void>>> = {
  "open and close": async () => {
    await store.open();
    await store.close();
  },
  // A failed open leaves nothing, so there is nothing to close.
  "fail to open": async () => console.log(await errorOf(store.open())),
  "fail to start": async () => {
    const server = new Server({ store: url.replace("?", "?prefix=a"), logLevel: "silent" });
    server.handle("greet", () => {});
    console.log(await errorOf(server.start()));
  },
  "enqueue": async () => {
    await using client = new Client({ store: url });
    await client.enqueue("greet");
  },
  "work": async () => {
    await using client = new Client({ store });
    await using server = new Server({ store, logLevel: "silent" });
    server.handle("greet", () => "hello");
    await server.start();
    console.log(await (await client.enqueue("greet")).result());
    await server.stop();
    await client.close();
    await store.close();
  },
};
await acts[what]!();
console.log("done");
