/** Makes docs/api.md: what the monitor answers, route by route. */

import { errorsOf, namedSchemas, statusesOf, topicOf } from "../../src/monitor/contract.ts";
import { type ErrorCode, statusOf } from "../../src/monitor/errors.ts";
import { accessWords, codeWords } from "../../src/monitor/openapi.ts";
import type { Route, StreamEvent } from "../../src/monitor/route.ts";
import { routes } from "../../src/monitor/routes.ts";
import { schemaText, shapeText } from "./schema_text.ts";

const INTRO = `
# The REST API of the monitor

<!-- Made from src/monitor/routes.ts by deno task gen: change it there. -->

What \`createMonitor\` answers. The same as an OpenAPI document: \`GET /api/v1/openapi.json\`.

- Answers are JSON, but for \`/metrics\` and the stream of \`/api/v1/events\`. What was asked for stands under \`data\`, beside a
  page of it \`meta\`.
- An error is \`{ "error": "job not found", "code": "NOT_FOUND" }\`: a text for people and a word for
  programs. An unknown path is answered 404 and a wrong method 405, both in plain words.
- HEAD is answered where GET is.
- Jobs, workers and servers have nearly every scalar as a text, and leave out what is not set. Elsewhere numbers are
  numbers, and what ends in \`_ms\` is in milliseconds, since the epoch if it is a time.
- Names in a path are percent-encoded where they need it.
- Whoever has some queues alone sees nothing of the others: what is asked of them is not found.

Programs send an API key as \`X-API-Key\` or \`Authorization: Bearer\`. People log in, and what they
change carries \`X-GQM-CSRF: 1\`.
`;

const MORE = `
With curl:

\`\`\`sh
curl -H "X-API-Key: $KEY" https://jobs.example.com/api/v1/queues
curl -H "X-API-Key: $KEY" -H "Idempotency-Key: order-17" -H "Content-Type: application/json" \\
  -d '{"type":"email.send","payload":{"to":"ada@example.com"}}' https://jobs.example.com/api/v1/jobs
\`\`\`
`;

/** The whole page, as Markdown. */
export function apiPage(): string {
  const topics = Map.groupBy(routes, topicOf);
  return [
    INTRO,
    MORE,
    errorTable(),
    ...[...topics].flatMap(([topic, group]) => [`## ${topic}`, "", ...group.map(section)]),
    "## Bodies with names",
    "",
    ...[...namedSchemas(routes)].flatMap(([name, schema]) => {
      const examples = (schema.examples ?? []) as readonly unknown[];
      const shown = examples.map((one) => fenced(JSON.stringify(one, null, 2), "json"));
      return [`### ${name}`, "", fenced(shapeText(schema)), ...shown];
    }),
  ].join("\n");
}

function errorTable(): string {
  const codes = Object.keys(statusOf) as ErrorCode[];
  const rows = codes.map((code) => `| \`${code}\` | ${statusOf[code]} | ${codeWords(code)} |`);
  return ["## Errors", "", "| code | status | meaning |", "| - | - | - |", ...rows, ""].join("\n");
}

function section(route: Route): string {
  const { method, path, summary, description, access, body, answer } = route;
  const bodies = [
    ...(body === undefined ? [] : ["Body:", "", fenced(schemaText(body))]),
    ...(answer.events !== undefined
      ? ["Answers 200 with a stream of these events:", "", ...answer.events.map(eventItem)]
      : answer.body === undefined
      ? [`Answers ${statusesOf(route).join(" or ")} without a body.`, ""]
      : answer.types !== undefined
      ? [`Answers ${statusesOf(route).join(" or ")} as ${typesText(answer.types)}.`, ""]
      : [`Answers ${statusesOf(route).join(" or ")}:`, "", fenced(schemaText(answer.body))]),
  ];
  return [
    `### ${method} ${path}`,
    "",
    `${summary}. ${accessWords(access)}`,
    "",
    ...(description === undefined ? [] : [description, ""]),
    parameterTable(route),
    ...bodies,
    `Errors: ${errorsOf(route).map((code) => `\`${code}\``).join(", ")}`,
    "",
  ].join("\n");
}

function typesText(types: readonly string[]): string {
  return types.map((type) => `\`${type}\``).join(" or ");
}

function eventItem({ name, description, data }: StreamEvent): string {
  return [`**${name}**: ${description}`, "", fenced(schemaText(data))].join("\n");
}

function parameterTable({ params = {}, query = {}, headers = {} }: Route): string {
  const places = { path: params, query, header: headers };
  const rows = Object.entries(places).flatMap(([place, rules]) =>
    Object.entries(rules).map(([name, { description, schema }]) => {
      const value = schemaText(schema).replaceAll("|", "\\|");
      return `| \`${name}\` | ${place} | ${description} | \`${value}\` |`;
    })
  );
  if (rows.length === 0) return "";
  return ["| name | in | meaning | value |", "| - | - | - | - |", ...rows, ""].join("\n");
}

function fenced(text: string, language = "text"): string {
  return ["```" + language, text, "```", ""].join("\n");
}
