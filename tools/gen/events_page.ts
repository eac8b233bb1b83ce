/** Makes docs/events.md: the events of a process and of a store, with their fields, from the sources of their types. */

import { join } from "node:path";
import { clientEvents, serverEvents } from "../../src/events/event.ts";
import { LISTEN_MS, MAX_EVENT_ERROR, MAX_EVENTS } from "../../src/store/event_stage.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

const INTRO = `
# Events

<!-- Made from src/events and src/store/event_stage.ts by deno task gen: change it there. -->

There are two kinds. Events of a **process** tell what a server or a client of your own program does: \`server.on\` and
\`client.on\`. Events of a **store** tell what happens to its jobs, whichever process does it: \`client.events\`. The monitor tells
the latter as [Server-Sent Events](api.md#events).

\`\`\`ts
import { Client, memoryStore, Server } from "@gqm/gqm";

const store = memoryStore();
const server = new Server({ store, logLevel: "silent" });
const client = new Client({ store });
server.handle("greet", () => "hello");

const ended = new Promise<string>((resolve) => {
  server.on("job.completed", ({ id, ranMs }) => resolve(\`\${id} ran for \${ranMs} ms\`));
});
const events = client.events();
await events.listening;

await server.start();
await client.enqueue("greet");
for await (const event of events) {
  console.log(event.kind); // created, started, completed
  if (event.kind === "completed") break;
}
console.log(await ended);

await server.stop();
await client.close();
await store.close();
\`\`\`
`;

const PROCESS = `
Each has \`event\`, its name, and \`at\`, epoch milliseconds by the clock of the process. \`"*"\` means all. A listener is called soon
after the event; what it throws is logged. Nobody makes an event that nobody hears.
`;

const STORE = `
A store keeps the newest ${
  MAX_EVENTS.toLocaleString("en-US").replace(",", " ")
} while somebody listens, and for ${
  LISTEN_MS / 1000
} s after a listener asked last, so that a loop can go on \`after\` a \`cursor\`. Each move of a
job from one status to another is one event, in the order of the moves. An error text has at most ${MAX_EVENT_ERROR} characters.
`;

/** The whole page, as Markdown. */
export function eventsPage(): string {
  const own = Deno.readTextFileSync(join(ROOT, "src/events/event.ts"));
  const ofStore = Deno.readTextFileSync(join(ROOT, "src/store/event_stage.ts"));
  return [
    INTRO,
    "## Of a server",
    PROCESS,
    ...unionTable(own, "ServerEvent", serverEvents),
    "## Of a client",
    "",
    ...unionTable(own, "ClientEvent", clientEvents),
    "## Of a store",
    STORE,
    ...["StoreEventHead", "JobMoved", "LinesChanged", "EventsMissed"].flatMap((name) =>
      shape(ofStore, name)
    ),
    "### What may happen to a job",
    "",
    "| kind | meaning |",
    "| - | - |",
    ...kinds(ofStore).map(([kind, what]) => `| \`${kind}\` | ${what} |`),
    "",
  ].join("\n");
}

/** A field of a shape. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

/** A table of the events of a union, each with the fields that it has beside those of its base. */
function unionTable(source: string, union: string, names: readonly string[]): string[] {
  const body = taken(source, new RegExp(`^export type ${union} =\n(.*?);\n\n`, "ms"), union);
  const members = [
    ...body.matchAll(/^ {2}\/\*\* (.*?) \*\/\n {2}\| (.*?)(?=\n {2}\/\*\*|$(?![^]))/gms),
  ];
  const rows = members.flatMap(([, doc, text]) => {
    const [, base, own] = /^(\w+) & \{(.*)\}$/s.exec(text!)!;
    const fields = [...inherited(source, base!), ...fieldsOf(own!)];
    const events = fields.find(({ name }) => name === "event")!.type.match(/[\w.]+/g)!;
    const others = fields.filter(({ name }) => name !== "event").map(({ name }) => `\`${name}\``);
    return events.map((event) => [event, doc!, others.join(", ")] as const);
  });
  const told = rows.map(([event]) => event);
  if ([...told].sort().join() !== [...names].sort().join()) {
    throw new Error(
      `Cannot generate as each event of a ${union} must have a doc comment of one line: ` +
        `current value is "${told.join(" ")}"`,
    );
  }
  const table = rows.map(([event, doc, fields]) => `| \`${event}\` | ${doc} | ${fields} |`);
  return [
    "| event | when | fields |",
    "| - | - | - |",
    ...table,
    "",
    ...meanings(source, members.map(([, , text]) => text!)),
    "",
  ];
}

/** What the fields of the bases mean. */
function meanings(source: string, members: readonly string[]): string[] {
  const bases = new Set(members.map((text) => /^\w+/.exec(text)![0]));
  const fields = [...bases].flatMap((base) => inherited(source, base));
  const own = members.flatMap((text) => fieldsOf(text.slice(text.indexOf("{") + 1, -1)));
  const known = new Map(
    [...fields, ...own].filter(({ doc }) => doc !== "").map((f) => [f.name, f]),
  );
  return [...known.values()].map(({ name, type, doc }) => `- \`${name}\` (\`${type}\`): ${doc}`);
}

/** The fields of an interface, those first that it inherits; none of BusEvent. */
function inherited(source: string, name: string): Field[] {
  if (name === "BusEvent") return [];
  const pattern = new RegExp(`^export interface ${name} extends (\\w+) \\{(.*?)^\\}`, "ms");
  const found = pattern.exec(source)!;
  return [...inherited(source, found[1]!), ...fieldsOf(found[2]!)];
}

/** A shape of a store's events, as a heading with its fields. */
function shape(source: string, name: string): string[] {
  const pattern = new RegExp(
    `/\\*\\* ([^\n]*) \\*/\nexport interface ${name}[^{]*\\{(.*?)^\\}`,
    "ms",
  );
  const [, doc, body] = pattern.exec(source)!;
  return [
    `### ${name}`,
    "",
    doc!,
    "",
    "| field | type | meaning |",
    "| - | - | - |",
    ...fieldsOf(body!).map((field) =>
      `| \`${field.name}\` | \`${field.type.replaceAll("|", "\\|")}\` | ${field.doc} |`
    ),
    "",
  ];
}

function fieldsOf(body: string): Field[] {
  const pattern = /(?:\/\*\* ([^\n]*?) \*\/\s*)?readonly (\w+\??): ([^;}]+?)\s*(?:;|$)/g;
  return [...body.matchAll(pattern)].map(([, doc = "", name, type]) => ({
    name: name!,
    type: type!,
    doc,
  }));
}

/** The kinds of events of a job; one without a comment means what the one before does. */
function kinds(source: string): (readonly [string, string])[] {
  const body = taken(source, /^export type JobEventKind =\n(.*?);\n\n/ms, "JobEventKind");
  let doc = "";
  return [...body.matchAll(/(?:\/\*\* (.*?) \*\/\s*)?\| "(\w+)"/g)].map(([, own, kind]) => {
    doc = own ?? doc;
    return [kind!, doc];
  });
}

function taken(source: string, pattern: RegExp, name: string): string {
  const body = pattern.exec(source)?.[1];
  if (body !== undefined) return body;
  throw new Error(`Cannot generate as the sources must have a union of the name ${name}`);
}
