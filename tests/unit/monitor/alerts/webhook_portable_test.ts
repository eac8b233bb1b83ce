import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { systemClock } from "../../../../src/clock.ts";
import { sendWebhook, WebhookError } from "../../../../src/monitor/alerts/webhook.ts";
import { toTargets, type WebhookOptions } from "../../../../src/monitor/alerts/webhook_options.ts";
import { Receiver } from "../../../monitor/support/receiver.ts";

const SECRET = "0123456789abcdef";
const delivery = { id: "alert-1", event: "firing", body: '{"event":"firing","é":1}' };

function send(webhook: WebhookOptions, signal?: AbortSignal): Promise<number> {
  const [target] = toTargets("webhooks", [webhook]);
  return sendWebhook(target!, delivery, { clock: systemClock, ...signal && { signal } });
}

test("a webhook brings the body, its id and a signature that its receiver can check", async () => {
  await using receiver = await Receiver.open();
  const headers = { authorization: "Bearer t0ken" };
  assert.equal(await send({ url: receiver.url, secret: SECRET, headers }), 200);
  const [{ headers: got, body, method }] = receiver.requests as [typeof receiver.requests[number]];
  assert.deepEqual([method, body], ["POST", delivery.body]);
  assert.equal(got["content-type"], "application/json");
  assert.equal(got["x-gqm-delivery"], "alert-1");
  assert.equal(got["x-gqm-event"], "alert.firing");
  assert.equal(got.authorization, "Bearer t0ken");
  const timestamp = got["x-gqm-timestamp"] as string;
  assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 600);
  const made = createHmac("sha256", SECRET).update(`${timestamp}.${body}`).digest("hex");
  assert.equal(got["x-gqm-signature"], `sha256=${made}`);
});

test("a webhook without a secret is not signed", async () => {
  await using receiver = await Receiver.open();
  await send({ url: receiver.url });
  assert.equal(receiver.requests[0]?.headers["x-gqm-signature"], undefined);
});

test("whatever is answered but 2xx is a failure, and redirects are not followed", async () => {
  await using elsewhere = await Receiver.open();
  await using receiver = await Receiver.open();
  const headers = { location: elsewhere.url };
  for (const status of [301, 307, 400, 410, 429, 500, 503]) {
    receiver.answer = () => ({ status, headers });
    await assert.rejects(send({ url: `${receiver.url}/s3cret` }), (error) => {
      assert.ok(error instanceof WebhookError);
      assert.doesNotMatch(`${error.message} ${error.stack}`, /s3cret/);
      return true;
    }, `${status}`);
  }
  assert.equal(elsewhere.requests.length, 0);
  for (const status of [200, 202, 204]) {
    receiver.answer = () => ({ status });
    assert.equal(await send({ url: receiver.url }), status);
  }
});

test("who does not answer in time has not taken it, and an answer without end is not read", async () => {
  await using receiver = await Receiver.open();
  receiver.answer = () => "never";
  await assert.rejects(send({ url: receiver.url, timeoutMs: 50 }), /did not answer within 50 ms/);
  receiver.answer = () => "endless";
  assert.equal(await send({ url: receiver.url }), 200);
});

test("a webhook that cannot be reached tells nothing of its URL", async () => {
  const receiver = await Receiver.open();
  const { url } = receiver;
  await receiver[Symbol.asyncDispose]();
  await assert.rejects(send({ url: `${url}/s3cret`, name: "pager" }), (error) => {
    assert.ok(error instanceof WebhookError);
    assert.match(error.message, /^Cannot deliver webhook 'pager' as it could not be reached \(/);
    assert.doesNotMatch(`${error.stack} ${error.cause}`, /s3cret|127\.0\.0\.1/);
    return true;
  });
});

test("a webhook that is ended rejects with the reason", async () => {
  await using receiver = await Receiver.open();
  receiver.answer = () => "never";
  const ending = new AbortController();
  const sent = send({ url: receiver.url }, ending.signal);
  await receiver.until((requests) => requests.length === 1);
  const reason = new Error("stop");
  ending.abort(reason);
  await assert.rejects(sent, (error) => error === reason);
});
