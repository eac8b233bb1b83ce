/** The clients of GQM (Go) find what they read, of the type that they decode. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { clientReads, type Wanted } from "./support/client_reads.ts";
import { deskOf } from "./support/desk.ts";
import { fill } from "./support/filled.ts";
import { kinds } from "./support/places.ts";

const holds: Readonly<Record<string, (value: unknown) => boolean>> = {
  any: (value) => value !== undefined,
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  list: Array.isArray,
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
};

/** The values at a path, through every item of the lists on it. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [part, ...rest] = path;
  if (part === undefined) return [value];
  const name = part.replace(/\[\]$/, "");
  const found = (value as Record<string, unknown> | undefined)?.[name];
  if (!part.endsWith("[]")) return valuesAt(found, rest);
  assert.ok(Array.isArray(found), `${name} must be a list`);
  return found.flatMap((item) => valuesAt(item, rest));
}

function check(body: unknown, path: string, wanted: Wanted): void {
  const isOptional = wanted.endsWith("?");
  const is = holds[wanted.replace("?", "")]!;
  for (const value of valuesAt(body, path.split("."))) {
    if (isOptional && value === undefined) continue;
    assert.ok(is(value), `${path} must be ${wanted}: ${JSON.stringify(value)}`);
  }
}

for (const kind of kinds) {
  test(`clients of GQM (Go) find what they read (${kind.name})`, { skip: kind.skip }, async () => {
    await using place = await kind.make();
    await fill(place);
    const ask = deskOf(place);
    for (const { client, where, method, path, body, reads } of clientReads) {
      const reply = await ask({ method, path, body });
      assert.equal(reply.status, 200, `${client}: ${where}: ${path}`);
      for (const [at, wanted] of Object.entries(reads)) check(reply.body, at, wanted);
    }
  });
}

test("pages of GQM (Go) find the queues of a pool that a server names", async () => {
  await using place = await kinds[0]!.make();
  await fill(place);
  const ask = deskOf(place);
  const servers = (await ask({ path: "/api/v1/servers" })).body as { data: { pools: string[] }[] };
  const workers = (await ask({ path: "/api/v1/workers" })).body as {
    data: { id: string; pool_id?: string; queues: string[] }[];
  };
  const names = servers.data.flatMap(({ pools }) => pools);
  assert.ok(names.length > 0);
  for (const name of names) {
    const found = workers.data.find(({ id, pool_id }) => (pool_id || id) === name);
    assert.ok(found && found.queues.length > 0, name);
  }
});
