import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import { checkPoolOptions, type PoolOptions } from "../../../src/run/pool_plan.ts";

const module = new URL("file:///srv/handlers.ts");
const thread = { name: "p", isolate: "thread", module } as const;

const refused: readonly [string, object, string, RegExp][] = [
  ["a module without isolate", { name: "p", module }, "module", /not be given without 'isolate'/],
  ["a limit without isolate", { name: "p", memoryLimitMb: 64 }, "memoryLimitMb", /without/],
  ["another kind", { ...thread, isolate: "process" }, "isolate", /be 'thread' or not given/],
  ["no module", { name: "p", isolate: "thread" }, "module", /import\.meta\.url/],
  ["a relative module", { ...thread, module: "./handlers.ts" }, "module", /import\.meta\.url/],
  ["a bare module", { ...thread, module: "handlers" }, "module", /absolute path/],
  ["a module that is no text", { ...thread, module: 5 }, "module", /be a URL/],
  ["a limit that is too small", { ...thread, memoryLimitMb: 1 }, "memoryLimitMb", />= 8/],
  ["handlers that are none", { ...thread, handlers: [] }, "handlers", /be an object/],
  [
    "a concurrency of a handler",
    { ...thread, handlers: { a: { concurrency: 1 } } },
    "concurrency",
    /pool's own/,
  ],
  [
    "an unknown option of a handler",
    { ...thread, handlers: { a: { time: 1 } } },
    "time",
    /the options are/,
  ],
];

for (const [what, options, option, message] of refused) {
  Deno.test(`checkPoolOptions refuses ${what}`, () => {
    const error = assertThrows(
      () => checkPoolOptions(options as PoolOptions),
      InvalidOptionError,
    );
    assertEquals(error.option, option);
    assertMatch(error.message, message);
  });
}

for (const given of [module, "/srv/handlers.ts", "https://example.com/handlers.ts"]) {
  Deno.test(`checkPoolOptions takes the module ${given}`, () => {
    checkPoolOptions({ ...thread, module: given, memoryLimitMb: 64, handlers: { a: {} } });
  });
}
