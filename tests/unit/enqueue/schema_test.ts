import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { InvalidPayloadError, UnknownJobTypeError } from "../../../src/enqueue/errors.ts";
import { checkedJob, defineJobs, job } from "../../../src/job/registry.ts";
import { schema, withNumber, withNumberLater } from "../../support/schema.ts";
import { World } from "../../support/world.ts";

const jobs = defineJobs({
  "sync": checkedJob(withNumber),
  "async": checkedJob(withNumberLater),
  "free": job<{ a: string }>(),
  "throws": checkedJob(schema(() => {
    throw new TypeError("broken schema");
  })),
});

for (const type of ["sync", "async"] as const) {
  Deno.test(`enqueue accepts a payload that a ${type} schema accepts`, async () => {
    await using world = new World();
    const client = new Client({ store: world.store, jobs });
    const handle = await client.enqueue(type, { n: 1 });
    assertEquals((await world.record(handle.id)).payload, '{"n":1}');
  });

  Deno.test(`enqueue refuses a payload that a ${type} schema refuses`, async () => {
    await using world = new World();
    const client = new Client({ store: world.store, jobs });
    const bad = { n: "1" } as unknown as { n: number };
    const error = await assertRejects(() => client.enqueue(type, bad));
    assertInstanceOf(error, InvalidPayloadError);
    assertEquals([error.name, error.code], ["InvalidPayloadError", "INVALID_PAYLOAD"]);
    assertEquals(error.issues, ["n: must be a number"]);
    assertMatch(error.message, /^Cannot enqueue job as .*n: must be a number/);
    assertEquals(await world.store.counts(), [], "nothing was written");
  });
}

Deno.test("enqueue does not check a payload whose type has no schema", async () => {
  await using world = new World();
  const client = new Client({ store: world.store, jobs });
  await client.enqueue("free", 5 as unknown as { a: string });
});

Deno.test("enqueue lets through what a schema throws, and writes nothing", async () => {
  await using world = new World();
  const client = new Client({ store: world.store, jobs });
  await assertRejects(() => client.enqueue("throws", {}), TypeError, "broken schema");
  assertEquals(await world.store.counts(), []);
});

Deno.test("enqueue stores what the caller gave, not what the schema made of it", async () => {
  await using world = new World();
  const doubling = schema<number, number>((value) => ({ value: 2 * (value as number) }));
  const client = new Client({ store: world.store, jobs: { "d": checkedJob(doubling) } });
  const handle = await client.enqueue("d", 21);
  assertEquals((await world.record(handle.id)).payload, "21", "else it would be applied twice");
});

Deno.test("enqueue refuses a payload that its schema will refuse once it went through JSON", async () => {
  await using world = new World();
  // As a schema for dates does: it takes a Date, but JSON brings the handler a text.
  const date = schema<{ at: Date }>((value) =>
    (value as { at: unknown }).at instanceof Date
      ? { value }
      : { issues: [{ message: "must be a Date", path: ["at"] }] }
  );
  const client = new Client({ store: world.store, jobs: { "d": checkedJob(date) } });
  await assertRejects(
    () => client.enqueue("d", { at: new Date(0) }),
    InvalidPayloadError,
    "must be a Date",
  );
});

const outside = [
  "unknown",
  "toString",
  "constructor",
  "hasOwnProperty",
  "__proto__",
  "valueOf",
  "Sync",
  "sync ",
];

for (const type of outside) {
  Deno.test(`enqueue refuses the type '${type}' when it is outside the registry`, async () => {
    await using world = new World();
    const client = new Client({ store: world.store, jobs });
    const call = client.enqueue as (type: string) => Promise<unknown>;
    const error = await assertRejects(() => call.call(client, type));
    assertInstanceOf(error, UnknownJobTypeError);
    assertEquals([error.code, error.type], ["UNKNOWN_JOB_TYPE", type]);
    assertMatch(
      error.message,
      /^Cannot enqueue job as 'type' must be in the job registry .*: current value is '/,
    );
    assertEquals(await world.store.counts(), [], "nothing was written");
  });

  Deno.test(`enqueueMany refuses the type '${type}' when it is outside the registry`, async () => {
    await using world = new World();
    const client = new Client({ store: world.store, jobs });
    const items = [{ type: "free" }, { type }] as unknown as [];
    const error = await assertRejects(() => client.enqueueMany(items), UnknownJobTypeError);
    assertMatch(error.message, /^Item 1: /);
    assertEquals(await world.store.counts(), [], "nothing was written");
  });
}

Deno.test("enqueue accepts a type named as a property of Object when the registry has it", async () => {
  await using world = new World();
  const odd = { ["__proto__"]: job<number>(), "toString": job<number>() };
  const client = new Client({ store: world.store, jobs: odd });
  await client.enqueue("toString", 1);
  await client.enqueue("__proto__", 1);
  assertEquals((await world.store.counts()).map(({ type }) => type).sort(), [
    "__proto__",
    "toString",
  ]);
});

Deno.test("UnknownJobTypeError stays readable when the registry is large", async () => {
  await using world = new World();
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`type.${i}`, job()]));
  const client = new Client({ store: world.store, jobs: many });
  const error = await assertRejects(() => client.enqueue("nope"), UnknownJobTypeError);
  assertEquals(error.message.length < 2000, true, `${error.message.length} characters`);
});
