import { assertEquals, assertStringIncludes } from "@std/assert";
import { jsonLogger, type LogFields, type LogLevel, withLevel } from "../../src/logger.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";

function collect(level?: LogLevel): { lines: string[]; logger: ReturnType<typeof jsonLogger> } {
  const lines: string[] = [];
  const logger = jsonLogger(level, { now: () => "T", write: (line) => lines.push(line) });
  return { lines, logger };
}

Deno.test("jsonLogger writes one line of JSON with time, level, message and fields", () => {
  const { lines, logger } = collect();
  logger.warn("Something", { id: "a", n: 1 });
  assertEquals(lines, ['{"time":"T","level":"warn","message":"Something","id":"a","n":1}']);
});

const levels: readonly [LogLevel, string[]][] = [
  ["debug", ["debug", "info", "warn", "error"]],
  ["info", ["info", "warn", "error"]],
  ["warn", ["warn", "error"]],
  ["error", ["error"]],
  ["silent", []],
];

for (const [level, written] of levels) {
  Deno.test(`jsonLogger writes ${written.join(", ") || "nothing"} when the level is ${level}`, () => {
    const { lines, logger } = collect(level);
    for (const name of ["debug", "info", "warn", "error"] as const) logger[name]("m");
    assertEquals(lines.map((line) => JSON.parse(line).level), written);
  });

  Deno.test(`withLevel passes on ${written.join(", ") || "nothing"} when it is ${level}`, () => {
    const inner = new CollectingLogger();
    const logger = withLevel(inner, level);
    for (const name of ["debug", "info", "warn", "error"] as const) logger[name]("m", { a: 1 });
    assertEquals(
      inner.lines.map((line) => line.level),
      written as typeof inner.lines[0]["level"][],
    );
  });
}

Deno.test("jsonLogger keeps a message with line feeds on one line", () => {
  const { lines, logger } = collect();
  logger.error("a\nb", { text: "c\r\nd" });
  assertEquals(lines[0]!.includes("\n"), false);
});

Deno.test("jsonLogger writes name, message, stack and cause of errors among the fields", () => {
  const { lines, logger } = collect();
  logger.error("m", { error: new TypeError("broken", { cause: new RangeError("why") }) });
  const { error } = JSON.parse(lines[0]!);
  assertEquals([error.name, error.message], ["TypeError", "broken"]);
  assertEquals([error.cause.name, error.cause.message], ["RangeError", "why"]);
  assertStringIncludes(error.stack, "logger_test.ts");
});

const cyclicObject: Record<string, unknown> = {};
cyclicObject.self = cyclicObject;
const cyclicCause = new Error("round");
cyclicCause.cause = cyclicCause;

const hard: readonly [string, LogFields][] = [
  ["a bigint", { n: 1n }],
  ["an object with a cycle, as a callback may throw", { error: cyclicObject }],
  ["an error that is its own cause", { error: cyclicCause }],
  ["a getter that throws", {
    error: {
      get a(): never {
        throw new Error("broken getter");
      },
    },
  }],
];

for (const [what, fields] of hard) {
  Deno.test(`jsonLogger writes a line and does not throw when a field is ${what}`, () => {
    const { lines, logger } = collect();
    logger.error("Callback failed", fields);
    assertEquals(JSON.parse(lines[0]!).message, "Callback failed");
  });
}
