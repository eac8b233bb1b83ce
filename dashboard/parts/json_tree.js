// @ts-check
/**
 * JSON as a tree that folds, in the browser's own `details`; what is folded is not drawn. Texts are shown as texts,
 * whatever is in them.
 */

import { html, useMemo, useState } from "../vendor/preact.js";
import { Card } from "./basics.js";
import { toast, told } from "./toast.js";

/** Deeper than this it is folded at first, and so are lists of more entries than that. */
const OPEN_DEPTH = 2;
const OPEN_ENTRIES = 30;
/** So many entries of one list are drawn at a time. */
const MOST_ENTRIES = 200;
/** Longest text that is shown in full at once. */
const LONG_TEXT = 600;
/** Longest JSON that is unfolded as a whole. */
const LONG_JSON = 50_000;
/** Whether a text of JSON goes deeper than what is open at first. */
const DEEP = /\n {6}/;
/** What stands in the place of what is not shown to everyone. */
const REDACTED = "[redacted]";

/** A value with its name, to look through and to copy. @param {{ title: string, value: unknown }} props */
export function JsonCard({ title, value }) {
  const [depth, setDepth] = useState(OPEN_DEPTH);
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "", [value]);
  const copy = () =>
    told(async () => {
      await navigator.clipboard.writeText(text);
      toast("Copied");
    });
  /** @param {string} name @param {() => void} onClick */
  const button = (name, onClick) =>
    html`
      <button type="button" class="button small" aria-label=${`${name}: ${title}`}
        onClick=${onClick}>${name}</button>
    `;
  // Browsers have a clipboard only where the connection is safe.
  return html`
    <${Card} title=${title} actions=${html`
      ${DEEP.test(text) && text.length < LONG_JSON &&
        (depth === OPEN_DEPTH
          ? button("Unfold all", () => setDepth(Infinity))
          : button("Fold", () => setDepth(OPEN_DEPTH)))}
      ${navigator.clipboard && button("Copy", copy)}
    `}>
      <${JsonTree} key=${depth} value=${value} depth=${depth} />
      <//>
  `;
}

/** @param {{ value: unknown, name?: string, depth?: number }} props `depth`: how many levels are open at first. */
export function JsonTree({ value, name, depth = OPEN_DEPTH }) {
  const label = name === undefined ? null : html`<span class="json-name">${name}: </span>`;
  if (value !== null && typeof value === "object" && Object.keys(value).length > 0) {
    return html`<${Branch} label=${label} value=${value} depth=${depth} />`;
  }
  return html`<div class="json-row">${label}${
    value === REDACTED
      ? html`<span class="json-redacted" title="Your role is not shown this">redacted</span>`
      : typeof value === "string"
      ? html`<${Text} value=${value} />`
      : html`<span class=${`json-${value === null ? "null" : typeof value}`}>${
        JSON.stringify(value)
      }</span>`
  }</div>`;
}

/** @param {{ label: unknown, value: object, depth: number }} props */
function Branch({ label, value, depth }) {
  const keys = Object.keys(value);
  const [isOpen, setOpen] = useState(depth > 0 && keys.length <= OPEN_ENTRIES);
  const [most, setMost] = useState(MOST_ENTRIES);
  const [start, end] = Array.isArray(value) ? "[]" : "{}";
  return html`<details class="json" open=${isOpen} onToggle=${(/** @type {any} */ event) =>
    setOpen(event.currentTarget.open)}>
    <summary>${label}<span class="faint">${start}${keys.length}${end}</span></summary>
    ${
    isOpen &&
    keys.slice(0, most).map((key) =>
      html`<${JsonTree} key=${key} name=${key} value=${/** @type {any} */ (value)[key]} depth=${
        depth - 1
      } />`
    )
  }
    ${
    isOpen && keys.length > most &&
    html`<button type="button" class="link" onClick=${() => setMost(most + MOST_ENTRIES)}>${
      keys.length - most
    } more</button>`
  }
  </details>`;
}

/** @param {{ value: string }} props */
function Text({ value }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = value.length > LONG_TEXT;
  return html`
    ${isWhole
      ? html`<pre>${value}</pre>`
      : html`<span class="json-string">${JSON.stringify(value.slice(0, LONG_TEXT))}</span>`}
    ${isLong &&
      html`<button type="button" class="link" onClick=${() => setWhole(!isWhole)}>${
        isWhole ? "Less" : `All ${value.length} characters`
      }</button>`}
  `;
}
