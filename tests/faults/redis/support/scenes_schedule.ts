/** Scenes of the calls that change schedules and read them. */

import type { OverlapPolicy, ScheduleState } from "../../../../src/store/store.ts";
import { script } from "./faults.ts";
import { big, newJob, put, take } from "./jobs.ts";
import type { Rig } from "./rig.ts";
import { type Scene, scene } from "./scene.ts";

const state: ScheduleState = {
  definition: '{"a":1}',
  source: "code",
  scope: "shop",
  paused: false,
  custom: false,
  slotAt: 5000,
  dueAt: 5000,
};

/** A schedule whose last job runs, with a child; gives its version. */
async function running(rig: Rig): Promise<number> {
  const { direct, redis } = rig;
  const job = newJob("s.1");
  const fires = [{ slotAt: 1, kind: "slot", overlap: "skip", job }] as const;
  const reply = await direct.changeSchedule({ id: "s", version: null, write: state, fires });
  await take(direct, 1);
  const dependsOn = [{ id: "s.1", onFailure: "continue" }] as const;
  await put(direct, newJob("j0", { settings: { dependsOn } }));
  // What the script answered is of no matter, and has the name of what it will answer.
  const said = await redis.call("KEYS", rig.key("said:*")) as string[];
  await redis.call("DEL", ...said);
  return reply.record!.version;
}

const changes: readonly Scene[] = (["allow", "replace", "queueOne", "skip"] as const).map(
  (overlap: OverlapPolicy) =>
    scene({
      name: `a schedule fires with overlap '${overlap}'`,
      struck: script("change_schedule"),
      prepare: running,
      act: (store, version) =>
        store.changeSchedule({
          id: "s",
          version,
          write: { ...state, slotAt: 9000, dueAt: 9100 },
          notes: [{ slotAt: 2, outcome: "missed", count: 3 }],
          fires: [
            { slotAt: 3, kind: "slot", overlap, job: newJob("s.3", { payload: big("s.3") }) },
            { slotAt: 4, kind: "trigger", overlap: "allow", job: newJob("j1") },
          ],
        }),
    }),
);

/** All of them. */
export const scheduleScenes: readonly Scene[] = [
  ...changes,
  scene({
    name: "a schedule is removed",
    struck: script("change_schedule"),
    prepare: running,
    act: (store, version) => store.changeSchedule({ id: "s", version, write: null }),
  }),
  scene({
    name: "a schedule is made",
    struck: script("change_schedule"),
    prepare: running,
    act: (store) => store.changeSchedule({ id: "other", version: null, write: state }),
  }),
  scene({
    name: "schedules are read",
    struck: script("read_schedules"),
    prepare: running,
    act: (store) => store.schedules({ due: 10, can: ["s"] }),
  }),
];
