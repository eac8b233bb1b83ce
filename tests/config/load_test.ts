/** Files that are no configurations, and texts that are traps. On Deno, as `loadConfig` needs `@std/yaml`. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { ConfigError, loadConfig } from "../../src/config/mod.ts";
import { InvalidOptionError } from "../../src/errors.ts";

async function withFile(
  content: string | Uint8Array | undefined,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gqm_config_test_" });
  try {
    const path = join(folder, "gqm.yaml");
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else if (content !== undefined) await Deno.writeFile(path, content);
    await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusal(source: Parameters<typeof loadConfig>[0]): Promise<ConfigError> {
  return await assertRejects(() => loadConfig(source), ConfigError);
}

Deno.test("loadConfig reads a file, and fills in variables of the process's environment", async () => {
  const name = `GQM_TEST_${crypto.randomUUID().replaceAll("-", "")}`;
  Deno.env.set(name, "memory:from-the-environment");
  try {
    await withFile(`store: \${${name}}\n`, async (path) => {
      const config = await loadConfig(path);
      assertEquals(config.server.store, "memory:from-the-environment");
      assertEquals(config.path, path);
    });
  } finally {
    Deno.env.delete(name);
  }
});

Deno.test("loadConfig takes an environment of its own", async () => {
  const text = "store: ${STORE:-memory:a}\n";
  assertEquals((await loadConfig({ text }, { env: {} })).server.store, "memory:a");
  assertEquals(
    (await loadConfig({ text }, { env: { STORE: "memory:b" } })).server.store,
    "memory:b",
  );
  const error = await assertRejects(
    () => loadConfig({ text: "store: ${toString}" }, { env: {} }),
    ConfigError,
  );
  assertStringIncludes(error.message, "${toString}, which is not set");
});

Deno.test("loadConfig tells the file, line and column of all that is wrong", async () => {
  await withFile("app:\n  timezon: UTC\nqueue: []\n", async (path) => {
    const { code, problems, message } = await refusal(path);
    assertEquals(code, "INVALID_CONFIG");
    assertEquals(
      problems.map(({ path, line, column, suggestion }) => [path, line, column, suggestion]),
      [
        ["app.timezon", 2, 3, "timezone"],
        ["queue", 3, 1, "queues"],
      ],
    );
    assertStringIncludes(message, `Cannot load config as 2 things in ${path} are wrong:\n`);
    assertStringIncludes(message, `\n${path}:2:3: 'app.timezon' must be one of timezone, `);
  });
});

Deno.test("loadConfig tells why there is nothing to read", async () => {
  await withFile(undefined, async (path) => {
    const { message } = await refusal(path);
    assertStringIncludes(message, `'${path}' must be a file that can be read: `);
  });
  const folder = await Deno.makeTempDir({ prefix: "gqm_config_test_" });
  assertStringIncludes((await refusal(folder)).message, "must be a file, and is a folder");
  await Deno.remove(folder);
});

Deno.test("loadConfig refuses what is no text, or too large", async () => {
  const contents: readonly (readonly [Uint8Array, string])[] = [
    [new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]), "be text in UTF-8"],
    [new Uint8Array([0xff, 0xfe, 0x61, 0x00]), "be text in UTF-8"],
    [new Uint8Array([0x61, 0x3a, 0x00]), "be text, without control characters"],
    [new Uint8Array(1024 * 1024 + 1).fill(0x23), "be at most 1048576 bytes"],
  ];
  for (const [bytes, rule] of contents) {
    await withFile(bytes, async (path) => {
      assertEquals((await refusal(path)).problems.map((problem) => problem.rule), [rule]);
    });
  }
  const { problems } = await refusal({ text: "ä".repeat(600_000) });
  assertEquals(problems[0]?.rule, "be at most 1048576 bytes");
});

Deno.test("loadConfig takes a byte order mark", async () => {
  await withFile("\uFEFFstore: memory:a\n", async (path) => {
    assertEquals((await loadConfig(path)).server.store, "memory:a");
  });
  assertEquals((await loadConfig({ text: "\uFEFFstore: memory:a\n" })).server.store, "memory:a");
});

Deno.test("loadConfig gets out of traps", async () => {
  const types = Array.from({ length: 1000 }, (_, i) => `t${i}`).join(", ");
  const traps: readonly (readonly [string, string])[] = [
    [`a: ${"[".repeat(20_000)}`, "not nested without end"],
    [`pools:\n  - &p { name: a, job_types: [${types}] }\n${"  - *p\n".repeat(500)}`, "by aliases"],
    ["redis: &r\n  <<: *r\n", ""],
    ["pools: &p [*p, *p]\n", "'pools[0]' must be keys and their values"],
  ];
  for (const [text, words] of traps) {
    assertStringIncludes((await refusal({ text })).message, words);
  }
});

Deno.test("loadConfig refuses arguments that it does not know", async () => {
  const wrong = loadConfig as (source: unknown, options?: unknown) => Promise<unknown>;
  for (const args of [[{}], [{ text: 5 }], [{ text: "", file: "x" }], ["x", { environment: {} }]]) {
    await assertRejects(() => wrong(...args as [unknown]), InvalidOptionError);
  }
});

Deno.test("loadConfig reads a file without end no further than it must", {
  ignore: Deno.build.os === "windows",
}, async () => {
  assertEquals((await refusal("/dev/zero")).problems[0]?.rule, "be at most 1048576 bytes");
});

Deno.test("loadConfig tells what is wrong with a long file, and shows the beginning of it", async () => {
  const { problems, message } = await refusal({ text: `pools:\n${"- {a: 1}\n".repeat(2000)}` });
  assertEquals(problems.length, 6000); // an unknown key, no name and no types
  assertEquals(message.split("\n").length, 102);
  assertStringIncludes(message, "\nand 5900 more");
});
