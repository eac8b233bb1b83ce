/** The web application on Node, with its packages from npm, by real requests. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { npmInstall } from "../../../tools/npm_install.ts";
import { runtimes } from "../../../tools/runtimes.ts";
import { RunningApp, TempFolder } from "./support.ts";

const NAME = "node-web-framework";
const source = fileURLToPath(new URL(`../../../examples/apps/${NAME}/`, import.meta.url));
/** As far below the root as the original, so that its imports hold. */
const copy = fileURLToPath(new URL(`../../../.runtimes/apps/${NAME}/`, import.meta.url));

/** The data of an event of the stream. */
interface Told {
  readonly status: string;
  readonly progress?: number;
  readonly result?: unknown;
}

/** Copies the application to where packages of tests are, and installs what its package.json names. */
async function install(): Promise<void> {
  await Deno.mkdir(copy, { recursive: true });
  for await (const { name } of Deno.readDir(source)) {
    if (/\.ts$|^package\.json$/.test(name)) {
      await Deno.copyFile(join(source, name), join(copy, name));
    }
  }
  await Deno.writeTextFile(join(copy, "deno.json"), '{"nodeModulesDir":"auto"}');
  await npmInstall(copy, "Hono");
}

await install();

Deno.test("node-web-framework has types that hold", async () => {
  // `deno task check` leaves it out, as Hono is installed for this test alone.
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "main.ts"],
    cwd: copy,
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("node-web-framework enqueues, waits, streams and mounts the monitor", async () => {
  const { node } = await runtimes();
  await using folder = await TempFolder.make();
  await using app = RunningApp.start(`../../.runtimes/apps/${NAME}`, {
    args: [folder.path],
    env: { PASSWORD: "correct horse", PORT: "0" },
    runtime: node.bin,
  });
  const url = await app.line(/^http:/);

  // A result, and what a repeat is answered.
  const text = "the quick fox and the hound ".repeat(400);
  const first = await post(url, text, "fox");
  assertEquals([first.status, first.headers.get("location")], [202, "/texts/fox"]);
  assertEquals(await first.json(), { job: "fox" });
  const counts = { characters: text.length, words: 2400, most: "the" };
  assertEquals(await read(url, "/texts/fox/result"), { status: 200, body: counts });
  const again = await post(url, text, "fox");
  assertEquals([again.status, await again.json()], [200, { job: "fox" }]);
  const { body } = await read(url, "/texts/fox");
  assertEquals(body, { status: "completed", progress: 1, result: counts });
  assertEquals((await read(url, "/texts/none/result")).status, 404);
  assertEquals((await read(url, "/texts/not%20an%20id")).status, 404);

  // The monitor below its path: the queue is paused, so that a job can be watched from its beginning.
  assertEquals((await read(url, "/jobs/api/v1/queues")).status, 401);
  const admin = await logIn(url);
  const page = await fetch(`${url}/jobs/dashboard/`);
  assertMatch(await page.text(), /<title>GQM<\/title>/);
  await admin("queues/default/pause");
  const long = "the quick fox and the hound ".repeat(15_000);
  await (await post(url, long, "watched")).body?.cancel();
  const stream = await fetch(`${url}/texts/watched/events`);
  assertEquals(stream.headers.get("content-type"), "text/event-stream");
  const told: Told[] = [];
  for await (const data of dataOf(stream)) {
    told.push(data);
    if (told.length === 1) await admin("queues/default/resume");
  }
  assertEquals(told[0]?.status, "ready");
  // It takes about a hundred steps, so some of them are seen.
  const partly = told.filter(({ progress = 0 }) => progress > 0 && progress < 1);
  assert(partly.some(({ status }) => status === "processing"), JSON.stringify(told));
  assertEquals(told.at(-1), {
    status: "completed",
    progress: 1,
    result: { characters: long.length, words: 90_000, most: "the" },
  });

  // Who waits when the process is to end gets an answer, and the process ends in good order.
  await admin("queues/default/pause");
  await (await post(url, text, "late")).body?.cancel();
  const late = await fetch(`${url}/texts/late/events`);
  const pieces = dataOf(late);
  assertEquals((await pieces.next()).value?.status, "ready");
  const ended = app.stop();
  assertEquals((await pieces.next()).done, true);
  const { code, stdout } = await ended;
  assertEquals(code, 0);
  assertMatch(stdout, /^stopped$/m);
});

function post(url: string, body: string, key: string): Promise<Response> {
  return fetch(`${url}/texts`, { method: "POST", body, headers: { "idempotency-key": key } });
}

async function read(url: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: await response.json() };
}

/** Logs in, and gives what changes something as the user. */
async function logIn(url: string): Promise<(path: string) => Promise<void>> {
  const login = await fetch(`${url}/jobs/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "ada", password: "correct horse" }),
  });
  assertEquals(login.status, 200, await login.text());
  const cookie = login.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  return async (path) => {
    const headers = { cookie, "x-gqm-csrf": "1" };
    const answer = await fetch(`${url}/jobs/api/v1/${path}`, { method: "POST", headers });
    assertEquals(answer.status, 200, await answer.text());
  };
}

/** What the events of a stream hold. */
async function* dataOf(
  response: Response,
): AsyncGenerator<Told, undefined> {
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
