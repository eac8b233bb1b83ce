/** The house rules for src/: what each lint rule finds, and what it lets pass. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

function findings(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source).map((found) => found.id);
}

interface Case {
  readonly source: string;
  readonly path?: string;
  readonly found?: string;
}

function check(name: string, cases: readonly Case[]): void {
  for (const { source, path = "src/run/pool.ts", found } of cases) {
    const verdict = found ? `finds ${found.slice(4)}` : "finds nothing";
    Deno.test(`${name} ${verdict} in ${path}: ${source}`, () => {
      assertEquals(findings(path, source), found ? [found] : []);
    });
  }
}

const TIME = "gqm/no-raw-time";
check("no-raw-time", [
  { source: "const t = Date.now();", found: TIME },
  { source: "const t = globalThis.Date.now();", found: TIME },
  { source: 'const t = Date["now"]();', found: TIME },
  { source: "const clock = { now: Date.now };", found: TIME },
  { source: "const d = new Date();", found: TIME },
  { source: "const s = Date();", found: TIME },
  { source: "const t = performance.now();", found: TIME },
  { source: "setTimeout(f, 1);", found: TIME },
  { source: "globalThis.setTimeout(f, 1);", found: TIME },
  { source: "const later = setInterval;", found: TIME },
  { source: "const r = Math.random();", found: TIME },
  { source: "crypto.getRandomValues(bytes);", found: TIME },
  { source: "const id = crypto.randomUUID();", found: TIME },
  { source: "wait(AbortSignal.timeout(5));", found: TIME },
  { source: "const d = new Date(atMs);" },
  { source: "let t: ReturnType<typeof setTimeout>;" },
  { source: "clearTimeout(t);" },
  { source: "clock.setTimeout(f);" },
  { source: "interface C { setTimeout(f: F): void }" },
  { source: "class C { setTimeout(f: F): void {} }" },
  { source: "const t = Date.now();", path: "src/clock.ts" },
  { source: "const r = Math.random();", path: "src/rng.ts" },
  { source: "setTimeout(f, 1);", path: "src/runtime/node.ts" },
  { source: "setTimeout(f, 1);", path: "tests/unit/pool_test.ts" },
  { source: "const t = Date.now();", path: "bench/main.ts" },
]);

const RUNTIME = "gqm/runtime-names";
check("runtime-names", [
  { source: "Deno.exit(1);", found: RUNTIME },
  { source: "const isDeno = typeof Deno !== 'undefined';", found: RUNTIME },
  { source: "let c: Deno.Command;", found: RUNTIME },
  { source: "Bun.serve(o);", found: RUNTIME },
  { source: "const e = process.env;", found: RUNTIME },
  { source: "const e = globalThis.process;", found: RUNTIME },
  { source: 'const b = Buffer.from("");', found: RUNTIME },
  { source: 'import { readFile } from "node:fs";', found: RUNTIME },
  { source: 'import type { Stats } from "node:fs";', found: RUNTIME },
  { source: 'export { readFile } from "node:fs";', found: RUNTIME },
  { source: 'export * from "node:fs";', found: RUNTIME },
  { source: 'const fs = await import("node:fs");', found: RUNTIME },
  { source: 'import { Database } from "bun:sqlite";', found: RUNTIME },
  { source: "function process(job: Job): Job { return job; }" },
  { source: "const run = (process: F) => process();" },
  { source: "const { process } = pool; process();" },
  { source: "pool.process(job);" },
  { source: "const o = { process: 1 };" },
  { source: "type T = { process: number };" },
  { source: 'import { test } from "node:test";', found: RUNTIME },
  { source: 'import { test } from "node:test";', path: "src/testing/conformance/claim.ts" },
  { source: 'import { equal } from "node:assert/strict";', path: "src/testing/mod.ts" },
  { source: 'import fs from "node:fs";', path: "src/testing/mod.ts", found: RUNTIME },
  { source: 'import fs from "node:fs"; Deno.exit();', path: "src/runtime/deno.ts" },
  { source: "Deno.exit(1);", path: "cli.ts" },
]);

const MESSAGE = "gqm/error-message";
check("error-message", [
  { source: 'throw new TypeError("Cannot do.");', found: MESSAGE },
  { source: "throw new RangeError(`Cannot do ${x}.`);", found: MESSAGE },
  { source: 'throw new Error("Cannot do " + x + ".");', found: MESSAGE },
  { source: 'throw new Error(x ? "Cannot do." : "Cannot be");', found: MESSAGE },
  { source: `throw new StoreError("gone", "It can't be");`, found: MESSAGE },
  { source: "throw new Error(`It isn’t ${x}`);", found: MESSAGE },
  { source: `throw new Error("You don't");`, found: MESSAGE },
  { source: `throw new Error("It's gone");`, found: MESSAGE },
  { source: `throw new Error("they're gone");`, found: MESSAGE },
  { source: `class AError extends Error { constructor() { super("Gone."); } }`, found: MESSAGE },
  { source: `class A extends Base { constructor() { super("Gone."); } }` },
  { source: "throw new RangeError(`Cannot do as 'limit' must be >= 1: current value is ${x}`);" },
  { source: "throw new Error(`Cannot read the job's record in 'its' queue ${x}`);" },
  { source: "throw new Error(`Cannot open ${dir}.${name}`);" },
  { source: 'log.info("It is done.");' },
  { source: 'throw new TypeError("Cannot do.");', path: "tools/gen.ts" },
]);

const RETURNS = "gqm/return-types";
check("return-types", [
  { source: "export function f() {}", found: RETURNS },
  { source: "class A { #f() {} }", found: RETURNS },
  { source: "class A { get f() { return 1; } }", found: RETURNS },
  { source: "export function f(): void {}" },
  { source: "class A { constructor() {} set f(x: number) {} get f(): number { return 1; } }" },
  { source: "const f = () => 1;" },
  { source: "const port: Port = { close() {} };" },
]);

const EXPORTS = "gqm/named-exports";
check("named-exports", [
  { source: "export default 1;", found: EXPORTS },
  { source: 'export * from "./src/job/job.ts";', path: "mod.ts", found: EXPORTS },
  { source: 'export { a } from "./src/job/job.ts";', path: "mod.ts" },
  { source: "export default 1;", path: "tests/x_test.ts" },
]);

Deno.test("lint findings say the rule and what to do instead", () => {
  const [found] = Deno.lint.runPlugin(plugin, "src/a.ts", "Date.now()");
  assertStringIncludes(found?.message ?? "", "as time and chance are injected");
  assertStringIncludes(found?.hint ?? "", "src/clock.ts");
});

Deno.test("lint rules know a file by its absolute path too", () => {
  const path = decodeURIComponent(new URL("../../src/a.ts", import.meta.url).pathname);
  assertEquals(findings(path, "Date.now()"), [TIME]);
});
