// @ts-check
/**
 * Small parts that every page uses.
 */

import * as format from "../format.js";
import { away } from "../live.js";
import { shared, useShared } from "../state.js";
import { html, useEffect } from "../vendor/preact.js";

/** The status of a job. @param {{ status: string }} props */
export function Status({ status }) {
  return html`<span class=${`status status-${status}`}>${format.statusName(status)}</span>`;
}

/** The time now, for what shows how long ago something was: one timer for all. */
const now = shared(Date.now());
let watchers = 0;
/** @type {number | undefined} */
let ticking;

/** The time now, each second anew. */
export function useNow() {
  if (watchers === 0) now.set(Date.now()); // nothing has moved it for a while
  useEffect(() => {
    if (watchers++ === 0) ticking = setInterval(() => now.set(Date.now()), 1000);
    return () => {
      if (--watchers === 0) clearInterval(ticking);
    };
  }, []);
  return useShared(now);
}

/** A time, told by how long ago it was; in full when pointed at. @param {{ at: number | null | undefined }} props */
export function Time({ at }) {
  const nowMs = useNow();
  if (at === null || at === undefined) return html`<span class="faint">–</span>`;
  const iso = new Date(at).toISOString();
  return html`<time datetime=${iso} title=${format.time(at)}>${format.relative(at, nowMs)}</time>`;
}

/** What is shown while something is read for the first time. @param {{ lines?: number }} props */
export function Loading({ lines = 4 }) {
  return html`<div class="loading" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, (_, i) => html`<div class="loading-line" key=${i} />`)}
  </div>`;
}

/** That there is nothing. @param {{ title: string, children?: unknown }} props */
export function Empty({ title, children }) {
  return html`<div class="empty"><p>${title}</p>${children}</div>`;
}

/** That something went wrong, with a way to try again. @param {{ error: Error, onRetry?: () => void }} props */
export function Failure({ error, onRetry }) {
  return html`<div class="failure" role="alert">
    <p>${error.message}</p>
    ${onRetry && html`<button type="button" class="button" onClick=${onRetry}>Try again</button>`}
  </div>`;
}

/**
 * What was read, or that it is read, or that it cannot be.
 *
 * @template T
 * @param {{ data: import("../data.js").Data<T>, children: (value: T) => unknown, lines?: number }} props
 */
export function Shown({ data, children, lines }) {
  const { value, error, isLoading, reload } = data;
  // That nothing answers is told once for the whole page, which keeps what it has.
  const isAway = useShared(away) !== undefined;
  if (isLoading || (isAway && value === undefined)) return html`<${Loading} lines=${lines} />`;
  return html`
    ${error && !isAway && html`<${Failure} error=${error} onRetry=${reload} />`}
    ${value !== undefined && children(value)}
  `;
}

/** A framed part of a page. @param {{ title?: unknown, actions?: unknown, children?: unknown, class?: string }} props */
export function Card({ title, actions, children, class: kind = "" }) {
  return html`<section class=${`card ${kind}`}>
    ${
    (title || actions) &&
    html`<header class="card-head">${title && html`<h2>${title}</h2>`}${
      actions && html`<div class="card-actions">${actions}</div>`
    }</header>`
  }
    ${children}
  </section>`;
}

/** A number with its name. @param {{ label: string, value: unknown, href?: string, tone?: string, title?: string }} props */
export function Figure({ label, value, href, tone = "", title }) {
  const inside =
    html`<span class="figure-value">${value}</span><span class="figure-label">${label}</span>`;
  const kind = `figure ${tone}`;
  return href
    ? html`<a class=${kind} href=${href} title=${title}>${inside}</a>`
    : html`<div class=${kind} title=${title}>${inside}</div>`;
}
