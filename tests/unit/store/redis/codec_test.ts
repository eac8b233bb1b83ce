import { assertEquals } from "@std/assert";
import {
  encodeJob,
  isPlain,
  laneOf,
  plainHead,
  timeOf,
} from "../../../../src/store/redis/codec.ts";
import { decodeClaim, escapeName, pairOfClaim } from "../../../../src/store/redis/claim_text.ts";
import { decodeJob } from "../../../../src/store/redis/record_text.ts";
import { decodeState } from "../../../../src/store/redis/state_text.ts";
import type { NewJob } from "../../../../src/store/store.ts";

const job: NewJob = {
  id: "a",
  type: "mail|send %d !*",
  queue: "q:1.x-y_z",
  priority: 0,
  payload: '{"a":"|"}\n',
  settings: {},
};

const jobs: Readonly<Record<string, Partial<NewJob>>> = {
  "plain": {},
  "lowest priority": { priority: -30 },
  "highest priority": { priority: 30 },
  "delayed": { delayMs: 5 },
  "at the front": { atFront: true, runAt: 5 },
  "expiring": { settings: { expireAt: 17 } },
  "with retention": {
    settings: { retention: { completedMs: -1, failedMs: 0 }, deadLetter: false },
  },
  "with parents": { settings: { dependsOn: [{ id: "b", onFailure: "ignore" }] }, delayMs: 7 },
  "with a key": { settings: { unique: { key: "k:1.x", until: "started", ttlMs: 0.5 } } },
  "with meta": { settings: { meta: { "a|b\n": "c;x9;" }, enqueuedBy: ";n;" } },
};

for (const [name, fields] of Object.entries(jobs)) {
  Deno.test(`decodeJob reads what encodeJob wrote of a job ${name}`, () => {
    const given = { ...job, ...fields };
    const decoded = decodeJob(`123|${encodeJob(given, undefined).record}`);
    assertEquals(decoded, {
      createdAt: 123,
      priority: given.priority,
      queue: given.queue,
      type: given.type,
      settings: given.settings,
      payload: given.payload,
      big: undefined,
    });
  });
}

for (const [name, fields] of Object.entries(jobs)) {
  Deno.test(`isPlain knows of a job ${name} whether a script must look at it`, () => {
    const given = { ...job, ...fields };
    const { record, sep } = encodeJob(given, undefined);
    assertEquals(isPlain(given), sep === "|" && timeOf(given) === "");
    if (isPlain(given)) assertEquals(plainHead(given) + given.payload, record);
  });
}

Deno.test("encodeJob keeps a large payload apart", () => {
  const { record, sep } = encodeJob({ ...job, payload: "x".repeat(9999) }, "tag.0");
  const { big, payload } = decodeJob(`1|${record}`);
  assertEquals([sep, big, payload], ["!", "tag.0", ""]);
});

Deno.test("encodeJob says in the entry what a script must look at", () => {
  const sepOf = (fields: Partial<NewJob>): string =>
    encodeJob({ ...job, ...fields }, undefined).sep;
  assertEquals(sepOf({ settings: { maxRetry: 5, meta: {} } }), "|");
  assertEquals(sepOf({ settings: { deadLetter: true } }), "|");
  assertEquals(sepOf({ settings: { expireAt: 1 } }), "!");
  assertEquals(sepOf({ atFront: true }), "^");
  assertEquals(sepOf({ atFront: true, settings: { deadLetter: false } }), "&");
});

Deno.test("encodeJob says in the flags what keeps others out and what it waits for", () => {
  const flagsOf = (fields: Partial<NewJob>, draft = ""): string =>
    encodeJob({ ...job, ...fields }, undefined, draft).record.split("|")[1]!;
  const dependsOn = [{ id: "b", onFailure: "cancel" }] as const;
  assertEquals(flagsOf({ settings: { dependsOn: [] } }), "");
  assertEquals(flagsOf({ settings: { dependsOn } }), ";g;");
  assertEquals(flagsOf({ settings: { dependsOn }, delayMs: 1.5 }), ";g;;t;;w+2;");
  assertEquals(flagsOf({ settings: { dependsOn }, runAt: 99 }), ";g;;t;;w99;");
  assertEquals(flagsOf({ delayMs: 2 }, "tag"), ";g;;t;;w+2;;qtag;");
  assertEquals(flagsOf({ delayMs: 2 }), ";t;");
  assertEquals(flagsOf({ settings: { unique: { key: null, until: "removed" } } }), "");
  assertEquals(flagsOf({ settings: { unique: { key: "k", until: "removed" } } }), ";uk,r,;");
  const unique = { key: "k", until: "finished", ttlMs: 7 } as const;
  assertEquals(
    flagsOf({ settings: { unique }, delayMs: 2, onConflict: "rerun" }),
    ";uk,f,7;;t;;w+2;",
  );
});

Deno.test("laneOf sorts higher priorities first", () => {
  assertEquals(laneOf(job), "q:1.x-y_z|30mail|send %d !*");
  assertEquals(laneOf({ ...job, priority: 30 }).slice(10, 12), "00");
  assertEquals(laneOf({ ...job, priority: -30 }).slice(10, 12), "60");
});

Deno.test("a claim names holder, queue and type, whatever their names", () => {
  for (const sep of ["|", "!", "*"]) {
    const [server, pool] = ["h|1%\n", "p%7C"].map(escapeName);
    const claim = `170|-5${sep}99|tag1|${server}|${pool}|${laneOf(job)}`;
    assertEquals(decodeClaim(claim, 200), {
      fence: 170,
      server: "h|1%\n",
      pool: "p%7C",
      claimedAt: 99,
      leaseUntil: 200,
    });
    assertEquals(pairOfClaim(claim), { queue: job.queue, type: job.type });
  }
});

Deno.test("decodeState reads a first completion", () => {
  const state = decodeState('c|0|1|0|55||\nc|1000|12|s|p|\n={"a":\n1}');
  assertEquals(state.attempts, [{
    attempt: 1,
    startedAt: 988,
    finishedAt: 1000,
    outcome: "completed",
    server: "s",
    pool: "p",
  }]);
  assertEquals(
    [state.status, state.finishedAt, state.result, state.error, state.fence],
    ["c", 1000, '{"a":\n1}', null, "55"],
  );
});

Deno.test("decodeState reads retries, losses and the number of attempts that are kept", () => {
  const failed = JSON.stringify({ message: "a|b\n=!" });
  const state = decodeState(`d|3|30|2|55||\nl|900|10|s|p|\nd|1000|0|s|p|${failed}`);
  assertEquals(state.attempts.map(({ attempt, outcome }) => [attempt, outcome]), [
    [29, "lost"],
    [30, "dead_letter"],
  ]);
  assertEquals([state.error, state.finishedAt, state.deliveries], ["a|b\n=!", 1000, 2]);
});

Deno.test("decodeState reads an error that no attempt has", () => {
  const state = decodeState('x|0|0|0|0|77|\n!"expired"');
  assertEquals([state.status, state.error, state.finishedAt], ["x", "expired", 77]);
});

Deno.test("decodeState reads which parent canceled a job, and how that ended", () => {
  const state = decodeState("x|0|0|0|0|77|\n<~-O------R-1----------7|ended as dead_letter");
  const id = "01900000-0000-7000-8000-000000000008";
  assertEquals([state.canceledBy, state.error, state.finishedAt, state.attempts], [
    id,
    `Parent '${id}' ended as dead_letter`,
    77,
    [],
  ]);
});
