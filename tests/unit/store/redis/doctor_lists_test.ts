/** Lists too long to be searched in one call, and cursors. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../../src/errors.ts";
import { claim, examine, job, put, settle, testPatient } from "../../../support/redis/doctor.ts";
import { byKind } from "../../../support/redis/doctor_cases.ts";

testPatient(
  "check() finds what is lost and what is double in lists of any length",
  async (patient) => {
    const { store, clock, call } = patient;
    const many = Array.from({ length: 11_000 }, (_, i) => job(`j${i}`));
    await store.enqueue([many]);
    await put(store, ...Array.from({ length: 11_000 }, (_, i) => job(`f${i}`, { queue: "p" })));
    const sources = [{ queue: "p", types: ["t"], share: 500 }];
    for (let i = 0; i < 22; i++) await settle(store, await claim(store, { sources, limit: 500 }));
    await store.act(["j700", "j701"], { kind: "remove" });
    await put(store, job("j700"), job("j701"));
    await store.act(["j20", "j21"], { kind: "prioritize", priority: 5 });
    await store.act(["j20"], { kind: "prioritize", priority: 0 });
    assertEquals(await examine(store, true, 1000), []);
    const last = await call("LINDEX", "KEY:l:q|30t", "-2") as string;
    assert(last.endsWith("|j701"), last);
    await call("LREM", "KEY:l:q|30t", "1", last);
    const entry = await call("LINDEX", "KEY:l:q|30t", "6000") as string;
    await call("LREM", "KEY:l:q|30t", "1", entry);
    const done = await call("LINDEX", "KEY:f:p|t", "6000") as string;
    await call("LREM", "KEY:f:p|t", "1", done);
    await call("RPUSH", "KEY:l:q|30t", `${await call("INCR", "KEY:seq")}|j5`);
    const idOf = (text: string): string => text.replace(/^\d+[|!*]/, "");
    const lost = [idOf(done), idOf(entry), "j701"].map((id) => ["lost_entry", id] as const);
    const expected = [["double_entry", "j5"] as const, ...lost].toSorted(byKind);
    const found = await examine(store, false, 1000);
    assertEquals(
      found.map(({ kind, id }) => [kind, id] as const).toSorted(byKind),
      expected as unknown,
    );
    assertEquals((await examine(store, true, 1000)).length, 4);
    assertEquals(await examine(store, true, 1000), []);
    await clock.advance(1);
    assertEquals(
      (await store.counts()).filter(({ status }) => status === "ready").map(({ count }) => count),
      [11_000],
    );
  },
);

testPatient("check() refuses a cursor that is none", async ({ store }) => {
  for (
    const cursor of [
      "",
      "5",
      "null",
      '{"phase":"x"}',
      '{"phase":"keys","scan":"0","keys":["jobs"],"at":""}',
    ]
  ) {
    await assertRejects(() => store.check({ repair: true, limit: 9, cursor }), InvalidOptionError);
  }
});
