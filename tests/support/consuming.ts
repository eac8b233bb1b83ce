import type { AnyJobs, JobMap } from "../../src/job/registry.ts";
import { Consumer } from "../../src/run/consumer.ts";
import type { ClaimedWork } from "../../src/run/claimed_work.ts";
import type { ConsumerOptions } from "../../src/run/consumer_options.ts";
import type { World } from "./world.ts";

/** Makes a consumer of a world, under its clock. */
export function consumerOf<J extends JobMap = AnyJobs>(
  { clock, logger, store }: World,
  options: ConsumerOptions<J> = {},
): Consumer<J> {
  return new Consumer<J>({ store, clock, logger, rng: () => 0, ...options });
}

/** Claims one job of type `t` that must be there. */
export async function claimOne(consumer: Consumer): Promise<ClaimedWork> {
  const [work] = await consumer.claim({ types: ["t"] });
  if (work === undefined) throw new Error("Cannot go on as there must be a job to claim");
  return work;
}
