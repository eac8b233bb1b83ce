/**
 * How long it takes from a call to cancel a running job until the signal of its
 * handler aborts, which runs in another process (for the memory store: in this one).
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/cancel/main.ts [jobs]
 */

import { fileURLToPath } from "node:url";
import { Client, Server, type Store } from "../../mod.ts";
import { percentile } from "../percentile.ts";
import { machine, places } from "../stores.ts";

const jobs = Number(Deno.args[0] ?? 200);
const now = (): number => performance.timeOrigin + performance.now();

/** What a worker has said so far, and who waits for it. */
class Heard {
  readonly #said = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  say(what: string, at: number): void {
    this.#said.set(what, at);
    this.#waiting.get(what)?.(at);
  }

  at(what: string): Promise<number> {
    const said = this.#said.get(what);
    if (said !== undefined) return Promise.resolve(said);
    return new Promise((resolve) => this.#waiting.set(what, resolve));
  }
}

/** Starts a worker in a process of its own. */
function startProcess(url: string, heard: Heard): () => Promise<void> {
  const script = fileURLToPath(new URL("worker.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, url],
    stdout: "piped",
  }).spawn();
  (async () => {
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const [what, id, at] = text.slice(0, end).split(" ");
        heard.say(`${what} ${id}`, Number(at));
        text = text.slice(end + 1);
      }
    }
  })();
  return async () => {
    child.kill("SIGKILL");
    await child.status;
  };
}

/** Starts a worker in this process. */
async function startHere(store: Store, heard: Heard): Promise<() => Promise<void>> {
  const server = new Server({ store, logLevel: "error" });
  server.handle("wait", ({ job, signal }) => {
    heard.say(`start ${job.id}`, now());
    return new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => {
        heard.say(`abort ${job.id}`, now());
        resolve();
      });
    });
  }, { concurrency: 1 });
  await server.start();
  return () => server.stop();
}

console.log(`${machine()}, ${jobs} jobs`);
console.log("| store | p50, ms | p99, ms | longest, ms |\n|---|--:|--:|--:|");
for (const place of await places()) {
  await using _place = place;
  await using store = place.open();
  await using client = new Client({ store });
  const heard = new Heard();
  const stop = place.url === undefined
    ? await startHere(store, heard)
    : startProcess(place.url, heard);
  const took: number[] = [];
  for (let i = 0; i < jobs; i++) {
    const { id } = await client.enqueue("wait");
    await heard.at(`start ${id}`);
    const since = now();
    await client.control.cancel(id);
    took.push(await heard.at(`abort ${id}`) - since);
  }
  await stop();
  const figures = [percentile(took, 0.5), percentile(took, 0.99), Math.max(...took)];
  console.log(`| ${place.kind} | ${figures.map((ms) => ms.toFixed(1)).join(" | ")} |`);
}
