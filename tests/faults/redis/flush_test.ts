/** A server that forgets its scripts, or everything, on the way. */

import { assertEquals } from "@std/assert";
import { RedisServer, serverProblem } from "../../support/redis/server.ts";
import type { FaultAction } from "../../support/redis/faults.ts";
import { eachCase } from "./support/each.ts";
import { Rig } from "./support/rig.ts";
import { type Scene, sceneReply } from "./support/scene.ts";
import { readScenes } from "./support/scenes_read.ts";
import { writeScenes } from "./support/scenes_write.ts";

/** What happens when the scripts are forgotten: before the call, or between it and its repeat. */
const rows: readonly (FaultAction | undefined)[] = [
  undefined,
  { action: "cutBeforeCommand" },
  { action: "cutAfterCommand" },
  { action: "stallAfterCommand" },
];

/** Plays a scene on a server that forgets its scripts once more at the struck command. */
async function check(url: string, one: Scene, action: FaultAction | undefined): Promise<void> {
  const { essence = (reply: unknown) => reply } = one;
  const play = async (fault: FaultAction | undefined, forgets: boolean) => {
    await using rig = await Rig.start({ ...one.options, url });
    return await sceneReply(one, rig, async () => {
      if (!forgets) return;
      await rig.redis.call("SCRIPT", "FLUSH");
      if (fault === undefined) return;
      const struck = rig.proxy.faults.add({ ...fault, match: one.struck });
      struck.happened().then(() => rig.redis.call("SCRIPT", "FLUSH"));
    });
  };
  const expected = await play(undefined, false);
  const actual = await play(action, true);
  assertEquals(essence(actual.reply), essence(expected.reply), "the answer");
  assertEquals(actual.dump, expected.dump, "what stands in Redis");
}

Deno.test({
  name: "redisStore sends a script again that the server has forgotten",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    await using server = await RedisServer.start();
    const cases = [...writeScenes, ...readScenes].flatMap((one) =>
      rows.map((action) => ({ one, action }))
    );
    await eachCase(cases, {
      name: ({ one, action }) => `${one.name}: forgotten, ${action?.action ?? "no fault"}`,
      run: ({ one, action }) => check(server.url, one, action),
    });
  },
});
