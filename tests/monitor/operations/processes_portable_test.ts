/** Operations of monitors in processes of their own, which are killed in the middle. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../../../mod.ts";
import { storeFromUrl } from "../../../src/store/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { runtimeFlags, sharedStores } from "../support/own_process.ts";
import { attemptsOf, enqueue, failReady, type ShownOperation } from "./jobs.ts";

const script = fileURLToPath(new URL("../support/operating_process.ts", import.meta.url));
/** As many as the promise is made for, where there is time. */
const COUNT = process.env.GQM_LONG === "1" ? 50_000 : 2_000;
const AT_ONCE = 1000;

/** A monitor in a process of its own. */
class MonitorProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly exited: Promise<unknown>;

  private constructor(url: string, child: ChildProcess, exited: Promise<unknown>) {
    this.url = url;
    this.#child = child;
    this.exited = exited;
  }

  static async start(store: string, death = ""): Promise<MonitorProcess> {
    const child = spawn(process.execPath, [...runtimeFlags, script, store, death], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    const exited = once(child, "exit");
    const { value: url } = await createInterface(child.stdout!)[Symbol.asyncIterator]().next();
    return new MonitorProcess(url ?? "", child, exited);
  }

  async call(path: string, body?: unknown): Promise<ShownOperation> {
    const post = body === undefined ? {} : {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    };
    const response = await fetch(`${this.url}/api/v1/operations${path}`, post);
    const { data, error } = await response.json();
    assert.ok(response.ok, error);
    return data;
  }

  /** Looks until an operation has ended. */
  async ended(id: string): Promise<ShownOperation> {
    while (true) {
      const operation = await this.call(`/${id}`);
      if (operation.ended_at_ms !== null) return operation;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }
}

/** Makes dead letters, and workers that let what is retried fail again at once, until they are told to stop. */
async function withDead(
  url: string,
  run: (store: Store, ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const store = storeFromUrl(url);
  await store.open();
  let isOver = false;
  try {
    const ids = await enqueue(store, COUNT);
    assert.equal(await failReady(store), COUNT);
    const working = (async () => {
      while (!isOver) {
        await failReady(store);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    try {
      await run(store, ids);
    } finally {
      isOver = true;
      await working;
    }
  } finally {
    await store.close();
  }
}

/** Asserts that each job has run once more, and not more often. */
async function assertOnce(store: Store, ids: readonly string[]): Promise<void> {
  await failReady(store);
  const attempts: number[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    attempts.push(...await attemptsOf(store, ids.slice(at, at + AT_ONCE)));
  }
  assert.deepEqual([...new Set(attempts)], [2]);
}

const RETRY = { action: "retry", query: { status: ["dead_letter"] } };

/** The one that was asked is killed in the middle. */
async function killed(url: string): Promise<void> {
  await withDead(url, async (store, ids) => {
    const began = performance.now();
    let id: string;
    {
      await using first = await MonitorProcess.start(url, `after:${COUNT / 200}`);
      ({ id } = await first.call("", RETRY));
      await first.exited;
    }
    await using second = await MonitorProcess.start(url);
    const { state, matched, changed } = await second.ended(id);
    assert.deepEqual([state, matched, changed], ["completed", COUNT, COUNT]);
    await assertOnce(store, ids);
    if (process.env.GQM_LONG === "1") {
      console.log(`${COUNT} dead letters: ${Math.round(performance.now() - began)} ms`);
    }
  });
}

/** Two at once, of which one is asked. */
async function shared(url: string): Promise<void> {
  await withDead(url, async (store, ids) => {
    await using one = await MonitorProcess.start(url);
    await using two = await MonitorProcess.start(url);
    const { id } = await one.call("", RETRY);
    const [ended, same] = await Promise.all([two.ended(id), one.ended(id)]);
    assert.deepEqual(ended, same);
    assert.equal(ended.changed, COUNT);
    await assertOnce(store, ids);
    await using client = new Client({ store });
    assert.equal((await client.insight.stats()).counts.dead_letter, COUNT);
  });
}

const rows = [
  ["is finished by another, each job once, when their monitor is killed in the middle", killed],
  ["is carried out once by two monitors", shared],
] as const;

describe("an operation", () => {
  for (const [name, run] of rows) {
    for (const { name: store, skip, use } of sharedStores) {
      it(`${name} (${store})`, { skip }, () => use(run));
    }
  }
});
