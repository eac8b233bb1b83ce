/** The entry for Deno Deploy under `deno serve`, with no permission to touch files. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Client, hashPassword, newApiKey } from "../../../mod.ts";
import { denoServe } from "../../support/deno_serve.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

const entry = fileURLToPath(
  new URL("../../../examples/apps/deploy-monitor/main.ts", import.meta.url),
);
const flags = ["--allow-net=127.0.0.1", "--allow-env"];
const password = "correct horse battery staple";
const { key, hash } = await newApiKey();

Deno.test({
  name: "deploy-monitor serves whoever has the key or the password",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const [redis, prefix] = [testRedis(), uniquePrefix()];
    const store = `${redis}?prefix=${prefix}`;
    const env = {
      GQM_STORE: store,
      GQM_API_KEY_HASH: hash,
      GQM_PASSWORD_HASH: await hashPassword(password),
    };
    try {
      {
        await using client = new Client({ store });
        await client.enqueue("email.send", {}, { queue: "mail" });
      }
      await denoServe({ entry, flags, env }, async (url) => {
        await asProgram(url);
        await asPerson(url);
      });
    } finally {
      await removeKeys(redis, prefix);
    }
  },
});

async function asProgram(url: string): Promise<void> {
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, { headers });
    return { status: response.status, body: await response.json() };
  };
  assertEquals((await ask("/health")).body.redis, true);
  assertEquals((await ask("/api/v1/queues")).status, 401);
  assertEquals((await ask("/api/v1/queues", { "x-api-key": `${key}0` })).status, 401);
  const { status, body } = await ask("/api/v1/queues/mail", { "x-api-key": key });
  assertEquals([status, body.data?.ready], [200, 1]);
}

async function asPerson(url: string): Promise<void> {
  const login = await fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password }),
  });
  assertEquals(login.status, 200, await login.text());
  const cookie = login.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const session = await (await fetch(`${url}/auth/session`, { headers: { cookie } })).json();
  assertEquals([session.user?.username, session.user?.role], ["admin", "admin"]);
  const page = await fetch(`${url}/dashboard/`, { headers: { cookie } });
  assertEquals(page.status, 200);
  assert((await page.text()).includes("<title>GQM</title>"));
}

Deno.test("deploy-monitor refuses to serve when nobody could log in", async () => {
  const env = { GQM_STORE: "memory:", GQM_API_KEY_HASH: "", GQM_PASSWORD_HASH: "" };
  await assertRejects(
    () => denoServe({ entry, flags, env }, () => Promise.resolve()),
    Error,
    "GQM_API_KEY_HASH, GQM_PASSWORD_HASH or both must be set",
  );
});
