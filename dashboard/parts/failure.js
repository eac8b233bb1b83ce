// @ts-check
/**
 * One kind of failure: what was said, where in the code, how often, since when.
 */

import { get, part } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { href } from "../router.js";
import { html, useState } from "../vendor/preact.js";
import { Card, Shown, Time } from "./basics.js";
import { live } from "./failed_jobs.js";

/** What an error is called. @param {any} failure */
export function nameOf({ name }) {
  return name ?? "Error";
}

/** One kind of failure. @param {{ fingerprint: string }} props */
export function Kind({ fingerprint }) {
  const group = useData(
    (signal) => get(`/api/v1/errors/${part(fingerprint)}`, {}, signal),
    [fingerprint],
    live,
  );
  return html`<${Shown} data=${group}>${(/** @type {any} */ { data }) =>
    html`<${About} group=${data} />`}<//>`;
}

/** @param {{ group: any }} props */
function About({ group }) {
  const { message, type, queue, count, first_at_ms, last_at_ms, job_ids } = group;
  // The same for as long as it is looked at. Without a queue the newest one is gone.
  const [sample] = useState(queue === null ? undefined : job_ids[0]);
  return html`<${Card} title=${nameOf(group)}>
    <pre class="failure">${message}</pre>
    <dl class="facts">
      <dt>How often</dt><dd>${
    format.many(count, "attempt")
  }, the first <${Time} at=${first_at_ms} />,
        the last <${Time} at=${last_at_ms} /></dd>
      <dt>Type</dt><dd><a href=${href(["failed"], { type })}>${type}</a></dd>
      ${
    queue && html`
      <dt>Queue</dt>
      <dd><a href=${href(["queues", queue])}>${queue}</a></dd>
    `
  }
    </dl>
    ${sample && html`<${Sample} id=${sample} group=${group} />`}
  <//>`;
}

/** One of the newest failures of a group, with its stack. @param {{ id: string, group: any }} props */
function Sample({ id, group: { fingerprint, message, place } }) {
  const { value } = useData((signal) => get(`/api/v1/jobs/${part(id)}`, {}, signal), [id], {
    everyMs: 86_400_000,
  });
  const attempt = value?.data.attempts?.findLast((/** @type {any} */ one) =>
    one.error?.fingerprint === fingerprint
  );
  if (!attempt) return null;
  const { error, attempt: n, started_at_ms, finished_at_ms, server_id, pool } = attempt;
  const [above, ...below] = stackOf(error, message).split(place ?? "\0");
  return html`
    <div class="sample">
      <p>For example attempt ${n} of <a href=${href(["jobs", id])}><code>${id}</code></a>
          <span class="faint"> · <${Time} at=${finished_at_ms} /> · after ${format.duration(
            finished_at_ms - started_at_ms,
          )} · ${pool} on ${server_id}</span></p>
      <pre tabindex="0" role="region" aria-label="Stack of the error">${above}${below.length > 0 &&
        html`<strong>${place}</strong>${below.join(place)}`}</pre>
    </div>
  `;
}

/** The stack; the message again only if it is another than what was told. @param {{ message: string, stack?: string }} error @param {string} told */
function stackOf({ message, stack = "" }, told) {
  const at = stack.indexOf(message);
  const rest = at < 0 ? stack : stack.slice(at + message.length);
  return (message === told
    ? rest.trim() || stack || "No stack is kept"
    : `${message}\n${rest.trim()}`)
    .replace(/^ +/gm, "");
}
