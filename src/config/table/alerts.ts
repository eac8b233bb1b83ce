/**
 * When somebody is told that something is wrong: `monitoring.alerts`.
 *
 * @module
 */

import { either, flag, list, number, section, text, texts } from "../node.ts";

const rules = list(
  "What is to be told; each key belongs to some kinds of rules, as docs/alerts.md tells",
  section("A rule", {
    name: text("Its name", { unset: "`when`" }),
    when: text("Its kind", {
      required: true,
      oneOf: ["queue_stalled", "oldest_age", "failure_rate", "dead_server", "store_degraded"],
    }),
    queue: text("Only this queue", { unset: "each by itself" }),
    type: text("Only jobs of this type", { unset: "all" }),
    for_ms: number("For so many milliseconds"),
    above_ms: number("More than so many milliseconds"),
    above: number("More than this share of attempts failed, 0 to 1", { fraction: true }),
    over_ms: number("Of those in the last so many milliseconds"),
    min_count: number("Not before so many have ended"),
    keep_ms: number("Milliseconds after which a server that died is no news any more"),
    resolve_ms: number("Milliseconds for which all must be well before it is resolved"),
  }),
  { unset: "one of each kind" },
);

const backoff = section("Delay before a further try", {
  type: text("How it grows", {
    required: true,
    oneOf: ["fixed", "linear", "exponential", "polynomial", "custom"],
  }),
  base_ms: number("Base, in milliseconds"),
  max_ms: number("Longest delay, in milliseconds"),
  exponent: number("Of `polynomial`", { fraction: true }),
  intervals: list("Delays of `custom`, in milliseconds", number("A delay")),
  jitter: number("Share of it that chance may take away, 0 to 1", { fraction: true }),
});

const webhooks = list(
  "Where alerts are sent",
  section("A webhook", {
    url: text("`https:`, or `http:` of this machine", { required: true, secret: true }),
    name: text("Its name", { unset: "webhook-1 and so on, by its place" }),
    headers: texts("Headers that are sent besides", { secret: true }),
    secret: text("Signs what is sent: at least 16 characters", { unset: "none", secret: true }),
    events: list("What is sent", text("A change", { oneOf: ["firing", "resolved"] }), {
      unset: "[firing, resolved]",
    }),
    timeout_ms: number("Longest wait for an answer, in milliseconds", { unset: "10000" }),
    max_retry: number("Tries after the first", { unset: "8" }),
    backoff,
    allow_http: flag("Whether the URL may be `http:` of another machine", { unset: "false" }),
  }),
  { unset: "none: alerts are shown" },
);

/** Alerts. */
export const alerts = either(
  "When somebody is told that something is wrong; true for a rule of each kind",
  flag("Whether there are any"),
  section("Alerts", {
    rules,
    webhooks,
    every_ms: number("Milliseconds between two looks", { unset: "15000" }),
    max_deliveries: number("As `app.max_deliveries`, for the jobs that send webhooks", {
      unset: "5",
    }),
  }),
  { unset: "false" },
);
