/** The function at the edge alone: under `deno serve` with the network and nothing else, and as a bundle. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, memoryStore, newApiKey, Server } from "../../../mod.ts";
import { denoServe } from "../../support/deno_serve.ts";
import { TempFolder } from "./support.ts";

const edge = new URL("../../../examples/apps/edge-producer/edge.ts", import.meta.url);

/** Serves the function, in front of a monitor, until the test has sent what it wants. */
async function atEdge(
  run: (send: (body: unknown) => Promise<Response>, client: Client) => Promise<void>,
): Promise<void> {
  await using store = memoryStore();
  await using client = new Client({ store });
  const { key, hash } = await newApiKey();
  const shop = { name: "shop", key: hash, role: "producer", queues: ["orders"] } as const;
  await using server = new Server({
    store,
    logLevel: "silent",
    api: { addr: "127.0.0.1:0", auth: { apiKeys: [shop] } },
  });
  await server.start();
  await using folder = await TempFolder.make();
  const entry = join(folder.path, "entry.ts");
  const env = { GQM_URL: server.api!.url, GQM_KEY: key };
  await Deno.writeTextFile(
    entry,
    `import { handle } from ${JSON.stringify(edge.href)};
     const env = ${JSON.stringify(env)};
     export default { fetch: (request: Request) => handle(request, env) };`,
  );
  await denoServe({ entry, flags: ["--allow-net=127.0.0.1"] }, async (url) => {
    const send = (body: unknown) =>
      fetch(`${url}/orders`, { method: "POST", body: JSON.stringify(body) });
    await run(send, client);
  });
}

Deno.test("edge-producer needs the network alone, and enqueues once what is delivered twice", async () => {
  await atEdge(async (send, client) => {
    const [first, again] = [
      await send({ id: "e-1", order: 7 }),
      await send({ id: "e-1", order: 7 }),
    ];
    assertEquals([first.status, again.status], [202, 202]);
    const { job } = await first.json();
    assertEquals((await again.json()).job, job);
    assertEquals((await client.getJob(job))?.payload, { order: 7 });
    assertEquals((await client.insight.stats()).counts.ready, 1);

    const other = await send({ id: "e-1", order: 8 });
    assertEquals([other.status, await other.json()], [409, { message: "not accepted" }]);
    const wrong = await send({ order: 8 });
    assertEquals(wrong.status, 400);
    await wrong.body?.cancel();
    assertEquals((await client.insight.stats()).counts.ready, 1);
  });
});

Deno.test("edge-producer is bundled for browsers without anything of Node", async () => {
  await using folder = await TempFolder.make();
  const output = join(folder.path, "edge.js");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "-o", output, fileURLToPath(edge)],
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const text = await Deno.readTextFile(output);
  assertMatch(text, /idempotency-key/);
  assertEquals(text.match(/^import\b|\bimport\(|\brequire\b|node:|\bDeno\b|\bprocess\b/gm), null);
});
