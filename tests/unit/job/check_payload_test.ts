import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { checkPayload } from "../../../src/job/check_payload.ts";
import { schema, withNumber, withNumberLater } from "../../support/schema.ts";

Deno.test("checkPayload answers at once when the schema does", () => {
  assertEquals(checkPayload(withNumber, { n: 1, extra: 2 }), { ok: true, value: { n: 1 } });
});

Deno.test("checkPayload answers with a promise when the schema does", async () => {
  const answer = checkPayload(withNumberLater, { n: "1" });
  assertEquals(answer instanceof Promise, true);
  assertEquals(await answer, { ok: false, issues: ["n: must be a number"] });
});

const paths: readonly [string, unknown, string][] = [
  ["no path", { message: "m" }, "m"],
  ["an empty path", { message: "m", path: [] }, "m"],
  ["names and indexes", { message: "m", path: ["items", 3, "name"] }, "items.3.name: m"],
  ["segments as objects", { message: "m", path: [{ key: "a" }, { key: 0 }] }, "a.0: m"],
  ["a symbol", { message: "m", path: [Symbol("s")] }, "Symbol(s): m"],
];

for (const [what, issue, text] of paths) {
  Deno.test(`checkPayload describes an issue with ${what}`, () => {
    const check = checkPayload(schema(() => ({ issues: [issue] })), 1);
    assertEquals(check, { ok: false, issues: [text] });
  });
}

Deno.test("checkPayload names at most ten issues", async () => {
  const issues = Array.from({ length: 50 }, (_, i) => ({ message: `wrong ${i}` }));
  const check = await checkPayload(schema(() => ({ issues })), 1);
  assertEquals(check.ok ? [] : check.issues.length, 10);
});

Deno.test("checkPayload lets through what the schema throws", async () => {
  const broken = schema(() => {
    throw new TypeError("broken schema");
  });
  assertThrows(() => checkPayload(broken, 1), TypeError, "broken schema");
  const later = schema(() => Promise.reject(new TypeError("broken later")));
  await assertRejects(async () => await checkPayload(later, 1), TypeError, "broken later");
});
