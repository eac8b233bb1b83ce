/** The checks of Markdown pages: links, paths, commands, configurations. */

import { assertEquals, assertMatch } from "@std/assert";
import { readPage } from "../../tools/docs/blocks.ts";
import { anchorsOf, linkProblems } from "../../tools/docs/links.ts";
import { commandsIn } from "../../tools/docs/shell.ts";
import { snippetProblems } from "../../tools/docs/snippets.ts";

const FILES = ["README.md", "docs/a.md", "docs/b.md", "docs/x.svg", "src/job/job.ts"];
const B = readPage(
  "docs/b.md",
  "# One `two` (3)\n\n## Same\n\n## Same\n\n```md\n# Not this\n```\n",
);

Deno.test("anchorsOf names headings as GitHub does, without those in blocks", () => {
  assertEquals([...anchorsOf(B)], ["one-two-3", "same", "same-1"]);
});

const RIGHT = [
  '[a](b.md), [b](./b.md#same-1), [c](../README.md), [d](../src/job/), [e](#here) <a id="here"></a>',
  '![x](x.svg) and [y](https://example.com/z.md), `[z](nowhere.md)`, [q](b.md "title")',
  "`src/job/job.ts`, `../src/job`, `src/job/job.ts: JobRecord`, `src/*.ts`, `src/{a,b}.ts`, `job/none.ts`",
  "`src/cli/licenses.gen.ts` is built",
  "```text\n[a](nowhere.md) `src/none.ts`\n```",
];

for (const text of RIGHT) {
  Deno.test(`linkProblems finds nothing in ${JSON.stringify(text)}`, () => {
    assertEquals(linkProblems([readPage("docs/a.md", text), B], FILES), []);
  });
}

const WRONG: readonly (readonly [string, string])[] = [
  ["[a](c.md)", "docs/a.md:1 links to c.md, which is not there"],
  ["\n[a](b.md#three)", "docs/a.md:2 links to b.md#three, where no heading is called so"],
  ["[a](#here)", "docs/a.md:1 links to #here, where no heading is called so"],
  ["[a]: ../src/none.ts", "docs/a.md:1 links to ../src/none.ts, which is not there"],
  ['<img src="y.svg">', "docs/a.md:1 links to y.svg, which is not there"],
  ["see `src/job/jobs.ts`", "docs/a.md:1 names `src/job/jobs.ts`, which is not there"],
  ["see ``lua/x.lua``", "docs/a.md:1 names `lua/x.lua`, which is not there"],
];

for (const [text, problem] of WRONG) {
  Deno.test(`linkProblems finds what is lost in ${JSON.stringify(text)}`, () => {
    assertEquals(linkProblems([readPage("docs/a.md", text), B], FILES), [problem]);
  });
}

const COMMANDS: readonly (readonly [string, string[][]])[] = [
  ['gqm a \'b c\' --d="e \\" f" # g', [["gqm", "a", "b c", '--d=e " f']]],
  ["$ A=1 gqm a && gqm b | jq .c; gqm d &", [["gqm", "a"], ["gqm", "b"], ["jq", ".c"], [
    "gqm",
    "d",
  ]]],
  ["gqm a \\\n  --b c", [["gqm", "a", "--b", "c"]]],
  ["gqm a '{\n\"b\":1}'\ngqm c", [["gqm", "a", '{\n"b":1}'], ["gqm", "c"]]],
  ["gqm a > b.json 2>/dev/null", [["gqm", "a"]]],
  ["cat > x <<'EOF'\ngqm nothing\nEOF\ngqm b", [["cat"], ["gqm", "b"]]],
  ["# don't\ngqm a", [["gqm", "a"]]],
  ['gqm show <id> $ID "$(date)"', [["gqm", "show", "<id>", "$ID", "$(date)"]]],
];

for (const [text, words] of COMMANDS) {
  Deno.test(`commandsIn takes ${JSON.stringify(text)} apart`, () => {
    assertEquals(commandsIn(text).map((command) => command.words), words);
  });
}

const block = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;

const SNIPPETS_RIGHT = [
  block(
    "sh",
    "gqm jobs --queue mail --json\ngqm dlq\ngqm --help\ngqm version\ngqm dlq retry --help",
  ),
  block("sh", "podman run gqm nothing"),
  block("yaml", "# gqm.yaml\nstore: ${STORE}"),
  block("yaml", "server:\n  port: ${PORT:-8080}"),
  block("yaml", "scrape_configs: []"),
  block("yaml ignore", "store: [nonsense"),
  block("json", '{ "a": 1 }'),
  "`gqm enqueue` and `gqm dlq retry --type`",
  "Run `deno task ok`, or:\n\n" + block("sh", "deno task ok"),
  '- a list:\n\n  ```json\n  { "a": 1 }\n  ```\n',
];

for (const text of SNIPPETS_RIGHT) {
  Deno.test(`snippetProblems finds nothing in ${JSON.stringify(text)}`, async () => {
    assertEquals(await snippetProblems(readPage("a.md", text), ["ok"]), []);
  });
}

const SNIPPETS_WRONG: readonly (readonly [string, RegExp])[] = [
  [block("sh", "true\ngqm jbos"), /^a\.md:3 has `gqm jbos`: unknown command 'jbos'$/],
  [block("sh", "gqm dlq frobnicate"), /unknown command 'frobnicate'$/],
  [block("sh", "npx gqm version && gqm dlq --sinec 1d"), /unknown flag '--sinec'/],
  [block("sh", "gqm enqueue"), /is missing$/],
  [block("yaml", "# gqm.yaml\nstoer: memory"), /^a\.md:2 is refused as a gqm\.yaml: .*stoer/s],
  [block("yaml", "a: [1"), /^a\.md:2 is no YAML/],
  [block("json", "{ a: 1 }"), /^a\.md:2 is no JSON/],
  [block("ts ignore", "x()"), /^a\.md:2 is not tested/],
  ["`gqm dlq retyr`", /^a\.md:1 has `gqm dlq retyr`: unknown command/],
  ["Run `deno task okay`", /^a\.md:1 names `deno task okay`/],
  [block("sh", "deno task --quiet okay"), /^a\.md:2 names `deno task okay`/],
];

for (const [text, expected] of SNIPPETS_WRONG) {
  Deno.test(`snippetProblems finds what is wrong in ${JSON.stringify(text)}`, async () => {
    const [problem = "", ...more] = await snippetProblems(readPage("a.md", text), ["ok"]);
    assertMatch(problem, expected);
    assertEquals(more, []);
  });
}
