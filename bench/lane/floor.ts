/**
 * A lane without a queue: what our round trips and bytes cost by themselves, through ioredis.
 *
 * It sends the calls that GQM sends, in batches that form in the same way, with arguments of the
 * same number and length, and gets replies of the same length. But its script only repeats text,
 * nothing is stored, and which jobs are where is known to this process alone. An idle consumer
 * waits in `BLPOP`, with the claim of a job behind it, and an enqueue puts a token there, as ours
 * does. Payloads above 4000 characters go by a plain `SET` before the script and are fetched by
 * `MGET`, some 512 KB at a time. They are made into JSON once and never read.
 *
 * So the difference from here to GQM is what the queue costs; that to zero cannot be won.
 */

import { Redis } from "ioredis";
import { Coalescer } from "../../src/coalesce.ts";
import { MAX_INLINE } from "../../src/store/redis/big_text.ts";
import { countCalls } from "./count_calls.ts";
import { runLane } from "./run.ts";
import type { Consumer, Payload, Producer, Subject } from "./subject.ts";
import { Tally } from "./tally.ts";

/** The jobs of one name: those that wait have the numbers from `claimed` to `enqueued`. */
interface Ledger {
  enqueued: number;
  claimed: number;
  completed: number;
  /** Length of a record. */
  recordChars: number;
  isBig: boolean;
  /** Length of a payload that has a key of its own. */
  bigChars: number;
  /** Calls of the producer that have not been answered. */
  underWay: number;
  /** Whether the consumer waits for a token. */
  sleeps: boolean;
  /** Told when jobs have been enqueued. */
  onEnqueued: () => void;
}

/** ARGV: tag; '1' for a token; records wanted; their length; an id; whatever else is to be sent. */
const SCRIPT = `
if ARGV[2] == '1' then redis.call('LPUSH', KEYS[1], 'r') end
local n = tonumber(ARGV[3])
if n == 0 then return { ARGV[1], '' } end
local ids, records, record = {}, {}, string.rep('x', tonumber(ARGV[4]))
for i = 1, n do ids[i] = ARGV[5] records[i] = record end
if n < 2 then return { ARGV[1], '', ids, records } end
ids = table.concat(ids, ' ')
if n * #record <= 65536 then records = table.concat(records, ' ') end
return { ARGV[1], '', ids, records }`;

const MAX_JOBS = 500;
const MAX_CHARS = 64 * 1024;
const MAX_FETCHED = 512 * 1024;
const TAG = "0123456789ab1z";
const ID = "~0123456789abcdefghijkl";
const FENCE = "1764000000000000";
/** What stands before the payload of a record. */
const HEAD = "50||default|bench.measured.0\n\n";

const commands = countCalls(Redis.prototype, "sendCommand");

await runLane(({ url }): Subject => {
  const ledgers = new Map<string, Ledger>();
  const ledgerOf = (name: string): Ledger => {
    const none = {
      enqueued: 0,
      claimed: 0,
      completed: 0,
      recordChars: 0,
      bigChars: 0,
      underWay: 0,
    };
    const ledger = ledgers.get(name) ??
      { ...none, isBig: false, sleeps: false, onEnqueued: () => {} };
    ledgers.set(name, ledger);
    return ledger;
  };
  return {
    commands,
    producer: async ({ name }) => await floorProducer(url, name, ledgerOf(name)),
    consumer: async ({ name }, concurrency, onStart) =>
      await floorConsumer(url, name, ledgerOf(name), concurrency, onStart),
  };
});

