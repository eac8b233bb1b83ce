/** The dashboard under `deno serve`, with no permission to touch files: its own are part of the program. */

import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { denoServe } from "../../support/deno_serve.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("the dashboard needs no permission to read files", async () => {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    entry,
    `import { createMonitor, memoryStore } from "${new URL("mod.ts", ROOT)}";
const { fetch } = createMonitor({ store: memoryStore(), auth: "none", dashboard: true });
export default { fetch };
`,
  );
  const config = `--config=${fileURLToPath(new URL("deno.json", ROOT))}`;
  const flags = [config, "--allow-net=127.0.0.1", "--allow-env"];
  try {
    await denoServe({ entry, flags }, async (url) => {
      const page = await fetch(`${url}/dashboard`);
      assertEquals(page.status, 200);
      assertMatch(await page.text(), /<title>GQM<\/title>/);
      const script = await fetch(`${url}/dashboard/main.js`);
      assertEquals(script.status, 200);
      await script.body?.cancel();
      const queues = await fetch(`${url}/api/v1/queues`);
      assertEquals(await queues.json(), { data: [] });
    });
  } finally {
    await Deno.remove(entry);
  }
});
