/** The import rules: violations planted in a small tree of sources, and a clean tree. */

import { dirname, join } from "node:path";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readGraph } from "../../tools/layers/graph.ts";
import { violations } from "../../tools/layers.ts";

/** A tree in which every import is allowed, with each kind of import. */
const CLEAN: Readonly<Record<string, string>> = {
  "deno.json": JSON.stringify({
    imports: { "@std/yaml": "jsr:@std/yaml@^1", ioredis: "npm:ioredis@^6", pg: "npm:pg@^8" },
  }),
  "mod.ts": 'export { Client } from "./src/enqueue/client.ts";\n' +
    'export { open } from "./src/store/open.ts";\nexport { Pool } from "./src/run/pool.ts";\n',
  "cli.ts": 'import "./src/cli/main.ts";\n',
  "src/clock.ts": "export const clock = 1;\n",
  "src/job/job.ts": "export interface Job { readonly id: string }\n",
  "src/store/store.ts": 'export type { Job } from "../job/job.ts";\n',
  "src/store/open.ts": 'export const open = () => import("./memory/store.ts");\n',
  "src/store/memory/store.ts": 'import { Job } from "../store.ts";\nexport const s: Job[] = [];\n',
  "src/store/redis/store.ts": 'import type { Redis } from "ioredis";\nexport type R = Redis;\n' +
    'export const connect = () => import("ioredis");\n',
  "src/enqueue/client.ts": 'import "../clock.ts";\nimport "../store/open.ts";\n' +
    "export class Client {}\n",
  "src/claim/claimer.ts": "export class Claimer {}\n",
  "src/settle/decide.ts": 'import type { Job } from "../job/job.ts";\nexport type J = Job;\n',
  "src/settle/settler.ts": 'import "./decide.ts";\nexport class Settler {}\n',
  "src/run/pool.ts": 'import "../claim/claimer.ts";\nimport "../settle/settler.ts";\n' +
    "export class Pool {}\n",
  "src/run/slots.ts": 'import "../settle/decide.ts";\nimport "node:events";\n',
  "src/runtime/node.ts": 'import "../clock.ts";\nimport "node:fs";\n' +
    'new Worker(new URL("./worker.ts", import.meta.url));\n',
  "src/runtime/worker.ts": "",
  "src/cli/main.ts": 'import { parse } from "@std/yaml";\nimport "../../mod.ts";\nparse("");\n',
  "src/testing/mod.ts": 'import "../store/memory/store.ts";\n',
  "src/store/redis/scripts.gen.ts": "\n".repeat(900),
};

