/**
 * What the layout of the Redis store costs: Redis CPU-µs and bytes per job, for
 * each choice that was open, at 1 and at 10 types. `docs/adr/0003` draws the
 * conclusions; this stays as their source. Needs `redis-server` in PATH:
 *
 *   deno run -A bench/layout/main.ts [rounds]
 */

import process from "node:process";
import type { Redis } from "ioredis";
import { uuidv7Generator } from "../../src/job/id.ts";
import { median } from "../median.ts";
import { commandCalls, cpuUs, memoryBytes, startRedis } from "./redis.ts";
import { measureRemoval } from "./removal.ts";
import { type Choices, cycle, ENQUEUE } from "./scripts.ts";

/** How an id is written into Redis. */
type IdForm = "text" | "short" | "bytes";

interface Variant extends Choices {
  readonly name: string;
  readonly ids: IdForm;
}

const chosen: Choices = { claims: "hash", finals: "list", tombstones: true };
const variants: readonly Variant[] = [
  { name: "chosen", ids: "short", ...chosen },
  { name: "ids as 36 characters", ids: "text", ...chosen },
  { name: "ids as 16 bytes", ids: "bytes", ...chosen },
  { name: "claims as id:fence alone", ids: "short", ...chosen, claims: "member" },
  { name: "finals in a zset", ids: "short", ...chosen, finals: "zset" },
  {
    name: "finals in one list, counters by type",
    ids: "short",
    ...chosen,
    finals: "one list and counters",
  },
];
const BATCHES = [1, 8, 32, 128];
const TYPES = [1, 10];
const IN_FLIGHT = 8;

const rounds = Number(process.argv[2] ?? 3);
const newId = uuidv7Generator(() => Date.now());
const P = "{gqm}:";
const KEYS = ["seq", "fence", "jobs", "state", "leases", "claims", "idx", "l:", "done:", "s:"].map((
  key,
) => P + key);
const payload = JSON.stringify({
  to: "someone@example.com",
  subject: "Welcome",
  pad: "x".repeat(50),
});

/** An id as Redis gets it: a short one is `~` and 22 characters of base64url. */
function encode(id: string, form: IdForm): string | Buffer {
  if (form === "text") return id;
  const bytes = Buffer.from(id.replaceAll("-", ""), "hex");
  return form === "bytes" ? bytes : `~${bytes.toString("base64url")}`;
}

interface Claim {
  readonly id: Buffer | string;
  readonly fence: string;
  readonly lane: string;
}

class Bench {
  readonly #redis: Redis;
  readonly #variant: Variant;
  #enqueue = "";
  #cycle = "";

  constructor(redis: Redis, variant: Variant) {
    this.#redis = redis;
    this.#variant = variant;
  }

  async load(): Promise<void> {
    await this.#redis.flushall();
    // Up to 128 leases are otherwise a listpack that each call would scan.
    await this.#redis.zadd(`${P}leases`, "inf", "-".repeat(65));
    await this.#redis.hset(`${P}claims`, "-".repeat(65), "");
    this.#enqueue = await this.#redis.script("LOAD", ENQUEUE) as string;
    this.#cycle = await this.#redis.script("LOAD", cycle(this.#variant)) as string;
  }

  /** Enqueues `jobs`, types interleaved, in batches. */
  async enqueue(jobs: number, batch: number, types: number): Promise<void> {
    await inFlight(Math.ceil(jobs / batch), async (k) => {
      const size = Math.min(batch, jobs - k * batch);
      const used = Math.min(types, size);
      const lanes = Array.from({ length: used }, (_, l) => `31mail.${(k * size + l) % types}`);
      const codes = used === 1
        ? ""
        : Array.from({ length: size }, (_, i) => String.fromCharCode(48 + i % used)).join("");
      const ids = Array.from({ length: size }, () => encode(newId(), this.#variant.ids));
      const records = ids.map((_, i) =>
        `default|${lanes[i % used]!.slice(2)}|31|m4xz81qk|\n${payload}`
      );
      await this.#redis.evalsha(
        this.#enqueue,
        KEYS.length,
        ...KEYS,
        size,
        used,
        codes,
        ...lanes,
        ...ids,
        ...records,
      );
    });
  }

  /** Claims and settles everything, `batch` at a time. */
  async drain(batch: number): Promise<number> {
    let done = 0;
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      let held = await this.#run(batch, []);
      while (held.length > 0) {
        done += held.length;
        held = await this.#run(batch, held);
      }
    }));
    return done;
  }

  async #run(need: number, held: readonly Claim[]): Promise<Claim[]> {
    const byLane = Map.groupBy(held, ({ lane }) => lane);
    const sorted = [...byLane.values()].flat();
    const state = "5|m4xz81r2|0|1|1|k3,worker-1-4242-1a2b3c4d,default|";
    const reply = await this.#redis.callBuffer(
      "EVALSHA",
      this.#cycle,
      KEYS.length,
      ...KEYS,
      need,
      sorted.length,
      "worker-1-4242-1a2b3c4d|default",
      15_000,
      byLane.size,
      ...[...byLane].flatMap(([lane, claims]) => [lane, claims.length]),
      ...sorted.map(({ id }) => id),
      ...sorted.map(({ fence }) => fence),
      ...sorted.map(() => state),
    ) as [Buffer, Buffer[], Buffer[]] | [];
    if (reply.length === 0) return [];
    const [first, ids, records] = reply;
    return ids.map((id, i) => ({
      id: this.#variant.ids === "bytes" ? id : id.toString(),
      fence: String(Number(first) + i),
      lane: records[i]!.toString("utf8", 0, 40).split("|", 2).join("|"),
    }));
  }
}

