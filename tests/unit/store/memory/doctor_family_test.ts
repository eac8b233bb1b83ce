import { assertRecord, type Break, failedWith } from "../../../support/doctor.ts";
import { type Damage, damage, ghost, testBreaks } from "./support/doctor.ts";

/** Parents, children and keys, and records that cannot be read. */
const breaks: readonly Break<Damage>[] = [
  {
    name: "a deferred job whose parent has gone",
    how: (state, of) => {
      of("parent").lane.counts.ready--;
      state.jobs.delete("parent");
    },
    kind: "stuck_child",
    id: "child",
    also: ["stuck_child other", "stale_entry parent", "wrong_count null"],
    ends: { parent: "gone", child: "canceled", grandchild: "canceled" },
    look: (store) =>
      assertRecord(store, "child", {
        status: "canceled",
        error: "Parent 'parent' was removed",
        canceledBy: "parent",
      }),
  },
  {
    name: "a deferred job that nobody told of its parent's end",
    how: (state, of) => {
      const { children } = of("parent");
      of("parent").children = undefined;
      state.finish(of("parent"), "completed", null);
      of("parent").children = children;
    },
    kind: "stuck_child",
    id: "child",
    also: ["stuck_child other"],
    look: (store) => assertRecord(store, "child", { status: "ready", pendingParents: [] }),
  },
  {
    name: "a deferred job that waits for nothing",
    how: (_, of) => of("other").pending!.clear(),
    kind: "stuck_child",
    id: "other",
    look: (store) => assertRecord(store, "other", { status: "ready" }),
  },
  {
    name: "a parent that does not know of its children",
    how: (_, of) => damage(of("parent"), { children: undefined }),
    kind: "stuck_child",
    id: "child",
    also: ["stuck_child other"],
  },
  {
    name: "a child that is not there",
    how: (_, of) => of("parent").children!.set("nobody", { policy: "cancel", number: 99 }),
    kind: "stale_edge",
    id: "parent",
  },
  {
    name: "a child that does not have the parent",
    how: (_, of) => of("parent").children!.set("ready", { policy: "cancel", number: 99 }),
    kind: "stale_edge",
    id: "parent",
  },
  {
    name: "a key whose owner has gone",
    how: (state) => state.owners.set("x", ghost(state, "ghost", {})),
    kind: "dangling_key",
    id: "ghost",
  },
  {
    name: "a key of a job that does not have it",
    how: (state, of) => state.owners.set("x", of("ready")),
    kind: "dangling_key",
    id: "ready",
  },
  {
    name: "a payload that is lost",
    how: (_, of) => damage(of("big").job, { payload: undefined }),
    kind: "broken_record",
    id: "big",
    look: failedWith("big", "Its payload is lost"),
  },
  {
    name: "a job that waits for one that is not its parent",
    how: (_, of) => of("other").pending!.add("ready"),
    kind: "stuck_child",
    id: "other",
  },
  {
    name: "attempts that are lost",
    how: (_, of) => damage(of("held"), { attempts: "x" }),
    kind: "broken_record",
    id: "held",
    look: failedWith("held", "Its attempts are lost"),
  },
  {
    name: "a status that is none",
    how: (_, of) => damage(of("later"), { status: "odd" }),
    kind: "broken_record",
    id: "later",
    also: ["wrong_count null"],
    look: failedWith("later", "Its status is 'odd', which is none"),
  },
];

testBreaks(breaks);
