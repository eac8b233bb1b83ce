/**
 * Takes the first steps of a newcomer as the documents print them, from an empty home folder with nothing but
 * Node in reach, and tells how long each took: the demo of README.md, then docs/getting-started.md on SQLite and
 * on Redis, with the dashboard and a test of one's own. `deno task first-steps`.
 */

import { dirname, join } from "node:path";
import { besideCheckout, denoJsonOf, filesOf } from "./first_steps/pages.ts";
import { Shell } from "./first_steps/shell.ts";
import { trackedFiles } from "./ok/files.ts";
import { ensureRedis } from "./redis/install.ts";
import { startOwned } from "./redis/owned.ts";
import { runtimes } from "./runtimes.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const STORE = "sqlite:./gqm.db";

/** One worker and one producer on a store; the producer has waited for the result. */
async function workOnce(shell: Shell, folder: string, runtime: string): Promise<void> {
  await using _worker = shell.start(`${runtime} worker.ts`, folder);
  const said = await shell.run(`${runtime} producer.ts`, folder);
  if (!/^sent as /m.test(said)) throw new Error("Cannot go on as the producer must say 'sent as'");
}

/** Writes the files of the page, changed by a function. */
async function write(
  page: string,
  folder: string,
  change: (text: string) => string,
): Promise<void> {
  for (const [name, text] of filesOf(page)) {
    await Deno.writeTextFile(join(folder, name), change(text));
  }
}

/** What a clone has, with what is changed and not committed yet. */
async function copyCheckout(to: string): Promise<void> {
  for (const path of await trackedFiles(ROOT)) {
    await Deno.mkdir(join(to, dirname(path)), { recursive: true });
    await Deno.copyFile(join(ROOT, path), join(to, path));
  }
}

async function takeSteps(shell: Shell, folder: string): Promise<void> {
  const checkout = join(folder, "gqm");
  const first = join(folder, "first");
  const page = await Deno.readTextFile(join(ROOT, "docs/getting-started.md"));
  await Deno.mkdir(first);

  shell.say("README.md: the demo");
  await shell.run("npx -y deno task demo --once", checkout);

  shell.say("docs/getting-started.md: worker and producer on SQLite, by Node");
  await Deno.writeTextFile(join(first, "package.json"), '{ "type": "module" }\n');
  await write(page, first, besideCheckout);
  await workOnce(shell, first, "node");

  shell.say("The same by Deno");
  await Deno.writeTextFile(join(first, "deno.json"), denoJsonOf(page));
  await write(page, first, (text) => text);
  await workOnce(shell, first, "npx -y deno run -A");

  shell.say("The same on Redis, by Node");
  await ensureRedis();
  const redis = startOwned();
  try {
    await shell.run("npm install ioredis", first);
    await write(page, first, (text) => besideCheckout(text).replaceAll(STORE, redis.url));
    await workOnce(shell, first, "node");
  } finally {
    redis.stop();
  }

  shell.say("The dashboard, beside the worker");
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const api = `api: { addr: "127.0.0.1:${port}", auth: "none" }, dashboard: true`;
  await write(
    page,
    first,
    (text) => besideCheckout(text).replace(`"${STORE}" });`, `"${STORE}", ${api} });`),
  );
  {
    await using worker = shell.start("node worker.ts", first);
    await worker.until(/Server started/);
    const answer = await fetch(`http://127.0.0.1:${port}/dashboard/`);
    const text = await answer.text();
    if (answer.status !== 200 || !text.includes("<title>GQM")) {
      throw new Error(
        `Cannot go on as the dashboard must be served: current value is ${answer.status}`,
      );
    }
    console.log(`http://127.0.0.1:${port}/dashboard/ answers ${answer.status}`);
  }

  shell.say("A test of one's own");
  await shell.run("node --test", first);
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "gqm_first_steps_" });
  const shell = await Shell.open(folder, (await runtimes()).node.bin);
  try {
    await copyCheckout(join(folder, "gqm"));
    await takeSteps(shell, folder);
    console.log(`\nAll steps: ${shell.seconds()} s`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
