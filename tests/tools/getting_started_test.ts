/** `docs/getting-started.md`, followed to the letter on Deno, Bun and Node: its files, and its commands. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { besideCheckout, denoJsonOf, filesOf } from "../../tools/first_steps/pages.ts";
import { runtimes } from "../../tools/runtimes.ts";

const ROOT = join(import.meta.dirname!, "../..");
const page = await Deno.readTextFile(join(ROOT, "docs/getting-started.md"));
const { bun, node } = await runtimes();

/** What a reader types, with the runtime's own executable. */
const commands = {
  deno: { bin: Deno.execPath(), run: ["run", "-A"], test: ["test", "-A"] },
  bun: { bin: bun.bin, run: [], test: ["test"] },
  node: { bin: node.bin, run: [], test: ["--test"] },
} as const;

/** Writes the page's files into a folder beside the checkout, as it says. */
async function follow(runtime: keyof typeof commands): Promise<string> {
  const home = await Deno.makeTempDir();
  await Deno.symlink(ROOT, join(home, "gqm"));
  const folder = join(home, "first");
  await Deno.mkdir(folder);
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  for (const [name, text] of filesOf(page)) {
    await write(name, runtime === "deno" ? text : besideCheckout(text));
  }
  if (runtime === "deno") await write("deno.json", denoJsonOf(page));
  else await write("package.json", '{ "type": "module" }');
  return folder;
}

for (const [runtime, { bin, run, test }] of Object.entries(commands)) {
  Deno.test(`docs/getting-started.md leads to a worker and a test on ${runtime}`, async () => {
    const cwd = await follow(runtime as keyof typeof commands);
    const env = { NO_COLOR: "1" };
    const command = (...args: string[]) =>
      new Deno.Command(bin, { args, cwd, env, stdin: "null", stdout: "piped", stderr: "piped" });
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    const worker = command(...run, "worker.ts").spawn();
    try {
      const produced = await command(...run, "producer.ts").output();
      assertMatch(
        text(produced.stdout),
        /^enqueued (\S+)\nsent as \1@example\.com\n$/,
        text(produced.stderr),
      );
      assertEquals(produced.code, 0);
    } finally {
      worker.kill("SIGTERM");
    }
    const stopped = await worker.output();
    assertEquals(stopped.code, 0, text(stopped.stderr));
    assertMatch(text(stopped.stderr), /Server stopped/);

    const tested = await command(...test).output();
    const said = text(tested.stdout) + text(tested.stderr);
    assertEquals(tested.code, 0, said);
    for (const [, name] of page.matchAll(/^test\("(.*?)"/gm)) assertMatch(said, RegExp(name!));
    await Deno.remove(join(cwd, ".."), { recursive: true });
  });
}
