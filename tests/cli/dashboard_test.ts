import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { sources } from "../../src/monitor/dashboard/sources.gen.ts";
import { runGqm } from "../support/gqm.ts";

const { version } = JSON.parse(
  await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
);

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gqm-export-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All files of a folder, by their paths. */
async function filesOf(folder: string, prefix = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(files, await filesOf(path, `${prefix}${name}/`));
    else files[prefix + name] = await Deno.readTextFile(path);
  }
  return files;
}

const wanted: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(sources).map(([path, { text }]) => [path, text])),
  VERSION: `${version}\n`,
};

Deno.test("dashboard export writes the files as people read them, and the version", () =>
  inFolder(async (folder) => {
    for (const dir of [`${folder}/a/b`, `${folder}/a/b2/`]) {
      assertEquals(await runGqm(["dashboard", "export", dir]), {
        code: 0,
        stdout: `✓ Dashboard exported to ${dir}\n`,
        stderr: "",
      });
      assertEquals(await filesOf(dir), wanted);
    }
    assertStringIncludes(wanted["main.js"]!, "@ts-check");
    assertStringIncludes(wanted["vendor/THIRD_PARTY_LICENSES.txt"]!, "preact");
    const empty = `${folder}/empty`;
    await Deno.mkdir(empty);
    assertEquals((await runGqm(["dashboard", "export", empty])).code, 0);
    assertEquals(await filesOf(empty), wanted);
  }));

Deno.test("dashboard export leaves a folder with files alone, unless it is forced", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.js`, "mine");
    await Deno.writeTextFile(`${folder}/own.js`, "mine");
    const refused = await runGqm(["dashboard", "export", folder]);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    const rule = "Cannot export dashboard as the folder must be empty, or '--force' be given";
    assertEquals(refused.stderr, `✗ gqm: ${rule}: current value is '${folder}'\n`);
    assertEquals(await filesOf(folder), { "main.js": "mine", "own.js": "mine" });
    assertEquals((await runGqm(["dashboard", "export", "--force", folder])).code, 0);
    assertEquals(await filesOf(folder), { ...wanted, "own.js": "mine" });
  }));

Deno.test("dashboard export leaves nothing half behind when it cannot end", () =>
  inFolder(async (folder) => {
    const [target, outside] = [`${folder}/target`, `${folder}/outside`];
    await Deno.mkdir(target);
    await Deno.mkdir(outside);
    await Deno.writeTextFile(`${target}/main.js`, "mine");
    await Deno.writeTextFile(`${folder}/file`, "mine");
    // Where a folder is needed there is a file, and then a link that leads elsewhere.
    await Deno.writeTextFile(`${target}/views`, "mine");
    for (const dir of [target, `${folder}/file`, `${folder}/file/below`]) {
      const { code, stdout, stderr } = await runGqm(["dashboard", "export", dir, "--force"]);
      assertEquals([code, stdout], [1, ""], dir);
      assert(stderr.startsWith(`✗ gqm: Cannot export dashboard to '${dir}': `), stderr);
    }
    await Deno.remove(`${target}/views`);
    await Deno.symlink(outside, `${target}/views`);
    const led = await runGqm(["dashboard", "export", target, "--force"]);
    assertEquals(led.code, 1);
    assertStringIncludes(led.stderr, "no link may lead out");
    await Deno.remove(`${target}/views`);
    const { file, ...left } = await filesOf(folder);
    assertEquals([file, left], ["mine", { "target/main.js": "mine" }]);
  }));

const wrong: readonly (readonly [readonly string[], string])[] = [
  [[], "say what to do with dashboard"],
  [["exprt", "x"], "unknown command 'dashboard exprt'; did you mean 'export'?"],
  [["export"], "DIR is missing"],
  [["export", "a", "b"], "unexpected argument 'b'"],
  [["export", "a", "--forse"], "unknown flag '--forse'; did you mean '--force'?"],
];
for (const [args, message] of wrong) {
  Deno.test(`gqm dashboard ${args.join(" ")} is refused with its usage`, async () => {
    const { code, stdout, stderr } = await runGqm(["dashboard", ...args]);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `✗ gqm: ${message}\n\nUsage: gqm dashboard `);
  });
}