async function withTree(
  changes: Readonly<Record<string, string>>,
  use: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "gqm layers test " });
  try {
    for (const [path, text] of Object.entries({ ...CLEAN, ...changes })) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const PLANTED: readonly { what: string; tree: Record<string, string>; found: RegExp[] }[] = [
  { what: "nothing in a clean tree", tree: {}, found: [] },
  {
    what: "the vocabulary importing the ground",
    tree: { "src/job/id.ts": '\n\nimport "../clock.ts";\n' },
    found: [/^src\/job\/id\.ts:3 imports src\/clock\.ts: rule "the vocabulary .*", do .+/],
  },
  {
    what: "a stage importing another",
    tree: { "src/claim/lease.ts": 'import "../settle/settler.ts";\n' },
    found: [/^src\/claim\/lease\.ts:1 imports src\/settle\/settler\.ts: rule "a stage imports/],
  },
  {
    what: "a stage importing another for its types alone",
    tree: { "src/claim/lease.ts": 'import type { S } from "../settle/settler.ts";\n' },
    found: [/^src\/claim\/lease\.ts:1 imports src\/settle\/settler\.ts/],
  },
  {
    what: "a type named by import() in a type",
    tree: { "src/claim/lease.ts": 'export type S = import("../settle/settler.ts").Settler;\n' },
    found: [/^src\/claim\/lease\.ts:1 imports src\/settle\/settler\.ts/],
  },
  {
    what: "a stage importing an adapter dynamically",
    tree: { "src/claim/lease.ts": 'await import("../store/memory/store.ts");\n' },
    found: [/^src\/claim\/lease\.ts:1 imports src\/store\/memory\/store\.ts/],
  },
  {
    what: "a stage starting another's worker",
    tree: { "src/run/thread.ts": 'new URL("../claim/claimer.ts", import.meta.url);\n' },
    found: [/^src\/run\/thread\.ts:1 imports src\/claim\/claimer\.ts/],
  },
  {
    what: "a re-export across stages",
    tree: {
      "src/ready/cron.ts": 'export * from "../retain/prune.ts";\n',
      "src/retain/prune.ts": "",
    },
    found: [/^src\/ready\/cron\.ts:1 imports src\/retain\/prune\.ts/],
  },
  {
    what: "a pure file with an impure import",
    tree: { "src/settle/decide.ts": 'import "./settler.ts";\n' },
    found: [/^src\/settle\/decide\.ts:1 imports src\/settle\/settler\.ts: rule "a pure file/],
  },
  {
    what: "an adapter importing a stage",
    tree: { "src/store/memory/settle.ts": 'import "../../settle/settler.ts";\n' },
    found: [/^src\/store\/memory\/settle\.ts:1 imports .*: rule "an adapter knows the port/],
  },
  {
    what: "an adapter importing another",
    tree: { "src/store/sqlite/store.ts": 'import "../memory/store.ts";\n' },
    found: [/^src\/store\/sqlite\/store\.ts:1 imports src\/store\/memory\/store\.ts/],
  },
  {
    what: "the port importing an adapter",
    tree: { "src/store/wake.ts": 'import "./memory/store.ts";\n' },
    found: [/^src\/store\/wake\.ts:1 imports src\/store\/memory\/store\.ts: rule "the port/],
  },
  {
    what: "the runtime importing a stage",
    tree: { "src/runtime/bun.ts": 'import "../run/slots.ts";\n' },
    found: [/^src\/runtime\/bun\.ts:1 imports src\/run\/slots\.ts: rule "a runtime's adapter/],
  },
  {
    what: "the library importing the command line, and what that brings",
    tree: {
      "src/run/slots.ts": 'import "../cli/main.ts";\n',
      "mod.ts": 'import "./src/run/slots.ts";',
    },
    found: [
      /^src\/run\/slots\.ts:1 imports src\/cli\/main\.ts/,
      /^src\/cli\/main\.ts:1 .*@std\/yaml/,
    ],
  },
  {
    what: "a JSR package behind the door",
    tree: { "src/claim/claimer.ts": 'import { parse } from "@std/yaml";\nparse("");\n' },
    found: [
      /^src\/claim\/claimer\.ts:1 imports @std\/yaml: rule "mod\.ts and all it reaches import/,
    ],
  },
  {
    what: "nothing in tracing that loads its package",
    tree: { "src/otel/mod.ts": 'import { trace } from "@opentelemetry/api";\ntrace;\n' },
    found: [],
  },
  {
    what: "the library loading what tracing may",
    tree: { "src/claim/claimer.ts": 'import { trace } from "@opentelemetry/api";\ntrace;\n' },
    found: [/^src\/claim\/claimer\.ts:1 imports @opentelemetry\/api: rule "mod\.ts and all/],
  },
  {
    what: "another npm package behind the door",
    tree: { "src/claim/claimer.ts": 'await import("pg");\n' },
    found: [/^src\/claim\/claimer\.ts:1 imports pg: rule "mod\.ts and all it reaches import no/],
  },
  {
    what: "a package that no import map names",
    tree: { "src/testing/mod.ts": 'import "left-pad/x.js";\n' },
    found: [
      /^src\/testing\/mod\.ts:1 imports left-pad\/x\.js: rule "src\/testing\/mod\.ts and all/,
    ],
  },
  {
    what: "ioredis loaded at once",
    tree: { "src/claim/claimer.ts": 'import { Redis } from "ioredis";\nnew Redis();\n' },
    found: [/^src\/claim\/claimer\.ts:1 imports ioredis: .* load ioredis lazily", do use await/],
  },
  {
    what: "a folder without a rule",
    tree: { "src/stuff/thing.ts": 'import "../clock.ts";\n' },
    found: [/^src\/stuff\/thing\.ts is in no zone/],
  },
  {
    what: "an import from outside the sources",
    tree: { "src/run/slots.ts": 'import "../../tests/x.ts";\n', "tests/x.ts": "" },
    found: [/^src\/run\/slots\.ts:1 imports tests\/x\.ts/],
  },
  {
    what: "a file of more than 400 lines",
    tree: { "src/run/slots.ts": "// x\n".repeat(401) },
    found: [/^src\/run\/slots\.ts has 401 lines: rule "at most 400", do split it/],
  },
  {
    what: "nothing wrong with 400 lines",
    tree: { "src/run/slots.ts": "// x\n".repeat(400) },
    found: [],
  },
  {
    what: "a name that says nothing",
    tree: { "src/run/utils.ts": "" },
    found: [/^src\/run\/utils\.ts is named utils/],
  },
];

for (const { what, tree, found } of PLANTED) {
  Deno.test(`layers finds ${what}`, () =>
    withTree(tree, async (root) => {
      const seen = violations(await readGraph(root));
      assertEquals(seen.length, found.length, seen.join("\n"));
      for (const [i, pattern] of found.entries()) assertMatch(seen[i] ?? "", pattern);
    }));
}

Deno.test("layers exits with 1 when a violation is planted, with 0 when it is gone", () =>
  withTree({ "src/job/id.ts": 'import "../clock.ts";\n' }, async (root) => {
    const planted = await runLayers(root);
    assertStringIncludes(planted.output, "src/job/id.ts:1 imports src/clock.ts");
    assertEquals(planted.code, 1);
    await Deno.remove(join(root, "src/job/id.ts"));
    const clean = await runLayers(root);
    assertStringIncludes(clean.output, "0 violations");
    assertMatch(clean.output, /\d+ source files, lines: median \d+, 90th centile \d+/);
    assertEquals(clean.code, 0);
  }));

async function runLayers(root: string): Promise<{ code: number; output: string }> {
  const tool = join(import.meta.dirname ?? ".", "../../tools/layers.ts");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", tool, `--root=${root}`],
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
