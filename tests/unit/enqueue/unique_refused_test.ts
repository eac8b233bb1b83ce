import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import { World } from "../../support/world.ts";

const policies = "'reject', 'existing', 'replace', 'debounce', 'throttle', 'rerun'";
const key = { key: "k" };

const refused: readonly [options: object, option: string, rule: string, value: string][] = [
  [{ unique: null }, "unique", "be an object", "null"],
  [{ unique: "k" }, "unique", "be an object", "'k'"],
  [{ unique: 1 }, "unique", "be an object", "1"],
  [{ unique: [] }, "unique", "be an object", "[]"],
  [
    { unique: { name: "k" } },
    "unique.name",
    "not be given: the options are by, key, until, ttlMs",
    "'k'",
  ],
  [
    { unique: { by: "type" } },
    "unique.by",
    "be one of 'id', 'payload', 'key'",
    "'type'",
  ],
  [{ unique: true }, "id", "be given when 'unique' is set", "undefined"],
  [{ unique: { by: "id" } }, "id", "be given when 'unique' is set", "undefined"],
  [{ unique: { by: "key" } }, "unique.key", "be given for 'by: key'", "undefined"],
  [{ unique: { by: "payload", key: "k" } }, "unique.key", "be given only for 'by: key'", "'k'"],
  [
    { id: "a", unique: { by: "id", key: "k" } },
    "unique.key",
    "be given only for 'by: key'",
    "'k'",
  ],
  [{ unique: { key: "" } }, "unique.key", "be a string of 1 to 256 characters", "''"],
  [{ unique: { key: 5 } }, "unique.key", "be a string of 1 to 256 characters", "5"],
  [{ unique: { key: null } }, "unique.key", "be a string of 1 to 256 characters", "null"],
  [{ unique: { key: {} } }, "unique.key", "be a string of 1 to 256 characters", "{}"],
  [{ unique: { ...key, ttlMs: 0 } }, "unique.ttlMs", "be a whole number from 1 to", "0"],
  [{ unique: { ...key, ttlMs: -1 } }, "unique.ttlMs", "be a whole number from 1 to", "-1"],
  [{ unique: { ...key, ttlMs: 1.5 } }, "unique.ttlMs", "be a whole number from 1 to", "1.5"],
  [{ unique: { ...key, ttlMs: Infinity } }, "unique.ttlMs", "be a whole number from 1", "Infinity"],
  [{ unique: { ...key, ttlMs: "5" } }, "unique.ttlMs", "be a whole number from 1 to", "'5'"],
  [{ unique: { ...key, ttlMs: null } }, "unique.ttlMs", "be a whole number from 1 to", "null"],
  [
    { unique: { ...key, until: "completed" } },
    "unique.until",
    "be one of 'started', 'finished', 'removed'",
    "'completed'",
  ],
  [{ unique: { ...key, until: null } }, "unique.until", "be one of 'started'", "null"],
  [{ onConflict: "merge" }, "onConflict", `be one of ${policies}`, "'merge'"],
  [{ onConflict: null }, "onConflict", `be one of ${policies}`, "null"],
  [{ onConflict: true }, "onConflict", `be one of ${policies}`, "true"],
  [{ onConflict: "replace" }, "unique", "be given for 'onConflict: replace'", "undefined"],
  [
    { onConflict: "replace", unique: false },
    "unique",
    "be given for 'onConflict: replace'",
    "false",
  ],
  [
    { onConflict: "debounce", delayMs: 1 },
    "unique",
    "be given for 'onConflict: debounce'",
    "undefined",
  ],
  [
    { onConflict: "debounce", unique: key },
    "delayMs",
    "be given for 'onConflict: debounce'",
    "undefined",
  ],
  [
    { onConflict: "debounce", id: "a" },
    "delayMs",
    "be given for 'onConflict: debounce'",
    "undefined",
  ],
  [
    { onConflict: "throttle", unique: key },
    "unique.ttlMs",
    "be given for 'onConflict: throttle'",
    "undefined",
  ],
  [
    { onConflict: "throttle", id: "a" },
    "unique.ttlMs",
    "be given for 'onConflict: throttle'",
    "undefined",
  ],
  [
    { onConflict: "rerun" },
    "unique",
    "be given, by key or by payload, for 'onConflict: rerun'",
    "undefined",
  ],
  [
    { onConflict: "rerun", id: "a" },
    "unique",
    "be given, by key or by payload, for 'onConflict: rerun'",
    "undefined",
  ],
  [
    { onConflict: "rerun", id: "a", unique: true },
    "unique",
    "be given, by key or by payload, for 'onConflict: rerun'",
    "true",
  ],
  [
    { onConflict: "rerun", id: "a", unique: { by: "id", until: "finished" } },
    "unique",
    "be given, by key or by payload, for 'onConflict: rerun'",
    '{"by":"id","until":"finished"}',
  ],
  [
    { onConflict: "rerun", unique: { ...key, until: "started" } },
    "unique.until",
    "be 'finished' for 'onConflict: rerun'",
    "'started'",
  ],
];

for (const [options, option, rule, value] of refused) {
  Deno.test(`enqueue refuses ${JSON.stringify(options)} for ${option}, ${value}`, async () => {
    await using world = new World();
    const error = await assertRejects(() => world.client.enqueue("t", null, options));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(error.option, option, error.message);
    const start = `Cannot enqueue job as '${option}' must ${rule}`;
    assertEquals(error.message.slice(0, start.length), start);
    assertEquals(error.message.endsWith(`: current value is ${value}`), true, error.message);
    assertEquals(world.store.calls("enqueue").length, 0, "the store was not asked");
  });
}

const taken: readonly object[] = [
  { unique: { key: "k".repeat(256), ttlMs: 1 } },
  { unique: { by: undefined, key: undefined, until: undefined, ttlMs: undefined } },
  { onConflict: "existing" },
  { onConflict: "reject" },
  { onConflict: "replace", id: "a" },
  { onConflict: "replace", unique: {} },
  { onConflict: "debounce", id: "a", delayMs: 0 },
  { onConflict: "debounce", unique: key, runAt: 0 },
  { onConflict: "throttle", id: "a", unique: { ttlMs: 1 } },
  { onConflict: "throttle", unique: { ...key, ttlMs: 1, until: "finished" } },
  { onConflict: "rerun", unique: key },
  { onConflict: "rerun", unique: { by: "payload" } },
];

for (const options of taken) {
  Deno.test(`enqueue takes ${JSON.stringify(options).slice(0, 80)}`, async () => {
    await using world = new World();
    assertEquals((await world.client.enqueue("t", null, options)).isNew, true);
  });
}

for (const onConflict of ["existing", "reject", "replace", "rerun"]) {
  Deno.test(`a batch refuses onConflict ${onConflict}`, async () => {
    await using world = new World();
    const options = { unique: key, onConflict };
    const error = await assertRejects(() => world.client.enqueueMany([{ type: "t", options }]));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(
      error.message,
      "Item 0: Cannot enqueue job as 'onConflict' must not be given in a batch, which is written " +
        `as a whole: current value is '${onConflict}'`,
    );
  });
}
