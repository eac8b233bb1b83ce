/** Runs one lane in a process of its own, and looks at Redis at its gates. */

import { join } from "node:path";
import { type Runtime, runtimes } from "../../tools/runtimes.ts";
import type { LaneGate, LaneLine, LaneResult, LaneSpec } from "../lane/spec.ts";
import type { OwnRedis, Usage } from "./own_redis.ts";
import type { BenchPackages } from "./packages.ts";
import type { Scenario } from "./scenarios.ts";
import type { System } from "./systems.ts";

/** The runtimes that lanes may run on. */
export const runtimeNames = ["deno", "node", "bun"] as const;
/** One of the runtimes. */
export type RuntimeName = typeof runtimeNames[number];

/** What Redis and the lane had used at a gate. */
export interface Gate extends LaneGate {
  readonly redis: Usage;
}

/** What one lane gave. */
export interface Sample extends LaneResult {
  readonly jobs: number;
  readonly gates: Readonly<Record<string, Gate>>;
}

/** Where a lane runs. */
export interface LanePlace {
  readonly redis: OwnRedis;
  /** What the lane connects to: that Redis, or a proxy before it. */
  readonly url: string;
  readonly seed: number;
}

/** How to start lanes on one runtime. */
export interface LaneRunner {
  /** Name and version of the runtime. */
  readonly runtime: string;
  /**
   * Runs a lane on an emptied Redis.
   *
   * @throws What the lane says went wrong.
   */
  run(system: System, scenario: Scenario, place: LanePlace): Promise<Sample>;
}

const ROOT = join(import.meta.dirname ?? ".", "../..");
const LANE_LIMIT_MS = 180_000;
/** Redis frees what a closed connection held a little later. */
const CALM_MS = 200;
const LONGEST_COMPLAINT = 2000;

/** Gets the runtime ready. */
export async function laneRunner(
  name: RuntimeName,
  packages: BenchPackages,
): Promise<LaneRunner> {
  const { bin, version }: Runtime = name === "deno"
    ? { bin: Deno.execPath(), version: Deno.version.deno }
    : (await runtimes())[name];
  const args = ({ file, isForeign }: System): string[] => {
    const path = join(ROOT, "bench", "lane", file);
    if (name !== "deno") return [path];
    const config = isForeign ? packages.config : join(ROOT, "deno.json");
    return ["run", "--allow-all", "--no-check", "--config", config, path];
  };
  return {
    runtime: `${name} ${version}`,
    run: async (system, scenario, { redis, url, seed }) => {
      await redis.clear();
      const { work, jobs, warmUpJobs, concurrency, payloadBytes, types, priorities } = scenario;
      const spec: LaneSpec = {
        ...{ work, jobs, warmUpJobs, concurrency, payloadBytes, types, priorities },
        ...{ variant: system.variant ?? "", seed, url },
      };
      const command = new Deno.Command(bin, {
        args: [...args(system), JSON.stringify(spec)],
        cwd: ROOT,
        env: { BENCH_PACKAGES: packages.directory, NO_COLOR: "1" },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      });
      return { jobs, ...await follow(command.spawn(), redis, url) };
    },
  };
}

/** Answers a lane's gates until its result. */
async function follow(
  lane: Deno.ChildProcess,
  redis: OwnRedis,
  url: string,
): Promise<Omit<Sample, "jobs">> {
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    lane.kill("SIGKILL");
  }, LANE_LIMIT_MS);
  const complaint = new Response(lane.stderr).text();
  const answers = lane.stdin.getWriter();
  const usages = new Map<string, Usage>();
  try {
    let last: LaneLine | undefined;
    for await (const line of linesOf(lane.stdout)) {
      last = JSON.parse(line) as LaneLine;
      if (!("gate" in last)) continue;
      if (last.gate !== "end") await new Promise((resolve) => setTimeout(resolve, CALM_MS));
      usages.set(last.gate, await redis.usage());
      await answers.write(new TextEncoder().encode("\n")).catch(() => {}); // it ends: see below
    }
    if (last !== undefined && "result" in last) {
      const gates = Object.entries(last.gates).map(([name, gate]): [string, Gate] => [
        name,
        { ...gate, redis: usages.get(name)! },
      ]);
      return { ...last.result, gates: Object.fromEntries(gates) };
    }
    if (last !== undefined && "error" in last) {
      throw new Error(last.error.replaceAll(url, "redis://…"));
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
