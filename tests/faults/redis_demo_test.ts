/**
 * The demo on Redis: alone, and with workers on Bun and Node of which one is
 * killed and one stands still for longer than its lease. Every file is read
 * once.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { redisStore } from "../../mod.ts";
import { runGqm, startGqm } from "../support/gqm.ts";
import { RedisRun } from "../support/redis/run.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { allLaunchers, type Launcher, Workers } from "../support/workers.ts";

const ignore = testRedisProblem() !== undefined;
const LEASE_MS = 1000;
const FILES = 120;
const LIMIT_MS = 30_000;

async function makeFiles(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  for (let i = 0; i < FILES; i++) await Deno.writeTextFile(`${folder}/${i}.txt`, `line ${i}\nlast`);
  return folder;
}

/** The folder beside a run's file of effects, which goes with it. */
function folderOf(run: RedisRun): string {
  return run.effects.replace(/[^/]*$/, "files");
}

/** Waits until a worker has written that it has completed something. */
async function untilCompleted(effects: string, { name }: Launcher): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!new RegExp(`^${name} .*completed`, "m").test(await Deno.readTextFile(effects))) {
    assert(performance.now() < end, `Cannot go on as a worker on ${name} must complete a job`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test({
  name: "demo reads every file once on Redis and shows the two jobs made to fail",
  ignore,
  fn: async () => {
    await using run = await RedisRun.start();
    const dir = await makeFiles(folderOf(run));
    const args = ["demo", "--once", "--dir", dir, "--store", run.url];
    const { code, stdout, stderr } = await runGqm(args);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertMatch(stdout, new RegExp(`^Total +${FILES} +${2 * FILES} +${3 * FILES} `, "m"));
    assertStringIncludes(
      stdout,
      `${FILES + 2} jobs: ${FILES} files read, each once; 2 failed for good; 4 retries`,
    );
  },
});

Deno.test({
  name: "demo reads every file once on Redis with a worker killed and one paused beside it",
  ignore,
  fn: async (test) => {
    let found: Launcher[];
    try {
      found = await allLaunchers();
    } catch (error) {
      return console.error(`Not tested: ${test.name}: ${(error as Error).message}`);
    }
    const [, bun, node] = found as [Launcher, Launcher, Launcher];
    await using run = await RedisRun.start();
    const dir = await makeFiles(folderOf(run));
    const args = [run.url, run.effects, String(LEASE_MS)];
    await using killed = new Workers("tests/faults/demo_worker.ts", args, [bun]);
    await using paused = new Workers("tests/faults/demo_worker.ts", args, [node]);
    killed.start(1);
    paused.start(1);
    const demo = await startGqm([
      ...["demo", "--once", "--dir", dir, "--store", run.url, "--pace-ms", "100"],
      ...["--concurrency", "2", "--lease-ms", String(LEASE_MS)],
    ]);
    const output = demo.output();
    await Promise.all([untilCompleted(run.effects, bun), untilCompleted(run.effects, node)]);
    await killed.kill();
    const [pid] = paused.pids;
    Deno.kill(pid!, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 1.5 * LEASE_MS));
    Deno.kill(pid!, "SIGCONT");
    const { code, stdout, stderr } = await output;
    const text = new TextDecoder().decode(stdout);
    assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" }, text);
    assertStringIncludes(text, `${FILES + 2} jobs: ${FILES} files read, each once`);
    assert(!text.includes(" 0 taken from dead workers"), text);
    assertEquals(await paused.stop(), [0]);

    await using store = redisStore(run.url);
    await store.open();
    const counts = (await store.counts()).map(({ type, status, count }) => [type, status, count])
      .sort();
    assertEquals(counts, [
      ["file.read", "completed", FILES],
      ["file.read", "dead_letter", 2],
      // On the folder with the files, and on all folders.
      ["folder.report", "completed", 2],
    ]);
  },
});
