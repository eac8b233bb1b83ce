import { assertEquals, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import type { CheckReply, CheckRequest, Finding, Store } from "../../../src/store/store.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { FaultyStore } from "../../../src/testing/faulty_store.ts";
import { checkInvariants, type CheckOptions } from "../../../src/upkeep/doctor.ts";
import { patient } from "../../support/doctor.ts";

function finding(n: number, repaired = false): Finding {
  return { kind: "lost_entry", id: `job${n}`, text: `finding ${n}`, repaired };
}

/** A store whose check gives these replies in turn, and what it was asked. */
function scripted(replies: readonly CheckReply[]): { store: Store; asked: CheckRequest[] } {
  const asked: CheckRequest[] = [];
  const check = (request: CheckRequest): Promise<CheckReply> => {
    asked.push(request);
    return Promise.resolve(replies[asked.length - 1]!);
  };
  return { store: { check } as Store, asked };
}

Deno.test("checkInvariants gives an empty report when nothing is wrong", async () => {
  await using store = memoryStore();
  await store.enqueue([[patient("a")], [patient("b")]]);
  const report = await checkInvariants(store);
  assertEquals({ ...report, checked: report.checked >= 2 }, {
    checked: true,
    found: 0,
    repaired: 0,
    findings: [],
  });
});

Deno.test("checkInvariants goes on from each cursor, and adds up what it is told", async () => {
  const { store, asked } = scripted([
    { checked: 10, findings: [finding(1, true), finding(2)], cursor: "a" },
    { checked: 0, findings: [], cursor: "" },
    { checked: 7, findings: [finding(3, true)] },
  ]);
  assertEquals(await checkInvariants(store, { repair: true, stepSize: 10 }), {
    checked: 17,
    found: 3,
    repaired: 2,
    findings: [finding(1, true), finding(2), finding(3, true)],
  });
  assertEquals(asked, [
    { repair: true, limit: 10 },
    { repair: true, limit: 10, cursor: "a" },
    { repair: true, limit: 10, cursor: "" },
  ]);
});

Deno.test("checkInvariants repairs nothing, and looks at 500 at a time, unless told otherwise", async () => {
  const { store, asked } = scripted([{ checked: 0, findings: [] }]);
  await checkInvariants(store);
  assertEquals(asked, [{ repair: false, limit: 500 }]);
});

Deno.test("checkInvariants keeps 1000 findings, counts all, and tells each to onFinding", async () => {
  const replies = Array.from({ length: 15 }, (_, step): CheckReply => ({
    checked: 100,
    findings: Array.from({ length: 100 }, (_, i) => finding(step * 100 + i, true)),
    ...(step < 14 ? { cursor: `${step}` } : {}),
  }));
  const { store } = scripted(replies);
  const told: string[] = [];
  const onFinding = ({ text }: Finding): void => void told.push(text);
  const report = await checkInvariants(store, { repair: true, onFinding });
  assertEquals([report.checked, report.found, report.repaired], [1500, 1500, 1500]);
  assertEquals(report.findings.length, 1000);
  assertEquals(report.findings.at(-1), finding(999, true));
  assertEquals(told, Array.from({ length: 1500 }, (_, i) => `finding ${i}`));
});

Deno.test("checkInvariants ends between two steps when the signal aborts", async () => {
  const reason = new Error("enough");
  const ended = new AbortController();
  const { store, asked } = scripted([
    { checked: 1, findings: [finding(1)], cursor: "a" },
    { checked: 1, findings: [] },
  ]);
  const onFinding = (): void => ended.abort(reason);
  const thrown = await assertRejects(() =>
    checkInvariants(store, { signal: ended.signal, onFinding })
  );
  assertEquals([thrown, asked.length], [reason, 1]);
});

Deno.test("checkInvariants asks nothing of a store when the signal has aborted", async () => {
  const { store, asked } = scripted([]);
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  assertEquals(await assertRejects(() => checkInvariants(store, { signal })), reason);
  assertEquals(asked, []);
});

Deno.test("checkInvariants throws what the store throws", async () => {
  const faulty = new FaultyStore(memoryStore());
  faulty.fail("check", { error: new Error("down") });
  await assertRejects(() => checkInvariants(faulty.store), Error, "down");
});

const wrong: readonly [string, object][] = [
  ["repair", { repair: 1 }],
  ["stepSize", { stepSize: 0 }],
  ["stepSize", { stepSize: 1001 }],
  ["stepSize", { stepSize: 1.5 }],
  ["fix", { fix: true }],
];

for (const [option, options] of wrong) {
  Deno.test(`checkInvariants refuses ${JSON.stringify(options)}`, async () => {
    const { store, asked } = scripted([]);
    await assertRejects(
      () => checkInvariants(store, options as CheckOptions),
      InvalidOptionError,
      `'${option}'`,
    );
    assertEquals(asked, []);
  });
}
