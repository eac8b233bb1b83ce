/** A process that works while a newer version raises the layout of its store. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "../../mod.ts";
import { startGqm } from "../support/gqm.ts";
import { RedisRun } from "../support/redis/run.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { testRedis, testRedisProblem } from "../support/redis/shared.ts";
import { carry, RAISED } from "../unit/store/sqlite/support/layouts.ts";

const MODULE = `
export default (server) =>
  server.handle("slow", async ({ signal, progress }) => {
    const aborted = new Promise((resolve) => signal.addEventListener("abort", () => {
      console.log(signal.reason.name);
      resolve();
    }));
    await progress(1);
    await aborted;
  });
`;

/** Runs a server until the layout is raised, and reads what it says in the end. */
async function check(folder: string, store: string, raise: () => Promise<unknown>): Promise<void> {
  await Deno.writeTextFile(`${folder}/jobs.js`, MODULE);
  const child = await startGqm(["run", `${folder}/jobs.js`, "--store", store]);
  const [stdout, stderr] = [child.stdout, child.stderr].map((pipe) => new Response(pipe).text());
  await using client = new Client({ store });
  const { id } = await client.enqueue("slow", null);
  while ((await client.getJob(id))?.progress?.value !== 1) await delay(20);
  await raise();
  const { code } = await child.status;
  assertEquals([code, await stdout], [1, "LeaseLostError\n"]);
  assertStringIncludes((await stderr)!, "Store refuses this version, the server stops");
  assertMatch(
    (await stderr)!,
    /✗ gqm: .*version of its layout must be at most .*start this process/,
  );
}

Deno.test("run ends with 1 and says why when the layout of its SQLite file is raised", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gqm-raised-" });
  try {
    await check(folder, `sqlite:${folder}/gqm.db`, () => carry(`${folder}/gqm.db`, RAISED));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "run ends with 1 and says why when the layout in its Redis is raised",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "gqm-raised-" });
    try {
      await using run = await RedisRun.start();
      await using redis = await RespClient.connect(testRedis());
      const key = `{${new URL(run.url).searchParams.get("prefix")}}:layout`;
      await check(folder, run.url, () => redis.call("SET", key, "2|2"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
