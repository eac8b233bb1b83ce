/** `gqm run`, as a supervisor starts and ends it. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Client } from "../../mod.ts";
import { runGqm, startGqm } from "../support/gqm.ts";

const MODULE = `
export default async (server) => {
  await Promise.resolve();
  server.handle("greet", ({ job }) => console.log("hello", job.payload));
};
`;

async function withModule(
  source: string,
  use: (file: string, store: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gqm-run-" });
  try {
    await Deno.writeTextFile(`${folder}/jobs.js`, source);
    await use(`${folder}/jobs.js`, `sqlite:${folder}/gqm.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("run works with the handlers of a module, shows the dashboard, and ends when told to", () =>
  withModule(MODULE, async (file, store) => {
    await using client = new Client({ store });
    const handle = await client.enqueue("greet", "ada");
    const child = await startGqm([
      ...["run", file, "--store", store],
      ...["--dashboard", "127.0.0.1:0", "--log-level", "warn"],
    ]);
    const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    while (!/Dashboard: \S+\n/.test(told)) {
      const { value, done } = await stderr.read();
      if (done) break;
      told += value;
    }
    assertStringIncludes(told, "; Ctrl-C ends it\n");
    const url = /Dashboard: (\S+)\n/.exec(told)![1]!;
    assertStringIncludes(await (await fetch(url)).text(), "<title>GQM</title>");
    await handle.result();
    child.kill("SIGTERM");
    await stderr.cancel();
    const { code } = await child.status;
    assertEquals([code, await new Response(child.stdout).text()], [0, "hello ada\n"]);
  }));

Deno.test("run refuses a module without a function, and one that is not there", () =>
  withModule("export default 1;", async (file) => {
    const wrong = await runGqm(["run", file]);
    assertEquals([wrong.code, wrong.stdout], [1, ""]);
    assertStringIncludes(
      wrong.stderr,
      "its default export must be a function that gets the server",
    );
    const missing = await runGqm(["run", `${file}.none`]);
    assertEquals([missing.code, missing.stdout], [1, ""]);
    assertStringIncludes(missing.stderr, "✗ gqm: ");
  }));

for (
  const [what, config, hint] of [
    ["flags", undefined, "'--store' names another"],
    ["a configuration", "gqm.yaml", "'--store' or 'store' in"],
  ] as const
) {
  Deno.test(`run says where another store is named when that of ${what} is not there`, () =>
    withModule(MODULE, async (file) => {
      const folder = file.replace(/[^/]*$/, "");
      const store = `sqlite:${folder}nowhere/gqm.db`;
      if (config !== undefined) await Deno.writeTextFile(folder + config, `store: "${store}"\n`);
      const more = config === undefined ? ["--store", store] : ["--config", folder + config];
      const { code, stderr } = await runGqm(["run", file, ...more]);
      assertEquals(code, 1, stderr);
      assertStringIncludes(stderr, hint);
    }));
}

Deno.test("run ends when the module stops its server by itself", () =>
  withModule(
    `export default (server) => {
      server.handle("greet", () => {}, { onComplete: () => void server.stop() });
    };`,
    async (file, store) => {
      await using client = new Client({ store });
      await client.enqueue("greet");
      const { code, stderr } = await runGqm(["run", file, "--store", store]);
      assertEquals(code, 0, stderr);
    },
  ));
