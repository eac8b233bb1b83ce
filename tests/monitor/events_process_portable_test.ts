/** Who looks on at a process that is killed goes on at the next one. */

import { deepEqual, equal } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../../mod.ts";
import { runtimeFlags, sharedStores } from "./support/own_process.ts";
import { EventStream } from "./support/event_stream.ts";

const script = fileURLToPath(new URL("./support/serving_process.ts", import.meta.url));

interface Serving {
  readonly url: string;
  kill(): Promise<void>;
}

async function serve(store: string): Promise<Serving> {
  const child: ChildProcess = spawn(process.execPath, [...runtimeFlags, script, store], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const { value: url = "" } = await lines.next();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return { url, kill };
}

async function look(url: string, lastId?: string): Promise<EventStream> {
  const headers: HeadersInit = lastId === undefined ? {} : { "last-event-id": lastId };
  const response = await fetch(`${url}/api/v1/events?type=nobody.runs.it`, { headers });
  equal(response.status, 200);
  const stream = new EventStream(response.body!);
  await stream.until(({ blocks }) => blocks.length > 1);
  return stream;
}

async function shown(store: string): Promise<void> {
  await using client = new Client({ store });
  const enqueue = (id: string) => client.enqueue("nobody.runs.it", {}, { id });
  let serving = await serve(store);
  try {
    const first = await look(serving.url);
    await enqueue("seen");
    await first.until(() => first.jobs.length === 1);
    const { id } = first.told;
    await serving.kill();
    await first.ended;
    await enqueue("missed");
    serving = await serve(store);
    // One who is new, so that the process looks since after it.
    const other = await look(serving.url);
    const second = await look(serving.url, id);
    await enqueue("new");
    await second.until(() => second.jobs.includes("new created"));
    await other.until(() => other.jobs.includes("new created"));
    deepEqual([second.jobs, second.of("gap")], [["missed created", "new created"], []]);
    deepEqual(other.jobs, ["new created"]);
    await Promise.all([second.cancel(), other.cancel()]);
  } finally {
    await serving.kill();
  }
}

describe("who looks on at a process that is killed goes on at the next one", () => {
  for (const { name, skip, use } of sharedStores) {
    it(`of ${name}`, { skip }, () => use(shown));
  }
});
