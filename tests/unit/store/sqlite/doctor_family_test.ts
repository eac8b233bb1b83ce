import { assertEquals } from "@std/assert";
import { assertRecord, type Break, patient } from "../../../support/doctor.ts";
import { job, set, testBreaks } from "./support/doctor.ts";

/** Parents, children and keys. */
const breaks: readonly Break<string>[] = [
  {
    name: "a deferred job whose parent has gone",
    how: `DELETE FROM jobs WHERE id = 'parent'`,
    kind: "stuck_child",
    id: "child",
    also: ["stuck_child other", "wrong_count null"],
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
    how: set("parent", "status = 5, finished_at = 1") +
      "; UPDATE counts SET n = n - 1 WHERE status = 0 AND lane = (SELECT lane FROM lanes WHERE type = 'parent')" +
      "; INSERT INTO counts SELECT 5, lane, 1 FROM lanes WHERE type = 'parent'",
    kind: "stuck_child",
    id: "child",
    also: ["stuck_child other"],
    look: (store) => assertRecord(store, "child", { status: "ready", pendingParents: [] }),
  },
  {
    name: "a deferred job that waits for nothing",
    how: `UPDATE edges SET pending = 0 WHERE child = ${job("other")}; ${
      set("other", "pending = 0")
    }`,
    kind: "stuck_child",
    id: "other",
    look: (store) => assertRecord(store, "other", { status: "ready" }),
  },
  {
    name: "a parent that does not know of its children",
    how: set("parent", "links = 0"),
    kind: "stuck_child",
    id: "child",
    also: ["stuck_child other"],
    repairs: ["stuck_child child"],
  },
  {
    name: "a child that does not know of its parents",
    how: set("child", "links = 2"),
    kind: "lost_entry",
    id: "child",
  },
  {
    name: "a wrong number of parents",
    how: set("child", "pending = 7"),
    kind: "wrong_count",
    id: "child",
  },
  {
    name: "an edge to a child that has gone",
    how: `INSERT INTO edges VALUES (${job("parent")}, 99999, 0, 0, 1, 'parent')`,
    kind: "stale_edge",
    id: null,
  },
  {
    name: "a key whose owner has gone",
    how: "INSERT INTO locks VALUES ('x', 99999, 'removed', NULL)",
    kind: "dangling_key",
    id: null,
    look: async (store) => {
      const unique = { key: "x", until: "removed" } as const;
      const [reply] = await store.enqueue([[patient("x", { settings: { unique } })]]);
      assertEquals(reply?.outcome, "created");
    },
  },
  {
    name: "a key of a job that does not have it",
    how: `INSERT INTO locks VALUES ('x', ${job("ready")}, 'removed', NULL)`,
    kind: "dangling_key",
    id: "ready",
  },
  {
    name: "a key that its owner would not let go",
    how: set("key", "links = 0"),
    kind: "dangling_key",
    id: "key",
    look: async (store) => {
      await store.act(["key"], { kind: "remove" });
      const unique = { key: "k", until: "removed" } as const;
      assertEquals(
        (await store.enqueue([[patient("key", { settings: { unique } })]]))[0]?.outcome,
        "created",
      );
    },
  },
];

testBreaks(breaks);
