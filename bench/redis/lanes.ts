/** Runs one lane in a process of its own, and looks at Redis at its gates. */

import { join } from "node:path";
import { type Runtime, runtimes } from "../../tools/runtimes.ts";
import type { LaneLine, LaneResult, LaneSpec } from "../lane/spec.ts";
import type { BullMqPackage } from "./bullmq_package.ts";
import type { OwnRedis, Usage } from "./own_redis.ts";
import type { Scenario } from "./scenarios.ts";

/** The systems that are compared; ours is the first. */
export const sides = ["gqm", "bullmq"] as const;
/** One of the systems. */
export type Side = typeof sides[number];

/** The runtimes that lanes may run on. */
export const runtimeNames = ["deno", "bun", "node"] as const;
/** One of the runtimes. */
export type RuntimeName = typeof runtimeNames[number];

/** What one lane gave. */
export interface Sample extends LaneResult {
  readonly jobs: number;
  /** What Redis had used at each gate. */
  readonly gates: Readonly<Record<string, Usage>>;
}

/** How to start lanes. */
export interface LaneRunner {
  /** Name and version of the runtime. */
  readonly runtime: string;
  /**
   * Runs a lane on an emptied Redis.
   *
   * @throws What the lane says went wrong.
   */
  run(side: Side, scenario: Scenario): Promise<Sample>;
}

const ROOT = join(import.meta.dirname ?? ".", "../..");
const LANE_LIMIT_MS = 180_000;
/** Redis frees what a closed connection held a little later. */
const CALM_MS = 200;
const LONGEST_COMPLAINT = 2000;

/** Gets the runtime ready. */
export async function laneRunner(
  name: RuntimeName,
  redis: OwnRedis,
  bullMq: BullMqPackage,
): Promise<LaneRunner> {
  const { bin, version }: Runtime = name === "deno"
    ? { bin: Deno.execPath(), version: Deno.version.deno }
    : (await runtimes())[name];
  const args = (side: Side): string[] => {
    const file = join(ROOT, "bench", "lane", `${side}.ts`);
    if (name !== "deno") return [file];
    const config = side === "bullmq" ? bullMq.config : join(ROOT, "deno.json");
    return ["run", "--allow-all", "--no-check", "--config", config, file];
  };
  return {
    runtime: `${name} ${version}`,
    run: async (side, scenario) => {
      await redis.clear();
      const { work, jobs, warmUpJobs, concurrency, payloadBytes } = scenario;
      const spec: LaneSpec = {
        ...{ work, jobs, warmUpJobs, concurrency, payloadBytes },
        url: redis.url,
      };
      const command = new Deno.Command(bin, {
        args: [...args(side), JSON.stringify(spec)],
        cwd: ROOT,
        env: { BENCH_PACKAGES: bullMq.directory, NO_COLOR: "1" },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      });
      return { jobs, ...await follow(command.spawn(), redis) };
    },
  };
}

/** Answers a lane's gates until its result. */
async function follow(
  lane: Deno.ChildProcess,
  redis: OwnRedis,
): Promise<LaneResult & Pick<Sample, "gates">> {
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    lane.kill("SIGKILL");
  }, LANE_LIMIT_MS);
  const complaint = new Response(lane.stderr).text();
  const answers = lane.stdin.getWriter();
  const gates: Record<string, Usage> = {};
  try {
    let last: LaneLine | undefined;
    for await (const line of linesOf(lane.stdout)) {
      last = JSON.parse(line) as LaneLine;
      if (!("gate" in last)) continue;
      if (last.gate !== "end") await new Promise((resolve) => setTimeout(resolve, CALM_MS));
      gates[last.gate] = await redis.usage();
      await answers.write(new TextEncoder().encode("\n")).catch(() => {}); // it ends: see below
    }
    if (last !== undefined && "result" in last) return { ...last.result, gates };
    if (last !== undefined && "error" in last) {
      throw new Error(last.error.replaceAll(redis.url, "redis://…"));
    }
    const { code } = await lane.status;
    throw new Error(
      timedOut
        ? `the lane did not end within ${LANE_LIMIT_MS / 1000} s`
        : `the lane ended with code ${code}: ${(await complaint).trim().slice(-LONGEST_COMPLAINT)}`,
    );
  } finally {
    clearTimeout(limit);
    await answers.close().catch(() => {}); // the lane has gone
    await complaint;
    await lane.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}
