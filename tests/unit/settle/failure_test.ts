import { assertEquals, assertStringIncludes } from "@std/assert";
import { failureOf, MAX_MESSAGE_LENGTH, MAX_STACK_LENGTH } from "../../../src/settle/failure.ts";

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const thrown: readonly [string, unknown, string][] = [
  ["a string", "plain", "plain"],
  ["an empty string", "", ""],
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", 42, "42"],
  ["a bigint", 42n, "42"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["an object", { code: 7 }, '{"code":7}'],
  ["an object with a cycle", cyclic, "[object Object]"],
  ["an object with a bigint", { n: 1n }, "[object Object]"],
  ["an error", new TypeError("broken"), "broken"],
  ["an error without message", new TypeError(), "TypeError"],
];

for (const [what, value, message] of thrown) {
  Deno.test(`failureOf gives a message when ${what} was thrown`, () => {
    assertEquals(failureOf(value).message, message);
  });
}

Deno.test("failureOf gives name and stack without the message when an error was thrown", () => {
  const failure = failureOf(new RangeError("broken"));
  assertEquals(failure.name, "RangeError");
  assertStringIncludes(failure.stack ?? "", "failure_test.ts");
  assertEquals(failure.stack?.includes("broken"), false);
});

Deno.test("failureOf adds the stacks of the causes", () => {
  const failure = failureOf(new Error("outer", { cause: new TypeError("inner") }));
  assertStringIncludes(failure.stack ?? "", "Caused by TypeError: inner");
});

Deno.test("failureOf ends when an error is its own cause", () => {
  const error = new Error("round");
  error.cause = error;
  assertEquals(failureOf(error).message, "round");
});

Deno.test("failureOf cuts what is too long to keep", () => {
  const error = new Error("m".repeat(100_000));
  error.name = "N".repeat(100_000);
  error.stack = `Error\n    at ${"s".repeat(100_000)}`;
  const { message, name, stack } = failureOf(error, "prefix: ");
  assertEquals(message.length, MAX_MESSAGE_LENGTH);
  assertEquals(name?.length, 100);
  assertEquals(stack?.length, MAX_STACK_LENGTH);
  assertEquals(message.startsWith("prefix: mmm") && message.endsWith("…"), true);
});

Deno.test("failureOf cuts a thrown string too", () => {
  assertEquals(failureOf("x".repeat(100_000)).message.length, MAX_MESSAGE_LENGTH);
});

/** Errors as careless libraries make them; whoever settles a job must survive each. */
function strange(key: "name" | "message" | "stack" | "cause", value: PropertyDescriptor): Error {
  return Object.defineProperty(new Error("strange"), key, value);
}

const broken = {
  get(): never {
    throw new Error("broken getter");
  },
};

const strangers: readonly [string, unknown][] = [
  ["a stack that is a number", strange("stack", { value: 42 })],
  ["a stack that is an array", strange("stack", { value: [] })],
  ["a name that is undefined", strange("name", { value: undefined })],
  ["a name that is a number", strange("name", { value: 7 })],
  ["a message that is a symbol", strange("message", { value: Symbol("m") })],
  ["a message that is an object", strange("message", { value: { a: 1 } })],
  ["a message that cannot be read", strange("message", broken)],
  ["a stack that cannot be read", strange("stack", broken)],
  ["a cause that cannot be read", strange("cause", broken)],
  ["no prototype", Object.create(null)],
  ["a toJSON that throws, no error", { toJSON: broken.get }],
];

for (const [what, error] of strangers) {
  Deno.test(`failureOf gives a message and does not throw when the thrown has ${what}`, () => {
    assertEquals(typeof failureOf(error).message, "string");
  });
}
