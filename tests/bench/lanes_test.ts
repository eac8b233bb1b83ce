/** Each lane runs on Deno, with few jobs; what they measure is not looked at. */

import { assert, assertEquals } from "@std/assert";
import { benchPackages } from "../../bench/redis/packages.ts";
import { runRedis } from "../../bench/redis/run.ts";
import { redisText } from "../../bench/redis/table.ts";
import { type System, systems } from "../../bench/redis/systems.ts";
import { serverProblem } from "../support/redis/server.ts";

const problem = serverProblem() ?? await packagesProblem();
if (problem !== undefined) console.warn(`Lanes of the bench are not tested: ${problem}`);

/** Why the systems to compare with cannot be had, if so. */
async function packagesProblem(): Promise<string | undefined> {
  try {
    await benchPackages();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const everywhere = systems.filter(({ works }: System) => works === undefined);

for (const latencyMs of [0, 1]) {
  Deno.test({
    name: `runRedis counts each job of every system when Redis is ${latencyMs} ms away`,
    ignore: problem !== undefined,
    fn: async () => {
      const report = await runRedis({
        ...{ jobs: 40, rounds: 1, runtimes: ["deno"], seed: 1, latencyMs },
        rows: "enqueue and process, concurrency 30",
        onStep: () => {},
      });
      const row = report.tables[0]!.rows[0]!;
      assertEquals(row.failures, []);
      const named = everywhere.map(({ name }) => name);
      assertEquals(Object.keys(row.figures), named);
      for (const [name, { median, cost }] of Object.entries(row.figures)) {
        assert(median > 0, name);
        assert(cost!.commands > 0 && cost!.scripts > 0, name);
        assert(cost!.scripts <= cost!.commands, `${name}: a call of a script is a command`);
      }
      assert(row.figures.gqm!.cost!.inside > 0);
      for (const name of named) assert(redisText(report).includes(`| ${name} `), name);
    },
  });
}
