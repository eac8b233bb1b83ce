/** Webhook delivery: what came in at the receivers, signed as it says. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runApp, TempFolder } from "./support.ts";

/** A line of received.json. */
interface Received {
  readonly endpoint: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly genuine: boolean;
  readonly repeated: boolean;
  readonly answer: number;
}

/** What each endpoint answered, in order; 0 for nothing in time. */
const answers: Readonly<Record<string, readonly number[]>> = {
  healthy: [200],
  flaky: [500, 200],
  busy: [429, 200],
  slow: [0, 200],
  gone: [410],
  down: [503, 503, 503, 503, 200, 200],
  strict: [400, 200],
};

test("webhook-delivery delivers signed events once, whatever endpoints answer", async () => {
  await using folder = await TempFolder.make();
  const { stdout } = await runApp("webhook-delivery", { args: [folder.path] });
  match(stdout, /^circuits: down open, down half open, down open, down half open, down closed$/m);
  match(stdout, /^slow: completed; requests: 2, taken: 1$/m);
  match(stdout, /^gone: canceled \(the endpoint is gone \(410\)\); requests: 1, taken: 0$/m);
  match(stdout, /^retried 1 dead letter of strict$/m);

  const all = JSON.parse(await readFile(join(folder.path, "received.json"), "utf8")) as Received[];
  const byEndpoint = Object.groupBy(all, ({ endpoint }) => endpoint);
  deepEqual(Object.keys(byEndpoint).sort(), Object.keys(answers).sort());
  for (const [endpoint, wanted] of Object.entries(answers)) {
    const given = byEndpoint[endpoint]!;
    deepEqual(given.map(({ answer }) => answer), wanted, endpoint);
    for (const request of given) checkSignature(request);
  }

  const [late, again] = byEndpoint.slow!;
  equal(again!.id, late!.id);
  deepEqual([late!.repeated, again!.repeated], [false, true]);
  ok(all.every(({ repeated }, i) => !repeated || all[i] === again), "nothing else is taken twice");
});

/** The signature, made again from what the README says. */
function checkSignature({ endpoint, id, headers, body, genuine }: Received): void {
  equal(genuine, true);
  const signed = `${id}.${headers["x-webhook-timestamp"]}.${body}`;
  const made = createHmac("sha256", `secret-of-${endpoint}`).update(signed).digest("hex");
  equal(headers["x-webhook-signature"], made);
  equal(headers["x-webhook-id"], id);
  match(body, /^\{"event":"order\.(created|paid)","data":\{"order":"[0-9a-f-]{36}"\}\}$/);
}
