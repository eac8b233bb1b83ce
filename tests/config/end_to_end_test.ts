/**
 * The `gqm.yaml` that GQM (Go) documents, with a password and a key: it is loaded, its server runs jobs, and
 * serves API and dashboard at the port of the file, to that user and that key. On Deno, as `loadConfig`
 * needs `@std/yaml`.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadConfig } from "../../src/config/mod.ts";
import { Client } from "../../src/enqueue/client.ts";
import { Server } from "../../src/run/server.ts";
import { redisStore } from "../../src/store/redis/store.ts";
import { removeKeys, testRedis, uniquePrefix } from "../support/redis/shared.ts";

const FILE = fileURLToPath(new URL("../fixtures/config/valid_as_documented.yaml", import.meta.url));
const KEY = "gqm_ak_0123456789abcdef0123456789abcdef0123456789abcdef";

/** A port that nobody listens at now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("the gqm.yaml that GQM (Go) documents runs a server and its dashboard", async () => {
  const url = testRedis();
  const prefix = uniquePrefix();
  const port = freePort();
  const text = (await Deno.readTextFile(FILE))
    .replace('"localhost:6379"', `"${new URL(url).host}"`)
    .replace('prefix: "gqm"', `prefix: "${prefix}"`)
    .replace('":8080"', `":${port}"`);
  const config = await loadConfig({ text, path: "gqm.yaml" });
  try {
    await using server = Server.fromConfig(config, { logLevel: "silent" });
    server.handle("email.send", ({ job }) => `sent ${job.id}`);
    await server.start();

    // A producer whose prefix ends in a colon means the same keys.
    await using store = redisStore(url, { prefix: `${prefix}:` });
    await using client = new Client({ store });
    const mail = await client.enqueue("email.send", {}, { queue: "critical" });
    assertEquals(await mail.result(), `sent ${mail.id}`);
    const schedule = await client.schedules.get("cleanup-daily");
    assertEquals([schedule?.source, schedule?.cron], ["config", "0 0 2 * * *"]);

    const base = `http://localhost:${port}`;
    const page = await fetch(`${base}/dashboard/`);
    assertEquals(page.status, 200);
    assertStringIncludes(await page.text(), "<html");
    assertEquals(await statusOf(`${base}/api/v1/queues`), 401);

    const headers = { "x-api-key": KEY };
    const { data } = await (await fetch(`${base}/api/v1/queues/critical`, { headers })).json();
    assertEquals(data.completed, 1);
    const pause = `${base}/api/v1/queues/critical/pause`;
    assertEquals(await statusOf(pause, { method: "POST", headers }), 403);

    const cookie = await loginAt(base, "correct horse");
    assertEquals(await (await fetch(`${base}/auth/me`, { headers: { cookie } })).json(), {
      ...{ username: "admin", role: "admin" },
    });
    const csrf = { cookie, "x-gqm-csrf": "1" };
    assertEquals(await statusOf(pause, { method: "POST", headers: csrf }), 200);
    assertEquals(await statusOf(`${base}/auth/login`, loginWith("wrong horse")), 401);
  } finally {
    await removeKeys(url, prefix);
  }
});

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

function loginWith(password: string): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify({ username: "admin", password }) };
}

async function loginAt(base: string, password: string): Promise<string> {
  const response = await fetch(`${base}/auth/login`, loginWith(password));
  assertEquals(response.status, 200);
  await response.body?.cancel();
  const session = response.headers.getSetCookie().find((one) => one.startsWith("gqm_session="));
  return session!.split(";")[0]!;
}
