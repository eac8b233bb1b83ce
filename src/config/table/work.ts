/**
 * Who does the work: `queues`, `pools`, `limits`.
 *
 * @module
 */

import { strategies } from "../../claim/strategy.ts";
import { MAX_CONCURRENCY } from "../../run/handler.ts";
import { MOST_AHEAD } from "../../run/prefetch.ts";
import { serverDefaults } from "../../run/server_options.ts";
import { jobType, queueName, queueNames } from "../names.ts";
import { flag, list, number, seconds, section, text } from "../node.ts";

/** The queues that there are. */
export const queues = list(
  "The queues that pools may name; `default` is there without being declared",
  section("A queue", {
    name: queueName("Its name", { required: true }),
    priority: number(
      "Of GQM (Go) 0.1.2: its weight in pools that choose by `weighted`; less than 1 counts as 1",
      {
        unset: "none: the first of n queues has weight n, the last 1",
        min: -1_000_000,
        max: 1_000_000,
      },
    ),
  }),
);

const retry = section("What becomes of jobs that fail, unless they or their handlers say it", {
  max_retry: number("Retries after the first attempt", {
    unset: `${serverDefaults.maxRetry}`,
    min: 0,
  }),
  intervals: list(
    "Delays before the retries, in seconds, the last from then on; for `custom`",
    number("A delay, in seconds", { min: 0 }),
  ),
  backoff: text("How the delay grows", {
    unset: "fixed",
    oneOf: ["fixed", "exponential", "custom"],
  }),
  backoff_base: seconds("The first delay; 0 for the default", { unset: "10" }),
  backoff_max: seconds("The longest delay; 0 for the default", { unset: "86400" }),
});

/** The pools. */
export const pools = list(
  "Slots that run some types from some queues",
  section("A pool", {
    name: text("Its name", { required: true }),
    job_types: list(
      "The types that it runs; `*` alone for all that no other pool takes",
      jobType("A type, or `*`", { required: true }),
      { required: true, min: 1 },
    ),
    queues: queueNames("The queues that it takes from, in order of preference", "`default` alone"),
    concurrency: number("Jobs that run at once; 0 for the default", {
      unset: "the number of cores",
      min: 0,
      max: MAX_CONCURRENCY,
    }),
    job_timeout: seconds("Time limit of an attempt; 0 for that of `app`", {
      unset: "`app.global_job_timeout`",
    }),
    grace_period: seconds("Time after the limit; 0 for that of `app`", {
      unset: "`app.grace_period`",
    }),
    shutdown_timeout: seconds("How long a stop waits for its jobs", {
      ignored: "a server stops as a whole, by 'app.shutdown_timeout'",
    }),
    dequeue_strategy: text("How it chooses between its queues", {
      unset: "weighted",
      oneOf: strategies,
    }),
    prefetch: number("Most jobs that it claims ahead of its slots", {
      unset: `${MOST_AHEAD}`,
      min: 0,
    }),
    retry,
  }),
  { unset: "one for all types, on all queues, with a slot per core" },
);

/** The limits. */
export const limits = list(
  "How many jobs run at once and how fast they start, on all servers. They are set when a server starts",
  section("A limit of a type or of a key", {
    type: jobType("The type that it limits"),
    per_key: flag("Whether jobs of each `limitKey` of the type are limited by themselves", {
      unset: "false",
    }),
    key: text("The `limitKey` that it limits, whatever the type, in the place of `type`"),
    concurrency: number("Most jobs that run at once", { unset: "any number", min: 1 }),
    rate: section("How fast they may start", {
      count: number("How many start in `per_ms`", { required: true, min: 1 }),
      per_ms: number("Milliseconds", { required: true, min: 1 }),
      burst: number("How many may start at once when none did for a while", {
        unset: "`count`",
        min: 1,
      }),
    }),
  }),
);
