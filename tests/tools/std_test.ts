/** The stand-ins for JSR packages behave as the packages do, and are used only where needed. */

import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { parse, stringify } from "@std/yaml";
import { join } from "node:path";

const TOOL = join(import.meta.dirname ?? ".", "../../tools/std.ts");

async function printed(env: Record<string, string>): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", TOOL],
    env,
  }).output();
  const decoder = new TextDecoder();
  return { code, output: code === 0 ? decoder.decode(stdout) : decoder.decode(stderr) };
}

/** Runs a server that answers every request with one status, and asks the tool about it. */
async function printedFor(status: number): Promise<string> {
  const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("{}", { status }));
  try {
    return (await printed({ STD: "", JSR_URL: `http://127.0.0.1:${server.addr.port}/` })).output;
  } finally {
    await server.shutdown();
  }
}

Deno.test("std prints nothing when told that JSR is there", async () => {
  assertEquals(await printed({ STD: "jsr" }), { code: 0, output: "" });
});

Deno.test("std prints nothing when the registry answers", async () => {
  assertEquals(await printedFor(200), "");
});

Deno.test("std prints an import map when the registry refuses", async () => {
  assertMatch(await printedFor(503), /^--import-map=data:application\/json,\S+\n$/);
});

Deno.test("std prints an import map when the registry is not there", async () => {
  const { output } = await printed({ STD: "", JSR_URL: "http://127.0.0.1:9/" });
  assertMatch(output, /^--import-map=\S+\n$/);
});

Deno.test("std replaces the jsr imports of deno.json and repeats the others", async () => {
  const { output } = await printed({ STD: "npm" });
  const map = JSON.parse(decodeURIComponent(output.slice(output.indexOf(",") + 1)));
  const config = JSON.parse(await Deno.readTextFile(join(TOOL, "../../deno.json")));
  assertEquals(map.imports.ioredis, config.imports.ioredis);
  assertMatch(map.imports["@std/yaml"], /^file:\/\/.*\/tools\/std\/yaml\.ts$/);
  assertEquals(Object.values(map.imports).filter((to) => String(to).startsWith("jsr:")), []);
});

Deno.test("std refuses a choice that is neither jsr nor npm", async () => {
  const { code, output } = await printed({ STD: "yes" });
  assertEquals(code, 1);
  assertStringIncludes(output, `'STD' must be jsr or npm: "yes"`);
});

interface Line {
  readonly args: string[];
  readonly options: Parameters<typeof parseArgs>[1];
  readonly gives: Record<string, unknown>;
}

const LINES: readonly Line[] = [
  {
    args: ["demo", "--once", "--dir=a b", "--store", "sqlite:x.db"],
    options: { boolean: ["once"], string: ["dir", "store"] },
    gives: { _: ["demo"], once: true, dir: "a b", store: "sqlite:x.db" },
  },
  { args: [], options: { boolean: ["once"], string: ["dir"] }, gives: { _: [], once: false } },
  {
    args: ["--no-color", "x"],
    options: { boolean: ["color"], negatable: ["color"], default: { color: true } },
    gives: { _: ["x"], color: false },
  },
  {
    args: ["--no-color"],
    options: { boolean: ["color"] },
    gives: { _: [], "no-color": true, color: false },
  },
  {
    args: ["-v", "-q", "a", "--queue=b"],
    options: { alias: { v: "verbose", q: "queue" }, string: ["queue"], collect: ["queue"] },
    gives: { _: [], v: true, verbose: true, q: ["a", "b"], queue: ["a", "b"] },
  },
  { args: [], options: { string: ["tag"], collect: ["tag"] }, gives: { _: [], tag: [] } },
  { args: ["--n", "1", "--n", "2"], options: {}, gives: { _: [], n: 2 } },
  { args: ["7", "--id", "8"], options: { string: ["id"] }, gives: { _: [7], id: "8" } },
  {
    args: ["-g", "run", "--a", "--no-b"],
    options: { boolean: ["g"], stopEarly: true },
    gives: { _: ["run", "--a", "--no-b"], g: true },
  },
  { args: ["x", "--", "--y"], options: { "--": true }, gives: { _: ["x"], "--": ["--y"] } },
];

for (const { args, options, gives } of LINES) {
  Deno.test(`parseArgs reads ${JSON.stringify(args)} with ${JSON.stringify(options)}`, () => {
    assertEquals({ ...parseArgs(args, options) }, gives);
  });
}

Deno.test("parseArgs infers the types of declared options", () => {
  const args = parseArgs(["--once", "--store", "x", "--tag", "a"], {
    boolean: ["once"],
    string: ["store", "dir", "tag"],
    collect: ["tag"],
    default: { dir: "." },
  });
  const once: boolean = args.once;
  const store: string | undefined = args.store;
  const dir: string = args.dir;
  const tags: string[] = args.tag;
  assertEquals([once, store, dir, tags], [true, "x", ".", ["a"]]);
});

Deno.test("parseArgs tells of undeclared options and leaves out the refused", () => {
  const told: unknown[] = [];
  const args = parseArgs(["pos", "--known", "--odd=1", "--no-way"], {
    boolean: ["known"],
    unknown: (arg, key) => {
      told.push([arg, key]);
      return key === undefined;
    },
  });
  assertEquals(told, [["pos", undefined], ["--odd=1", "odd"], ["--no-way", "no-way"]]);
  assertEquals({ ...args }, { _: ["pos"], known: true });
});

Deno.test("yaml parse reads the types of the default schema", () => {
  const text = "n: 0x1F\nt: 2024-01-02T03:04:05Z\nb: &b {k: [1, ~, yes]}\nm: {<<: *b, z: 'a'}\n";
  assertEquals(parse(text), {
    n: 31,
    t: new Date("2024-01-02T03:04:05Z"),
    b: { k: [1, null, "yes"] },
    m: { k: [1, null, "yes"], z: "a" },
  });
  assertEquals(parse(""), null);
});

for (const text of ["a: 1\na: 2\n", "a: [1", "--- 1\n--- 2\n", "a: !odd 1", "'x", "a: b: c"]) {
  Deno.test(`yaml parse refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parse(text), SyntaxError);
  });
}

Deno.test("yaml parse takes the last of equal keys when allowed", () => {
  assertEquals(parse("a: 1\na: 2\n", { allowDuplicateKeys: true }), { a: 2 });
});

Deno.test("yaml stringify writes what parse reads", () => {
  const value = { b: [1, { c: null }], a: "yes", d: "12", e: "two\nlines", f: [], g: {} };
  assertEquals(parse(stringify(value)), value);
  assertMatch(stringify(value, { sortKeys: true }), /^a: '?yes'?\nb:\n {2}- 1\n {2}- c: null\n/);
});
