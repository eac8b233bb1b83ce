/** Writes docs/cli.md out of the commands' own usages. */

import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/main.ts";

const HEAD = `# The command \`gqm\`

In a checkout it is \`deno task cli\` (\`npx -y deno task cli\` without Deno), where the [tarball](package.md#today) is
installed \`npx gqm\`, or \`bunx --bun gqm\` on Bun.

Commands end with 0 if all went well, else with 1. What they found or did is on standard output, warnings (\`⚠\`) and
errors (\`✗\`) on standard error. Colours are left out where a stream is no terminal, or \`NO_COLOR\` is set. Flags are
written \`-x\` or \`--x\`, their values after \`=\` or a space.

Commands that look into jobs do so in a store (\`--store\`, else \`GQM_STORE\`), or through the API of a monitor
(\`--api-url\` and \`--api-key\`, else \`GQM_API_URL\` and \`GQM_API_KEY\`), which keeps an audit log and lets each do
what their role allows. With \`--json\` they print what the [API](api.md) answers.

\`deno task compile\` makes one file of it that needs no runtime; its size, cold start and permissions are in
[deployment.md](deployment.md).

This page is generated: \`deno task gen\`.
`;

/** The page. */
export function cliPage(): string {
  return HEAD + sections(commands, "", 2);
}

function sections(some: Readonly<Record<string, Command>>, before: string, depth: number): string {
  return Object.entries(some).map(([name, command]) => {
    const title = `\n${"#".repeat(depth)} gqm ${before}${name}\n`;
    const usage = `\n\`\`\`text\n${command.usage.trimEnd()}\n\`\`\`\n`;
    return title + usage + sections(command.commands ?? {}, `${before}${name} `, depth + 1);
  }).join("");
}
