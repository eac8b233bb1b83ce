import { assertEquals } from "@std/assert";
import { assertRecord, type Break, failedWith } from "../../../support/doctor.ts";
import { job, set, testBreaks } from "./support/doctor.ts";

/** Records that cannot be read. */
const breaks: readonly Break<string>[] = [
  {
    name: "jobs of a lane that does not exist",
    how: "DELETE FROM lanes WHERE type = 'parent'",
    kind: "lost_entry",
    id: null,
    ends: { parent: "ready", child: "deferred", other: "deferred", grandchild: "deferred" },
    look: async (store) => {
      const [record] = await store.getJobs(["parent"]);
      assertEquals([record?.queue, record?.type.slice(0, 5)], ["lost", "lane-"]);
      assertEquals((await store.list({ status: "ready", queue: "lost", limit: 5 })).jobs, [
        record!,
      ]);
    },
  },
  {
    name: "a payload that is lost",
    how: `DELETE FROM payloads WHERE n = ${job("big")}`,
    kind: "broken_record",
    id: "big",
    look: failedWith("big", "Its payload is lost"),
  },
  {
    name: "the payload of a held job that is lost",
    how: `DELETE FROM payloads WHERE n = ${job("held")}`,
    kind: "broken_record",
    id: "held",
    look: failedWith("held", "Its payload is lost"),
  },
  {
    name: "settings that are no JSON",
    how: set("ready", "settings = '{'"),
    kind: "broken_record",
    id: "ready",
    look: failedWith("ready", "Its settings cannot be read: {"),
  },
  {
    name: "attempts that are no list",
    how: set("retry", "attempts = '7'"),
    kind: "broken_record",
    id: "retry",
    look: failedWith("retry", "Its attempts cannot be read: 7"),
  },
  {
    name: "settings of a parent that are no JSON",
    how: set("parent", "settings = '['"),
    kind: "broken_record",
    id: "parent",
    ends: { child: "canceled", grandchild: "canceled" },
    look: (store) => assertRecord(store, "child", { status: "canceled", canceledBy: "parent" }),
  },
  {
    name: "settings of a parent whose grandchild has a lane that does not exist",
    how: `${set("parent", "settings = '['")}; ${set("grandchild", "lane = 77")}`,
    kind: "broken_record",
    id: "parent",
    also: ["lost_entry null", "wrong_count null", "wrong_count null"],
    ends: { child: "canceled", grandchild: "canceled" },
  },
  {
    name: "attempts of a final job that are no JSON",
    how: set("completed", "attempts = 'x'"),
    kind: "broken_record",
    id: "completed",
    look: (store) => assertRecord(store, "completed", { status: "completed", attempts: [] }),
  },
  {
    name: "a progress that is no JSON",
    how: set("retry", "progress = '{'"),
    kind: "broken_record",
    id: "retry",
    look: (store) => assertRecord(store, "retry", { status: "retry", progress: null }),
  },
  {
    name: "a status that is none",
    how: set("ready", "status = 42"),
    kind: "broken_record",
    id: "ready",
    also: ["wrong_count null"],
    look: failedWith("ready", "Its status is 42, which is none"),
  },
];

testBreaks(breaks);
