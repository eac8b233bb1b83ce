/** The two snippets of `docs/threads.md`, put together as its reader would, are a program that runs. */

import { assertEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = new URL("../../", import.meta.url);

Deno.test("docs/threads.md has a pool and a module that run a job", async () => {
  const page = await Deno.readTextFile(new URL("docs/threads.md", ROOT));
  const blocks = [...page.matchAll(/```ts.*\n([^]*?)```/g)].map(([, text]) =>
    text!.replace('"@gqm/gqm"', JSON.stringify(new URL("mod.ts", ROOT).href))
  );
  assertEquals(blocks.length, 2);
  const [pool, module] = blocks;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "images.ts"), module!);
    const main = join(folder, "main.ts");
    const mod = JSON.stringify(new URL("mod.ts", ROOT).href);
    await Deno.writeTextFile(
      main,
      `import { Client } from ${mod};
import { jobs } from "./images.ts";
${pool!.replace("store: memoryStore()", 'store: "memory:page", logLevel: "error"')}
await server.start();
const client = new Client({ jobs, store: "memory:page" });
const handle = await client.enqueue("image.resize", { width: 320 });
console.log(await handle.result());
await client.close();
await server.stop();
`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-lock", main],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    assertEquals({ code, said: text(stdout) }, { code: 0, said: "resized to 320\n" }, text(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
