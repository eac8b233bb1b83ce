/** Makes the table of docs/config.md: every key of a gqm.yaml. */

import type { Node } from "../../src/config/node.ts";
import { table } from "../../src/config/table/table.ts";

const INTRO = `
# gqm.yaml

<!-- Made from src/config/table by deno task gen: change it there, or in tools/gen/config_page.ts. -->

A server as a file: what the \`gqm.yaml\` of GQM (Go) has, and what ours has besides. \`loadConfig\` of
\`@gqm/gqm/config\` reads it, \`Server.fromConfig\` makes a server of it. Handlers are added in code, as
always.

\`\`\`ts
import { Server } from "@gqm/gqm";
import { loadConfig } from "@gqm/gqm/config";

const text = \`
store: memory:yaml
pools:
  - name: mail
    job_types: ["email.send"]
    concurrency: 10
\`;
const config = await loadConfig({ text }); // or a path: await loadConfig("gqm.yaml")
await using server = Server.fromConfig(config, { timeoutMs: 60_000, logLevel: "error" });
server.handle("email.send", ({ job }) => job.id);
await server.start();
\`\`\`

What code says wins, option by option, also inside \`api\`, \`auth\` and \`retention\`; lists are taken whole.
\`api: false\` is for a process that works and serves nothing. What a file cannot say, code does: registry, middleware, TLS of
the monitor (\`api: { tls }\`), pools with threads.

## Rules

- **Times are in seconds**, as in GQM (Go), unless the name of a key ends in \`_ms\`. Keys that it has not are the options of
  code, with underscores.
- **Everything is checked**, and all that is wrong is told at once, each with its line and column; also names that are
  not known, with the one that was probably meant. Secrets are not shown. The error is a \`ConfigError\` with \`problems\`.
- **Variables of the environment** stand in values as \`\${NAME}\`, or \`\${NAME:-default}\` for one that may be
  unset or empty; one that is not set is an error. Numbers and \`true\` and \`false\` may come from them. \`$\${\` stands for
  \`\${\` itself. Keys and comments are left as they are. In lists and sections with brackets, YAML wants quotes around it.
- **YAML** is what all its readers read alike: numbers are decimal, \`true\` and \`false\` are the only words for
  themselves, and there are no tags but \`!!str\`. Texts need quotes only where YAML says so. A key without a value is as if it were not there; so is an empty
  text, but where one is needed; \`redis:\` alone is Redis on this machine. Only the first document counts. A file may have 1 MiB.
- **Editors** complete the keys by [gqm.schema.json](gqm.schema.json), which a line at the top names:
  \`# yaml-language-server: $schema=gqm.schema.json\`. That is a file beside the \`gqm.yaml\`, so that it is
  of the version that is installed and needs no network: \`configSchema()\` of \`@gqm/gqm/config\`, as JSON.
- **Schedules** of a file belong to it. A file with \`cron_entries\` defines all of its scope: those that it has no more are removed when a
  server starts. A file without that key removes none. What people pause stays paused.
- **Limits** are set when a server starts, over what people have set meanwhile. One that is taken out of the file stays until somebody removes it.
- \`monitoring\` is checked as a whole when \`api.enabled\` or \`dashboard.enabled\` is true. Until then a user may be
  without a password.

\`gqm init\` writes a file with all keys, to begin with; \`configTemplate()\` is its text. \`gqm set-password\` and
\`gqm add-api-key\` put passwords and keys into a file, \`gqm revoke-api-key\` takes keys out, and \`gqm run FILE --config\`
runs a server with it: [cli.md](cli.md).

## Keys
`;

/** The whole page, as Markdown. */
export function configPage(): string {
  const sections = Object.entries(table.keys).flatMap(([key, node]) => [
    `### ${key}`,
    "",
    `${node.about}.${node.unset === undefined ? "" : ` Without it: ${node.unset}.`}`,
    "",
    ...rowsOf(node, "").length === 0 ? [] : [
      "| key | value | without it | meaning |",
      "| - | - | - | - |",
      ...rowsOf(node, ""),
      "",
    ],
  ]);
  return [INTRO, ...sections].join("\n");
}

/** A row for each key of a section, of a list of them, or of what may be one. */
function rowsOf(node: Node, path: string): string[] {
  switch (node.kind) {
    case "section":
      return Object.entries(node.keys).flatMap(([key, child]) => {
        const own = path === "" ? key : `${path}.${key}`;
        return [row(child, own), ...rowsOf(child, child.kind === "list" ? `${own}[]` : own)];
      });
    case "list":
      return rowsOf(node.items, path === "" ? "[]" : path);
    case "either":
      return rowsOf(node.b, path);
    default:
      return [];
  }
}

function row(node: Node, path: string): string {
  const { about, unset = "–", required, ignored } = node;
  const absent = required ? "an error" : unset;
  const words = ignored === undefined ? about : `${about}. Has no effect: ${ignored}`;
  return `| \`${path}\` | ${valueOf(node)} | ${absent} | ${words} |`;
}

/** What may stand there. */
function valueOf(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.oneOf?.map((one) => `\`${one}\``).join(", ") ?? "text";
    case "number": {
      const { min, max, fraction } = node;
      const range = max !== undefined ? ` ${min} to ${max}` : min !== undefined ? ` ≥ ${min}` : "";
      return `${fraction ? "number" : "whole number"}${range}`;
    }
    case "flag":
      return "`true`, `false`";
    case "list":
      return node.items.kind === "section" ? "list" : `list of: ${valueOf(node.items)}`;
    case "section":
      return "keys";
    case "texts":
      return "names and texts";
    case "either":
      return `${valueOf(node.a)}, or ${valueOf(node.b)}`;
    default:
      return node satisfies never;
  }
}