async function inFlight(tasks: number, run: (task: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (next < tasks) await run(next++);
  }));
}

interface Figures {
  readonly enqueue: number[];
  readonly drain: number[];
  readonly calls: number[];
  waiting: number;
  completed: number;
}

await using own = await startRedis();
const { redis } = own;
const figures = new Map<string, Figures>();
for (let round = 0; round < rounds; round++) {
  for (const types of TYPES) {
    for (const batch of BATCHES) {
      for (const variant of variants) {
        const jobs = batch === 1 ? 5000 : 20_000;
        const bench = new Bench(redis, variant);
        await bench.load();
        const key = `${variant.name}|${types}|${batch}`;
        const found = figures.get(key) ??
          { enqueue: [], drain: [], calls: [], waiting: 0, completed: 0 };
        figures.set(key, found);
        const empty = await memoryBytes(redis);
        const start = await cpuUs(redis);
        await bench.enqueue(jobs, batch, types);
        const enqueued = await cpuUs(redis);
        found.waiting = (await memoryBytes(redis) - empty) / jobs;
        const calls = await commandCalls(redis);
        const before = await cpuUs(redis);
        const done = await bench.drain(batch);
        if (done !== jobs) throw new Error(`${variant.name}: ${done} of ${jobs} jobs were claimed`);
        found.enqueue.push((enqueued - start) / jobs);
        found.drain.push((await cpuUs(redis) - before) / jobs);
        found.calls.push((await commandCalls(redis) - calls) / jobs);
        found.completed = (await memoryBytes(redis) - empty) / jobs;
      }
    }
  }
}

console.log(
  `Redis ${own.version}, ${navigator.userAgent}, payload ${payload.length} bytes, ${rounds} rounds, ${IN_FLIGHT} calls in flight`,
);
console.log("Redis CPU-µs per job: enqueue / settle+claim; bytes per job: waiting / completed\n");
for (const types of TYPES) {
  console.log(
    `| ${types} type${types === 1 ? "" : "s"} | ${
      BATCHES.map((batch) => `batch ${batch}`).join(" | ")
    } | bytes | commands at 32 |`,
  );
  console.log(`|---|${BATCHES.map(() => "---:|").join("")}---:|---:|`);
  for (const { name } of variants) {
    const of = (batch: number): Figures => figures.get(`${name}|${types}|${batch}`)!;
    const cells = BATCHES.map((batch) =>
      `${median(of(batch).enqueue).toFixed(1)} / ${median(of(batch).drain).toFixed(1)}`
    );
    const bytes = `${Math.round(of(128).waiting)} / ${Math.round(of(128).completed)}`;
    console.log(
      `| ${name} | ${cells.join(" | ")} | ${bytes} | ${median(of(32).calls).toFixed(2)} |`,
    );
  }
  console.log("");
}

console.log(
  "| waiting jobs in the lane | removal by search, µs | by tombstone, µs |\n|---:|---:|---:|",
);
for (const length of [1000, 10_000, 100_000, 1_000_000]) {
  const { searched, tombstone } = await measureRemoval(redis, length);
  console.log(
    `| ${length.toLocaleString("en")} | ${searched.toFixed(0)} | ${tombstone.toFixed(0)} |`,
  );
}
