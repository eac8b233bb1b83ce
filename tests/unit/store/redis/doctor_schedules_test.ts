/** Schedules that nobody would find, and what is left of some that are gone: found, explained, mended. */

import { assert, assertEquals } from "@std/assert";
import { change, define } from "../../../../src/testing/conformance/schedule_builders.ts";
import type { FindingKind } from "../../../../src/store/doctor_stage.ts";
import { examine, type Patient, testPatient } from "../../../support/redis/doctor.ts";

const DUE = 1_900_000_000_000;

async function fill({ store }: Patient): Promise<void> {
  const notes = [{ slotAt: 1, outcome: "missed" }] as const;
  await change(store, define("due", { slotAt: DUE, dueAt: DUE, notes }));
  await change(store, define("paused", { paused: true, notes }));
  await change(store, define("custom", { custom: true, slotAt: DUE, dueAt: DUE }));
}

const cases: readonly {
  readonly name: string;
  readonly commands: readonly string[];
  readonly finds: readonly FindingKind[];
}[] = [
  {
    name: "a schedule without its due entry",
    commands: ["ZREM schedDue due"],
    finds: ["lost_entry"],
  },
  {
    name: "a schedule with another due entry",
    commands: ["ZADD schedDue 5 due"],
    finds: ["lost_entry"],
  },
  { name: "a schedule that no list has", commands: ["ZREM schedIds due"], finds: ["lost_entry"] },
  {
    name: "a due entry of a paused schedule",
    commands: ["ZADD schedDue 5 paused"],
    finds: ["stale_entry"],
  },
  {
    name: "a due entry of a custom schedule",
    commands: ["ZADD schedDue 5 custom"],
    finds: ["stale_entry"],
  },
  {
    name: "entries and the history of a schedule that is gone",
    commands: ["ZADD schedDue 5 gone", "ZADD schedIds 0 gone", "LPUSH schedLog:gone 1|2|3"],
    finds: ["stale_data", "stale_entry", "stale_entry"],
  },
  {
    name: "what is left when the schedules themselves are lost",
    commands: ["DEL schedules"],
    finds: [...Array(2).fill("stale_data"), ...Array(4).fill("stale_entry")],
  },
];

for (const { name, commands, finds } of cases) {
  testPatient(`check() mends ${name}`, async (patient) => {
    const { store, call } = patient;
    await fill(patient);
    assertEquals(await examine(store), [], "nothing is wrong to begin with");
    const before = (await store.schedules({ limit: 10 })).records;
    for (const command of commands) {
      const [verb, key, ...rest] = command.split(" ");
      await call(verb!, `KEY:${key}`, ...rest);
    }
    const seen = await examine(store);
    assertEquals(seen.map(({ kind }) => kind).sort(), finds);
    for (const { id, text, repaired } of seen) assert(id === null && !repaired && text.length > 20);
    assert((await examine(store, true)).every(({ repaired }) => repaired));
    assertEquals(await examine(store, true), []);
    const { records } = await store.schedules({ limit: 10 });
    assertEquals(records, commands[0] === "DEL schedules" ? [] : before);
    patient.clock.jump(DUE);
    const due = await store.schedules({ due: 10, can: [] });
    assertEquals(due.records.map(({ id }) => id), records.length === 0 ? [] : ["due"]);
  });
}

testPatient(
  "check() tells of a schedule that cannot be read, and a new definition mends it",
  async (patient) => {
    const { store, call } = patient;
    await fill(patient);
    await call("HSET", "KEY:schedules", "due", "rubbish");
    const seen = await examine(store, true);
    assertEquals(seen.map(({ kind, repaired }) => [kind, repaired]), [["broken_record", false]]);
    await change(store, define("due", { slotAt: DUE, dueAt: DUE }));
    assertEquals(await examine(store, true), []);
  },
);
