import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createMonitor,
  defaultAlertRules,
  InvalidOptionError,
  memoryStore,
} from "../../../../mod.ts";
import { type AlertsOptions, planAlerts } from "../../../../src/monitor/alerts/options.ts";

const URL = "https://hooks.example/T0/s3cret-path";

/** Options, and the one of which the error tells. */
const wrong: readonly (readonly [given: unknown, option: string])[] = [
  [1, "alerts"],
  [null, "alerts"],
  [{ rule: [] }, "alerts.rule"],
  [{ everyMs: 20_001 }, "alerts.everyMs"],
  [{ everyMs: 1.5 }, "alerts.everyMs"],
  [{ maxDeliveries: 0 }, "alerts.maxDeliveries"],
  [{ rules: {} }, "alerts.rules"],
  [
    { rules: Array.from({ length: 51 }, (_, i) => ({ when: "oldest_age", name: `n${i}` })) },
    "alerts.rules",
  ],
  [{ rules: [null] }, "alerts.rules[0]"],
  [{ rules: [{ when: "oldest" }] }, "alerts.rules[0].when"],
  [{ rules: [{ when: "oldest_age", forMs: 1 }] }, "alerts.rules[0].forMs"],
  [{ rules: [{ when: "dead_server", queue: "a" }] }, "alerts.rules[0].queue"],
  [{ rules: [{ when: "queue_stalled", type: "a" }] }, "alerts.rules[0].type"],
  [{ rules: [{ when: "queue_stalled", queue: "a b" }] }, "alerts.rules[0].queue"],
  [{ rules: [{ when: "oldest_age", type: "" }] }, "alerts.rules[0].type"],
  [{ rules: [{ when: "oldest_age", name: "a:b" }] }, "alerts.rules[0].name"],
  [{ rules: [{ when: "oldest_age", aboveMs: 0 }] }, "alerts.rules[0].aboveMs"],
  [{ rules: [{ when: "oldest_age", resolveMs: -1 }] }, "alerts.rules[0].resolveMs"],
  [{ rules: [{ when: "failure_rate", above: 1.1 }] }, "alerts.rules[0].above"],
  [{ rules: [{ when: "failure_rate", overMs: 59_999 }] }, "alerts.rules[0].overMs"],
  [{ rules: [{ when: "failure_rate", minCount: 0 }] }, "alerts.rules[0].minCount"],
  [{ rules: [{ when: "store_degraded", aboveMs: 5001 }] }, "alerts.rules[0].aboveMs"],
  [{ rules: [{ when: "oldest_age" }, { when: "oldest_age" }] }, "alerts.rules[1].name"],
  [{ webhooks: {} }, "alerts.webhooks"],
  [{ webhooks: Array.from({ length: 21 }, () => ({ url: URL })) }, "alerts.webhooks"],
  [{ webhooks: [URL] }, "alerts.webhooks[0]"],
  [{ webhooks: [{ url: URL, secrit: "s3cret" }] }, "alerts.webhooks[0]"],
  [{ webhooks: [{}] }, "alerts.webhooks[0].url"],
  [{ webhooks: [{ url: "s3cret" }] }, "alerts.webhooks[0].url"],
  [{ webhooks: [{ url: "file:///s3cret" }] }, "alerts.webhooks[0].url"],
  [{ webhooks: [{ url: "http://hooks.example/s3cret" }] }, "alerts.webhooks[0].url"],
  [{ webhooks: [{ url: "https://a:s3cret@hooks.example/" }] }, "alerts.webhooks[0].url"],
  [{ webhooks: [{ url: URL, headers: [] }] }, "alerts.webhooks[0].headers"],
  [{ webhooks: [{ url: URL, headers: { "a b": "s3cret" } }] }, "alerts.webhooks[0].headers"],
  [{ webhooks: [{ url: URL, headers: { a: "s3cret\n" + "b" } }] }, "alerts.webhooks[0].headers"],
  [{ webhooks: [{ url: URL, headers: { a: 1 } }] }, "alerts.webhooks[0].headers"],
  [
    { webhooks: [{ url: URL, headers: { "X-GQM-Signature": "s3cret" } }] },
    "alerts.webhooks[0].headers",
  ],
  [{ webhooks: [{ url: URL, secret: "s3cret" }] }, "alerts.webhooks[0].secret"],
  [{ webhooks: [{ url: URL, events: [] }] }, "alerts.webhooks[0].events"],
  [{ webhooks: [{ url: URL, events: ["gone"] }] }, "alerts.webhooks[0].events"],
  [{ webhooks: [{ url: URL, timeoutMs: 60_001 }] }, "alerts.webhooks[0].timeoutMs"],
  [{ webhooks: [{ url: URL, maxRetry: -1 }] }, "alerts.webhooks[0].maxRetry"],
  [{ webhooks: [{ url: URL, backoff: { type: "slow" } }] }, "alerts.webhooks[0].backoff.type"],
  [{ webhooks: [{ url: URL, name: "a:b" }] }, "alerts.webhooks[0].name"],
  [{ webhooks: [{ url: URL, allowHttp: 1 }] }, "alerts.webhooks[0].allowHttp"],
  [{ webhooks: [{ url: URL, name: "webhook-2" }, { url: URL }] }, "alerts.webhooks[1].name"],
];

test("options of alerts that break a rule are refused, and no secret is told", () => {
  for (const [alerts, option] of wrong) {
    const options = { store: memoryStore(), auth: "none", alerts } as never;
    assert.throws(() => createMonitor(options), (error) => {
      assert.ok(error instanceof InvalidOptionError, JSON.stringify(alerts));
      assert.equal(error.option, option, JSON.stringify(alerts));
      assert.doesNotMatch(error.message, /s3cret(?!-path)|s3cret-path|hooks\.example/);
      return true;
    });
  }
});

test("alerts: true has one rule of each kind, and false none", () => {
  assert.equal(planAlerts(undefined), undefined);
  assert.equal(planAlerts(false), undefined);
  const plan = planAlerts(true)!;
  assert.deepEqual(plan.rules.map(({ name }) => name), defaultAlertRules.map(({ when }) => when));
  assert.deepEqual([plan.targets, plan.everyMs], [[], 15_000]);
});

test("webhooks may be https, http of this machine, and http of another if that is allowed", () => {
  const urls: AlertsOptions["webhooks"] = [
    { url: "https://hooks.example/a?b=c" },
    { url: "http://localhost:8080/" },
    { url: "http://127.0.0.1/" },
    { url: "http://[::1]:1/" },
    { url: "http://hooks.example/", allowHttp: true, secret: "0123456789abcdef" },
  ];
  const { targets } = planAlerts({ webhooks: urls })!;
  const names = [1, 2, 3, 4, 5].map((i) => `webhook-${i}`);
  assert.deepEqual(targets.map(({ name }) => name), names);
});
