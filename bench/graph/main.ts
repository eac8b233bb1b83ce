/**
 * What graphs cost: time to enqueue and to run them, and calls of the store.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/graph/main.ts
 */

import { Client, Server, type Store } from "../../mod.ts";
import { machine, places } from "../stores.ts";
import { shapes } from "./shapes.ts";

/** Passes calls on, and counts those that change something. */
function counting(store: Store): { readonly store: Store; take(): number } {
  let calls = 0;
  const counted = new Set(["enqueue", "claim", "settle", "relay", "act"]);
  return {
    store: new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (counted.has(String(name))) calls++;
          return Reflect.apply(value, target, args);
        };
      },
    }),
    take: () => {
      const taken = calls;
      calls = 0;
      return taken;
    },
  };
}

const ms = (since: number): string => (performance.now() - since).toFixed(0);

console.log(machine());
console.log(
  "| graph | store | jobs | enqueue, ms (calls) | run, ms (calls) |\n|---|---|--:|--:|--:|",
);
for (const place of await places()) {
  await using _place = place;
  for (const [name, make] of Object.entries(shapes)) {
    const nodes = make();
    const { store, take } = counting(place.open());
    await store.open();
    {
      await using client = new Client({ store });
      await using server = new Server({ store, logLevel: "error" });
      const count = Object.keys(nodes).length;
      let done = 0;
      const finished = Promise.withResolvers<void>();
      server.handle("step", () => {
        if (++done === count) finished.resolve();
      }, { concurrency: 100 });
      let since = performance.now();
      await client.enqueueGraph(nodes);
      const enqueued = `${ms(since)} (${take()})`;
      since = performance.now();
      await server.start();
      await finished.promise;
      const ran = `${ms(since)} (${take()})`;
      await server.drain();
      if (done !== count) throw new Error(`Cannot go on as each job must run once: ${done} ran`);
      console.log(`| ${name} | ${place.kind} | ${count} | ${enqueued} | ${ran} |`);
    }
    await store.close();
  }
}
