/**
 * Whatever stands under the keys of a configuration: it is refused with problems that have a place, or
 * a server can be made of it. A failure prints its seed.
 */

import { ok } from "node:assert/strict";
import process from "node:process";
import { it } from "node:test";
import type { Node } from "../../src/config/node.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { table } from "../../src/config/table/table.ts";
import { type Rng, seededRng } from "../../src/rng.ts";
import { parseAddr } from "../../src/monitor/addr.ts";
import { createMonitor } from "../../src/monitor/monitor.ts";
import { Server } from "../../src/run/server.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import { read } from "../support/config.ts";

const FILES = process.env.GQM_LONG === "1" ? 10_000 : 500;
const FIRST_SEED = 20_261_123;
const KEY = "k".repeat(32);
const ODD: readonly unknown[] = [
  ...[null, "", " ", "a", "*", "default", "${HOST}", "${", "$${", "~", "0 0 * * *", "UTC", ":8080"],
  ...["127.0.0.1:0", "{}", "true", "-1", "admin", "https://example.com", "payload.a", KEY],
  ...["$2b$10$" + "a".repeat(53), "\u0000", "\ud800", "__proto__", "x".repeat(5000)],
  ...[0, 1, -1, 1.5, 60_000, 1e9, 1e300, -1e300, true, false, [], {}, [null], [[]], { a: 1 }],
];

/** What may stand at a place: often of the right kind, and then mostly sensible. */
function draw(node: Node, rng: Rng): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(rng() * list.length)]!;
  if (rng() < 0.08) return pick(ODD);
  switch (node.kind) {
    case "text":
      return node.oneOf && rng() < 0.9 ? pick(node.oneOf) : pick(ODD);
    case "number":
      return pick([0, 1, 5, 100, 60_000, node.min ?? 3, node.max ?? 7, "${NUMBER}"]);
    case "flag":
      return pick([true, false, "${FLAG}"]);
    case "list":
      return Array.from({ length: Math.floor(rng() * 4) }, () => draw(node.items, rng));
    case "section": {
      const keys = Object.entries(node.keys).filter(([, { required }]) =>
        rng() < (required ? 0.97 : 0.4)
      );
      return Object.fromEntries(keys.map(([key, child]) => [key, draw(child, rng)]));
    }
    case "texts":
      return { "x-a": pick(ODD) };
    case "either":
      return draw(rng() < 0.3 ? node.a : node.b, rng);
  }
}

it(`a configuration of chance is refused, or makes a server (${FILES} files from seed ${FIRST_SEED})`, async () => {
  let loaded = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + FILES; seed++) {
    const rng = seededRng(seed);
    const value = draw(table, rng) as Record<string, unknown> | null;
    // A whole file seldom holds; a part of it may.
    const parts = Object.entries(value ?? {}).filter(() => rng() < 0.4);
    const text = JSON.stringify(Object.fromEntries(parts), null, 1);
    try {
      const config = read(text);
      loaded++;
      const store = memoryStore();
      Server.fromConfig(config, { store, logLevel: "silent" });
      const { api, dashboard } = config.server;
      if (api === undefined) continue;
      const { addr, tls: _tls, ...options } = api;
      await createMonitor({ ...options, dashboard, store, logLevel: "silent" }).close();
      if (addr !== undefined) parseAddr(addr);
    } catch (error) {
      const isRefusal = error instanceof ConfigError &&
        error.problems.every(({ line, message }) => line !== undefined && message !== "");
      if (!isRefusal) throw new Error(`seed ${seed}: ${text}`, { cause: error });
    }
  }
  ok(loaded > FILES / 50, `only ${loaded} files were loaded`);
});
