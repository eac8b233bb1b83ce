/**
 * A registry names the payload and the result of each type of job. A payload may also carry a
 * schema that is checked at run time, when the job is enqueued and again before it runs.
 */

import {
  checkedJob,
  Client,
  defineJobs,
  InvalidPayloadError,
  job,
  Server,
  type StandardSchemaV1,
  UnknownJobTypeError,
} from "../mod.ts";

interface Order {
  readonly item: string;
  readonly count: number;
}

// Zod, Valibot, ArkType and others make such schemas. This one is written by hand.
const order: StandardSchemaV1<Order> = {
  "~standard": {
    version: 1,
    vendor: "example",
    validate(value) {
      const { item, count } = (value ?? {}) as Partial<Order>;
      const issues = [];
      if (typeof item !== "string") issues.push({ message: "must be a string", path: ["item"] });
      if (!Number.isInteger(count)) issues.push({ message: "must be whole", path: ["count"] });
      return issues.length > 0 ? { issues } : { value: value as Order };
    },
  },
};

const jobs = defineJobs({
  "text.count": job<{ text: string }, { words: number }>(),
  "order.place": checkedJob(order).returns<string>(),
});

const store = "memory:typed-jobs";
await using server = new Server({ jobs, store, logLevel: "error" });
server.handle("text.count", ({ job }) => ({ words: job.payload.text.split(" ").length }));
server.handle("order.place", ({ job }) => `${job.payload.count} × ${job.payload.item}`);
await server.start();

await using client = new Client({ jobs, store });
const counted = await client.enqueue("text.count", { text: "one two three" });
const { words } = await counted.result(); // the compiler knows that this is a number
console.log(`${words} words`);

const placed = await client.enqueue("order.place", { item: "tea", count: 2 });
console.log(await placed.result());

try {
  await client.enqueue("order.place", { item: "tea", count: 0.5 });
} catch (error) {
  if (error instanceof InvalidPayloadError) console.log(`refused: ${error.issues.join("; ")}`);
}

try {
  // @ts-expect-error: the registry has no such type, which the compiler sees too
  await client.enqueue("order.cancel", {});
} catch (error) {
  if (error instanceof UnknownJobTypeError) console.log(`refused: no type '${error.type}'`);
}

// prints:
// 3 words
// 2 × tea
// refused: count: must be whole
// refused: no type 'order.cancel'
