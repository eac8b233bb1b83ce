import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/cli/command.ts";
import { oneOf, orElse, span, text, texts, whole, yes } from "../../../src/cli/flags.ts";
import { parse } from "../../../src/cli/parse.ts";

const flags = {
  config: text("FILE", ""),
  role: orElse(oneOf(["admin", "viewer"], ""), "admin"),
  limit: whole("N", "", { min: 1, max: 100 }),
  delay: span("SPAN", ""),
  status: texts("STATUS", "", ["ready", "retry"]),
  yes: yes("", "y"),
};
const args = [{ name: "ID", isOptional: true, isMany: true }];
const nothing = {
  config: undefined,
  role: "admin",
  limit: undefined,
  delay: undefined,
  status: [],
  yes: false,
};

const rows: readonly (readonly [string, object, (readonly string[])?])[] = [
  ["", {}],
  ["--config a", { config: "a" }],
  ["-config a", { config: "a" }],
  ["--config=a=b", { config: "a=b" }],
  ["-config=", { config: "" }],
  ["--config a --config b", { config: "b" }],
  ["--role viewer", { role: "viewer" }],
  ["--limit 7", { limit: 7 }],
  ["--delay 1.5h", { delay: 5_400_000 }],
  ["--delay 250ms", { delay: 250 }],
  ["--delay 2d", { delay: 172_800_000 }],
  ["--status ready,retry", { status: ["ready", "retry"] }],
  ["--status ready --status retry", { status: ["ready", "retry"] }],
  ["-y", { yes: true }],
  ["--yes", { yes: true }],
  ["--yes=false", { yes: false }],
  ["-y a b", { yes: true }, ["a", "b"]],
  ["a -y b", { yes: true }, ["a", "b"]],
  ["-", {}, ["-"]],
  ["-5", {}, ["-5"]],
  ["-.5", {}, ["-.5"]],
  ["-- -y --config", {}, ["-y", "--config"]],
  ["--config -", { config: "-" }],
];
for (const [words, values, rest = []] of rows) {
  Deno.test(`'${words}' is read`, () => {
    const parsed = parse(words === "" ? [] : words.split(" "), flags, args);
    assertEquals(parsed, { args: rest, flags: { ...nothing, ...values } });
  });
}

const wrong: readonly (readonly [string, string])[] = [
  ["--confg a", "unknown flag '--confg'; did you mean '--config'?"],
  ["-zzz=1", "unknown flag '-zzz'"],
  ["--config", "flag '--config' needs a value: FILE"],
  ["--role root", "'--role' must be one of admin, viewer: current value is 'root'"],
  ["--role viewr", "current value is 'viewr'; did you mean 'viewer'?"],
  ["--limit 0", "'--limit' must be a whole number from 1 to 100: current value is '0'"],
  ["--limit 1.5", "must be a whole number"],
  ["--limit 1e2", "must be a whole number"],
  ["--delay 5", "'--delay' must be a number with a unit (ms, s, m, h, d), such as 90s"],
  ["--delay -5s", "must be a number with a unit"],
  ["--status redy", "did you mean 'ready'?"],
  ["--yes=perhaps", "'--yes' must be true or false: current value is 'perhaps'"],
];
for (const [words, message] of wrong) {
  Deno.test(`'${words}' is refused`, () => {
    assertThrows(() => parse(words.split(" "), flags, args), UsageError, message);
  });
}

Deno.test("arguments that are missing or too many are refused", () => {
  const one = [{ name: "TYPE" }, { name: "JSON", isOptional: true }];
  assertThrows(() => parse([], {}, one), UsageError, "TYPE is missing");
  assertThrows(() => parse(["a", "b", "c"], {}, one), UsageError, "unexpected argument 'c'");
  assertEquals(parse(["a"], {}, one).args, ["a"]);
});
