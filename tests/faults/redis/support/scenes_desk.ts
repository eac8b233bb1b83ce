/** Scenes of what programs beside the queue keep. */

import { script } from "./faults.ts";
import type { Rig } from "./rig.ts";
import { type Scene, scene } from "./scene.ts";

const RULE = { limit: 3, windowMs: 60_000 };

/** Memos, hits and a trail, some of them over. */
async function fill({ direct, clock }: Rig): Promise<void> {
  await direct.putMemos([{ key: "over", value: "x", ttlMs: 5 }]);
  clock.jump(5);
  const keys = ["user:1", "user:2", "user:3"];
  await direct.putMemos(keys.map((key) => ({ key, value: `of ${key}`, ttlMs: 60_000 })));
  await direct.hit("some", RULE);
  await direct.hit("some", RULE);
  for (let i = 0; i < 3; i++) await direct.hit("full", RULE);
  await direct.addToTrail("audit", ["one", "two", "three"], { most: 5 });
}

/** All of them. */
export const deskScenes: readonly Scene[] = [
  scene({
    name: "memos are written and removed",
    struck: script("put_memos"),
    prepare: fill,
    act: (store) =>
      store.putMemos([
        { key: "new", value: "v".repeat(2000), ttlMs: 1000 },
        { key: "user:1", value: "other", ttlMs: 500 },
        { key: "user:2", value: null },
      ]),
  }),
  ...["new", "over", "user:1"].map((key) =>
    scene({
      name: `a memo '${key}' is added`,
      struck: script("add_memo"),
      prepare: fill,
      act: (store) => store.addMemo({ key, value: "mine", ttlMs: 1000 }),
    })
  ),
  ...["new", "some", "full"].map((key) =>
    scene({
      name: `a hit of '${key}' is counted`,
      struck: script("hit"),
      prepare: fill,
      act: (store) => store.hit(key, RULE),
    })
  ),
  ...[1, undefined].map((count) =>
    scene({
      name: `${count ?? "all"} hits are given back`,
      struck: script("unhit"),
      prepare: fill,
      act: (store) => store.unhit("full", count),
    })
  ),
  scene({
    name: "a trail is added to",
    struck: script("add_to_trail"),
    prepare: fill,
    act: (store) => store.addToTrail("audit", ["four", "five", "six"], { most: 5 }),
  }),
  scene({
    name: "memos are read",
    struck: script("read_memos"),
    prepare: fill,
    act: (store) => store.memos(["user:1", "over", "user:3"]),
  }),
  scene({
    name: "memos are listed",
    struck: script("list_memos"),
    prepare: fill,
    act: (store) => store.memosUnder("user:", { limit: 2 }),
  }),
  scene({
    name: "a trail is read",
    struck: script("trail"),
    prepare: fill,
    act: (store) => store.trail("audit", { limit: 2 }),
  }),
];
