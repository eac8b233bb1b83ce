/**
 * Each call of a job's life meets each fault: the answer, and what stands in Redis afterwards, is
 * what it would have been without.
 */

import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase } from "./support/each.ts";
import { allFaults } from "./support/faults.ts";
import { checkScene, type Scene } from "./support/scene.ts";
import { aheadScenes } from "./support/scenes_ahead.ts";
import { controlScenes } from "./support/scenes_control.ts";
import { deskScenes } from "./support/scenes_desk.ts";
import { graphScenes } from "./support/scenes_graph.ts";
import { readScenes } from "./support/scenes_read.ts";
import { scheduleScenes } from "./support/scenes_schedule.ts";
import { writeScenes } from "./support/scenes_write.ts";

const ignore = testRedisProblem() !== undefined;

async function check(scenes: readonly Scene[]): Promise<void> {
  const rows = scenes.flatMap((scene) => allFaults.map((fault) => ({ scene, fault })));
  await eachCase(rows, {
    name: ({ scene, fault }) => `${scene.name}: ${fault.name}`,
    run: ({ scene, fault }) => checkScene(scene, fault),
  });
}

Deno.test({
  name: "redisStore moves each job once whatever fault a call meets",
  ignore,
  fn: () => check(writeScenes),
});

Deno.test({
  name: "redisStore tells what was started from the rest whatever fault a call meets",
  ignore,
  fn: () => check(aheadScenes),
});

Deno.test({
  name: "redisStore does what people ask once whatever fault a call meets",
  ignore,
  fn: () => check(controlScenes),
});

Deno.test({
  name: "redisStore keeps jobs and those that wait for them together whatever fault a call meets",
  ignore,
  fn: () => check(graphScenes),
});

Deno.test({
  name: "redisStore changes each schedule once whatever fault a call meets",
  ignore,
  fn: () => check(scheduleScenes),
});

Deno.test({
  name: "redisStore tells the truth whatever fault a look meets",
  ignore,
  fn: () => check(readScenes),
});

Deno.test({
  name: "redisStore counts and keeps for others once whatever fault a call meets",
  ignore,
  fn: () => check(deskScenes),
});
