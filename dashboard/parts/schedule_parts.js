// @ts-check
/**
 * How schedules are shown.
 */

import { scheduleText } from "../cron_text.js";
import * as format from "../format.js";
import { html } from "../vendor/preact.js";
import { Status, Time } from "./basics.js";

/** When it runs, in words and as it was written. @param {{ of: any }} props */
export function Timing({ of }) {
  const text = scheduleText(of);
  if (of.cron === undefined) return text ?? "";
  const code = html`<code>${of.cron}</code>`;
  return html`<span class="stack">
    <span>${text ?? code} <span class="faint">${of.time_zone}</span></span>
    ${text && html`<span class="expression">${code}</span>`}</span>`;
}

/** @param {{ of: any }} props */
export function Next({ of }) {
  if (of.error) return html`<span title=${of.error}><${Status} status="error" /></span>`;
  if (!of.enabled) return html`<${Status} status="paused" />`;
  if (of.ended) return html`<${Status} status="ended" />`;
  return html`<${Time} at=${of.next_at_ms} />`;
}

/** @param {{ fires: { at_ms: number, local: string, utc: string }[] }} props */
export function FireList({ fires }) {
  return html`<ul class="rows">${
    fires.map(({ at_ms, local }) =>
      html`
        <li
          key=${at_ms}><span class="tabular">${format.wall(
            local,
          )}</span><span class="end faint"><${Time} at=${at_ms} /></span></li>
      `
    )
  }</ul>`;
}

/** Who defined it. @param {any} schedule */
export function sourceText({ source }) {
  return source === "runtime" ? "API" : source;
}