async function floorProducer(url: string, name: string, ledger: Ledger): Promise<Producer> {
  const [redis, digest] = await connect(url);
  let text = "";
  const write = async (count: number, isOneCall: boolean): Promise<void> => {
    ledger.underWay++;
    ledger.isBig = text.length > MAX_INLINE;
    ledger.bigChars = text.length;
    const record = ledger.isBig ? HEAD : HEAD + text;
    ledger.recordChars = record.length;
    const most = isOneCall
      ? count
      : Math.max(1, Math.min(MAX_JOBS, Math.floor(MAX_CHARS / record.length)));
    const calls: Promise<unknown>[] = [];
    for (let done = 0; done < count; done += most) {
      const n = Math.min(most, count - done);
      for (let i = 0; ledger.isBig && i < n; i++) {
        calls.push(redis.set(`big:${name}:${ledger.enqueued + done + i}`, text, "EX", 3600, "NX"));
      }
      const token = ledger.sleeps ? "1" : "0";
      ledger.sleeps = false;
      const columns = [...Array(n).fill(ID), ...Array(n).fill(record)];
      calls.push(redis.evalsha(digest, 1, `wake:${name}`, TAG, token, 0, 0, ID, ...columns));
    }
    await Promise.all(calls);
    ledger.enqueued += count;
    ledger.underWay--;
    ledger.onEnqueued();
  };
  const writes = new Coalescer<undefined, undefined>({
    send: async (batch) => {
      await write(batch.length, false);
      return batch;
    },
    maxWeight: 1000,
  });
  let last: Payload | undefined;
  const use = (payload: Payload): void => {
    if (payload === last) return;
    last = payload;
    text = JSON.stringify(payload);
  };
  return {
    enqueue: (payload) => {
      use(payload);
      return writes.add(undefined);
    },
    enqueueMany: (payload, count) => {
      use(payload);
      return write(count, true);
    },
    counts: () => {
      const { enqueued, claimed, completed } = ledger;
      return Promise.resolve({ waiting: enqueued - claimed, completed, rest: claimed - completed });
    },
    [Symbol.asyncDispose]: async () => {
      await redis.quit();
    },
  };
}

async function floorConsumer(
  url: string,
  name: string,
  ledger: Ledger,
  concurrency: number,
  onStart: () => void,
): Promise<Consumer> {
  const [[redis, digest], [blocked]] = await Promise.all([connect(url), connect(url)]);
  const settled = new Tally();
  let stopped = false;
  /** Waits for a job; gives how many came with the wake. */
  const wait = async (): Promise<number> => {
    const arrived = new Promise<void>((resolve) => ledger.onEnqueued = resolve);
    const mayBlock = ledger.underWay === 0;
    if (mayBlock) {
      ledger.sleeps = true;
      const sent = [TAG, "0", 1, ledger.recordChars, ID, ""];
      await Promise.all([
        blocked.blpop(`wake:${name}`, 0),
        blocked.evalsha(digest, 1, `wake:${name}`, ...sent),
      ]);
    }
    if (ledger.enqueued === ledger.claimed) await arrived;
    return mayBlock ? 1 : 0;
  };
  /** The jobs from `first` on have come. */
  const start = async (first: number, n: number): Promise<void> => {
    if (ledger.isBig && n > 0) {
      const keys = Array.from({ length: n }, (_, i) => `big:${name}:${first + i}`);
      const most = Math.max(1, Math.floor(MAX_FETCHED / ledger.bigChars));
      const parts = Array.from(
        { length: Math.ceil(n / most) },
        (_, i) => keys.slice(i * most, (i + 1) * most),
      );
      await Promise.all(parts.map((part) => redis.mget(part)));
    }
    for (let i = 0; i < n; i++) onStart();
  };
  /** Ends what has run and claims what is there, one call at a time. */
  const run = async (): Promise<void> => {
    let ran = 0;
    while (!stopped) {
      const first = ledger.claimed;
      const n = Math.min(concurrency, ledger.enqueued - first);
      if (ran === 0 && n === 0) {
        ran = await wait();
        ledger.claimed += ran;
        await start(first, ran);
        continue;
      }
      ledger.claimed += n;
      const columns = [ID, "0"].map((text) => JSON.stringify(Array(ran).fill(text)));
      const sent = [TAG, "0", n, ledger.recordChars, ID, "c".repeat(ran), FENCE, ...columns];
      await redis.evalsha(digest, 1, `wake:${name}`, ...sent);
      ledger.completed += ran;
      for (let i = 0; i < ran; i++) settled.add();
      await start(first, n);
      ran = n;
    }
  };
  return {
    start: () => {
      run().catch((error) => {
        if (!stopped) settled.fail(error);
      });
      return Promise.resolve();
    },
    settled: (jobs) => settled.reaches(jobs),
    [Symbol.asyncDispose]: () => {
      stopped = true;
      blocked.disconnect();
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

/** A connection, and the digest of the script. */
async function connect(url: string): Promise<[Redis, string]> {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  return [redis, String(await redis.script("LOAD", SCRIPT))];
}
