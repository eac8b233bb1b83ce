/** A server as a file, run by its own main module and by `gqm run`. On Deno, as its YAML is JSR's. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stdArgs } from "../../../tools/std.ts";
import { hashes } from "../../support/monitor.ts";
import { RunningApp, TempFolder } from "./support.ts";

const runtimeArgs = await stdArgs();

/** Waits until a file is there and holds a text. */
async function fileWith(path: string, text: string): Promise<string> {
  for (;;) {
    const content = await readFile(path, "utf8").catch(() => "");
    if (content.includes(text)) return content;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function isThere(path: string): Promise<boolean> {
  return await readFile(path).then(() => true, () => false);
}

/** What a line that an application prints says behind its colon. */
async function said(app: RunningApp, name: string): Promise<string> {
  return (await app.line(new RegExp(`^${name}: `))).slice(name.length + 2);
}

Deno.test("examples/apps/config-driven serves what its file says until SIGTERM", async () => {
  await using folder = await TempFolder.make();
  const asked: string[] = [];
  await using site = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    asked.push(new URL(url).pathname);
    return new Response("gone", { status: 410 });
  });
  const url = `http://127.0.0.1:${site.addr.port}/shop`;
  const old = join(folder.path, "results", "old.example.json");
  await mkdir(join(folder.path, "results"));
  await writeFile(old, JSON.stringify({ url: "http://old.example/", at: 0, says: "200" }));

  await using app = RunningApp.start("config-driven", {
    args: [folder.path],
    env: { ADDR: "127.0.0.1:0" },
    runtimeArgs,
  });
  const shop = await said(app, "SHOP_KEY");
  const ops = await said(app, "OPS_KEY");
  const password = await said(app, "password of admin");
  const api = new URL(await said(app, "dashboard")).origin;

  /** A request to the API: its status. */
  const status = async (path: string, key: string, body?: unknown): Promise<number> => {
    const response = await fetch(`${api}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      ...body !== undefined && { body: JSON.stringify(body) },
    });
    await response.body?.cancel();
    return response.status;
  };

  const check = { type: "site.check", queue: "checks", payload: { url }, limit_key: "shop" };
  assertEquals(await status("/api/v1/jobs", "", check), 401);
  assertEquals(await status("/api/v1/jobs", shop, { type: "page.write" }), 403);
  assertEquals(await status("/api/v1/jobs", shop, check), 201);
  assertEquals(await status("/api/v1/queues", shop), 403);
  assertEquals(await status("/api/v1/queues", ops), 200);
  assertEquals(await status("/dashboard/", ""), 200);
  const login = await fetch(`${api}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password }),
  });
  await login.body?.cancel();
  assertEquals(login.status, 200);

  const page = join(folder.path, "sites.html");
  const content = await fileWith(page, url);
  assertMatch(content, /<td>410<td>/);
  assertMatch(content, /old\.example/);
  assertEquals(asked, ["/shop"]);

  assert(await isThere(old));
  assertEquals(await status("/api/v1/cron/forget/trigger", ops, {}), 200);
  while (await isThere(old)) await new Promise((resolve) => setTimeout(resolve, 25));

  const { code, stderr } = await app.stop();
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("examples/apps/config-driven/handlers.ts is what gqm run takes", async () => {
  await using folder = await TempFolder.make();
  const file = (name: string): string => join("examples", "apps", "config-driven", name);
  await using gqm = RunningApp.start("config-driven", {
    script: join("..", "..", "..", "cli.ts"),
    args: ["run", file("handlers.ts"), "--config", file("gqm.yaml")],
    env: {
      ADDR: "127.0.0.1:0",
      OUTPUT: folder.path,
      GQM_STORE: `sqlite:${join(folder.path, "gqm.db")}`,
      ADMIN_PASSWORD_HASH: hashes.ada,
      SHOP_KEY: `sha256:${"1".repeat(64)}`,
      OPS_KEY: `sha256:${"2".repeat(64)}`,
    },
    runtimeArgs,
  });
  const written = fileWith(join(folder.path, "sites.html"), "<h1>Sites</h1>");
  const ended = gqm.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  ended.catch(() => {});
  await Promise.race([written, ended]);
  const { code } = await gqm.stop();
  assertEquals(code, 0);
});

Deno.test("examples/apps/config-driven tells all that is wrong and does not start", async () => {
  await using folder = await TempFolder.make();
  await using app = RunningApp.start("config-driven", {
    args: [folder.path],
    env: { ADDR: "nowhere", LOG_LEVEL: "loud" },
    runtimeArgs,
  });
  const { code, stderr } = await app.ended;
  assertEquals(code, 2);
  assertMatch(stderr, /gqm\.yaml:\d+:\d+: 'app\.log_level' must be one of/);
  assertMatch(stderr, /gqm\.yaml:\d+:\d+: 'monitoring\.api\.addr' must be host and port/);
});
