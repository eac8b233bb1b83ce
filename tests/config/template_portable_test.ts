/** The file that `gqm init` writes, and the schema: both have every key, and are as files are checked. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import type { Node } from "../../src/config/node.ts";
import { configSchema } from "../../src/config/schema.ts";
import { table } from "../../src/config/table/table.ts";
import { configTemplate } from "../../src/config/template.ts";
import { problemIn } from "../../src/monitor/check_schema.ts";
import { fixtures, problemsOf, read } from "../support/config.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The paths of all keys, without numbers of elements. */
function keysOf(node: Node, path = ""): string[] {
  switch (node.kind) {
    case "section":
      return Object.entries(node.keys).flatMap(([key, child]) => {
        const own = `${path}.${key}`;
        return [own, ...keysOf(child, own)];
      });
    case "list":
      return keysOf(node.items, path);
    case "either":
      return [...keysOf(node.a, path), ...keysOf(node.b, path)];
    default:
      return [];
  }
}

function pathsIn(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => pathsIn(one, path));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap((
    [key, one],
  ) => [`${path}.${key}`, ...pathsIn(one, `${path}.${key}`)]);
}

/** With every key that is switched off. */
const everything = configTemplate().replace(/^( *)#(?=[-\w])/gm, "$1");

describe("configTemplate", () => {
  it("can be loaded as it is, and is quiet", () => {
    const { server, pools, schedules, notes } = read(configTemplate());
    equal(server.store, "redis://localhost:6379/0?prefix=gqm");
    deepEqual(pools, [{
      name: "default",
      types: ["*"],
      queues: ["default"],
      concurrency: 5,
      timeoutMs: 300_000,
    }]);
    deepEqual([server.api, schedules, notes], [undefined, undefined, []]);
  });

  it("has every key", () => {
    const there = new Set(pathsIn(parse(everything)));
    deepEqual(keysOf(table).filter((key) => !there.has(key)), []);
  });

  it("has no wrong value among those that are switched off", () => {
    const problems = problemsOf(
      everything.replaceAll("${REDIS_PASSWORD}", "x").replaceAll("${WEBHOOK_SECRET}", "x"),
    );
    deepEqual(problems.map((problem) => problem.replace(/^\d+:\d+: /, "")), [
      "'store' must not be given together with 'redis'",
      "'retention.completed_ms' must not be given together with 'app.result_ttl'",
      "'retention.failed_ms' must not be given together with 'app.failure_ttl'",
    ]);
  });
});

describe("configSchema", () => {
  const { definitions, $schema: _schema, title: _title, ...schema } = configSchema();
  const plain = plainOf(schema, (definitions as { variable: Schema }).variable) as Schema;

  it("takes what is loaded", async () => {
    for (const { name, text } of await fixtures()) {
      // Readers of YAML give numbers where these texts stand without quotes.
      if (!name.startsWith("valid_") || name === "valid_yaml.yaml") continue;
      equal(problemIn(plain, parse(text.replace(": 017", ': "017"')), name), undefined);
    }
    equal(problemIn(plain, parse(configTemplate()), "template"), undefined);
  });

  it("refuses unknown keys and values of other kinds", async () => {
    for (const { name, text } of await fixtures()) {
      if (
        !/^(?:rule_(?:0[1-9]|2[0-2]|24|31|38|43)|wrong_(?:several|quoted|auth_kind))/.test(name)
      ) continue;
      if (name.startsWith("rule_02")) continue; // zones are known to the runtime alone
      ok(problemIn(plain, parse(text), name) !== undefined, name);
    }
  });
});

/** A schema without references and lists of types, as the checker of the monitor reads it. */
function plainOf(schema: unknown, variable: Schema): unknown {
  if (Array.isArray(schema)) return schema.map((one) => plainOf(one, variable));
  if (typeof schema !== "object" || schema === null) return schema;
  if ("$ref" in schema) return variable;
  const { type, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, plainOf(value, variable)]),
  );
  if (!Array.isArray(type)) return type === undefined ? rest : { type, ...rest };
  return { anyOf: type.map((one) => one === "null" ? { type: one } : { type: one, ...rest }) };
}
