/** The worker on Bun, for a producer on Deno, one on Node, and a script that cannot be bundled. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { Client, JobFailedError } from "../../../mod.ts";
import { runtimes } from "../../../tools/runtimes.ts";
import { runApp, RunningApp, TempFolder } from "./support.ts";

const APP = "bun-worker";
const { bun, node } = await runtimes();

Deno.test("bun-worker bundles for producers on Deno and Node", async () => {
  await using folder = await TempFolder.make();
  const args = [folder.path];
  const bundles = join(folder.path, "bundles");
  await using worker = RunningApp.start(APP, { args, runtime: bun.bin });
  await worker.line(/^bundles scripts/);

  for (const runtime of [undefined, node.bin]) {
    const { stdout } = await runApp(APP, { args, script: "producer.ts", runtime });
    assertMatch(stdout, /^cart\.ts: \d+ bytes in cart\.js, by Bun [\d.]+\ngreeting\.ts: \d+ bytes/);
    const cart = await Deno.readTextFile(join(bundles, "cart.js"));
    new Function(cart)();
    const { cartTotal } = globalThis as unknown as { cartTotal(lines: object[]): string };
    assertEquals(cartTotal([{ cents: 250, count: 3 }, { cents: 5, count: 1 }]), "7.55");
    await Deno.remove(bundles, { recursive: true });
    await Deno.mkdir(bundles);
  }

  const entry = join(folder.path, "wrong.ts");
  await Deno.writeTextFile(entry, "const const = 1;");
  {
    await using client = new Client({ store: `sqlite:${join(folder.path, "gqm.db")}` });
    const handle = await client.enqueue("script.bundle", { entry });
    const { job } = await assertRejects(() => handle.result(), JobFailedError);
    assertEquals([job.status, job.error], ["dead_letter", "wrong.ts cannot be bundled"]);
    assertMatch(job.logs.map(({ text }) => text).join("\n"), /const/);
  }

  const { code, stdout } = await worker.stop();
  assertEquals(code, 0);
  assertMatch(stdout, /^stopped$/m);
});

Deno.test("bun-worker refuses to run on another runtime", async () => {
  await using folder = await TempFolder.make();
  const app = RunningApp.start(APP, { args: [folder.path] });
  const { code, stderr } = await app.ended;
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot bundle as this worker must run on Bun/);
});
