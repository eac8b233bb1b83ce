/** The entry for Deno Deploy under `deno serve`, with no permission to touch files. */

import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Client } from "../../mod.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";

const ENTRY = fileURLToPath(new URL("../../examples/deploy/monitor.ts", import.meta.url));
const KEY = `gqm_ak_${"0123456789abcdef".repeat(3)}`;

/** Serves the entry until the test has done what it wants. */
async function serving(store: string, run: (url: string) => Promise<void>): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["serve", "--no-check", "--no-prompt", "--host=127.0.0.1", "--port=0"],
      ...["--allow-net=127.0.0.1", "--allow-env", ENTRY],
    ],
    env: {
      GQM_STORE: store,
      GQM_API_KEY: `sha256:${createHash("sha256").update(KEY).digest("hex")}`,
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    let text = "";
    let url: string | undefined;
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += piece;
      url = /Listening on (http:\/\/127\.0\.0\.1:\d+)\//.exec(text)?.[1];
      if (url !== undefined) break;
    }
    await run(url!);
  } finally {
    child.kill("SIGKILL"); // `deno serve` hears SIGTERM, and waits for the store
    await child.status;
  }
}

Deno.test({
  name: "the entry for Deno Deploy serves whoever has the key",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const [redis, prefix] = [testRedis(), uniquePrefix()];
    const store = `${redis}?prefix=${prefix}`;
    try {
      {
        await using client = new Client({ store });
        await client.enqueue("email.send", {}, { queue: "mail" });
      }
      await serving(store, async (url) => {
        const ask = async (path: string, headers: Record<string, string> = {}) => {
          const response = await fetch(`${url}${path}`, { headers });
          return { status: response.status, body: await response.json() };
        };
        assertEquals((await ask("/health")).body.redis, true);
        assertEquals((await ask("/api/v1/queues")).status, 401);
        assertEquals((await ask("/api/v1/queues", { "x-api-key": `${KEY}0` })).status, 401);
        const { status, body } = await ask("/api/v1/queues/mail", { "x-api-key": KEY });
        assertEquals([status, body.data?.ready], [200, 1]);
      });
    } finally {
      await removeKeys(redis, prefix);
    }
  },
});
