import { assertEquals } from "@std/assert";
import { isTraceparent, isTracestate } from "../../../src/job/trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

const parents: readonly [string, unknown, boolean][] = [
  ["is sampled", `00-${TRACE}-${SPAN}-01`, true],
  ["is not sampled", `00-${TRACE}-${SPAN}-00`, true],
  ["is of a later version", `cc-${TRACE}-${SPAN}-09`, true],
  ["is of the version that cannot be", `ff-${TRACE}-${SPAN}-01`, false],
  ["has a trace id of zeroes", `00-${"0".repeat(32)}-${SPAN}-01`, false],
  ["has a span id of zeroes", `00-${TRACE}-${"0".repeat(16)}-01`, false],
  ["has capitals", `00-${TRACE.toUpperCase()}-${SPAN}-01`, false],
  ["is too short", `00-${TRACE}-${SPAN}-1`, false],
  ["is too long", `00-${TRACE}-${SPAN}-01-what-will-be`, false],
  ["has white space", ` 00-${TRACE}-${SPAN}-01`, false],
  ["ends with a new line", `00-${TRACE}-${SPAN}-01\n`, false],
  ["is no text", 5, false],
];

for (const [name, value, expected] of parents) {
  Deno.test(`isTraceparent says ${expected} when it ${name}`, () => {
    assertEquals(isTraceparent(value), expected);
  });
}

const many = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=1`).join();

const states: readonly [string, unknown, boolean][] = [
  ["is empty", "", true],
  ["has one member", "congo=t61rcWkgMzE", true],
  ["has a tenant", "0tenant@system=1", true],
  ["has white space and empty members", " a=1 ,\t, b=2", true],
  ["has a value with inner spaces and signs", "a=x y!#:;|", true],
  ["has 32 members", many(32), true],
  ["has 33 members", many(33), false],
  ["has 512 characters", `a=${"1".repeat(253)},b=${"2".repeat(254)}`, true],
  ["has 513 characters", `a=${"1".repeat(254)},b=${"2".repeat(254)}`, false],
  ["has a key twice", "a=1,a=2", false],
  ["has a member without a value", "a=", false],
  ["has a member without a key", "=1", false],
  ["has a key with a capital", "A=1", false],
  ["has a key that begins with a digit", "1a=1", false],
  ["has a value with '='", "a=b=c", false],
  ["has letters outside ASCII", "a=é", false],
  ["has control characters", "a=1\n", false],
  ["is no text", null, false],
];

for (const [name, value, expected] of states) {
  Deno.test(`isTracestate says ${expected} when it ${name}`, () => {
    assertEquals(isTracestate(value), expected);
  });
}
