/** The dashboard under `deno serve`, with no permission to touch files: its own are part of the program. */

import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";

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
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["serve", "--no-check", "--no-prompt", "--host=127.0.0.1", "--port=0"],
      ...[`--config=${fileURLToPath(new URL("deno.json", ROOT))}`, "--allow-net=127.0.0.1"],
      ...["--allow-env", entry],
    ],
    env: { NO_COLOR: "1" },
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
    const page = await fetch(`${url}/dashboard`);
    assertEquals(page.status, 200, text);
    assertMatch(await page.text(), /<title>GQM<\/title>/);
    const script = await fetch(`${url}/dashboard/main.js`);
    assertEquals(script.status, 200);
    await script.body?.cancel();
    const queues = await fetch(`${url}/api/v1/queues`);
    assertEquals(await queues.json(), { data: [] });
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(entry);
  }
});
