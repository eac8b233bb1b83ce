// @ts-check
/**
 * The form of one limit.
 */

import { html, useState } from "../vendor/preact.js";

/**
 * @typedef {object} Limit As the API has it.
 * @property {string} [type]
 * @property {true} [per_key]
 * @property {string} [key]
 * @property {number} [concurrency]
 * @property {{ count: number, per_ms: number, burst?: number }} [rate]
 * @property {number | null} running
 * @property {number | null} tokens
 */

const kinds = {
  type: "all jobs of a type",
  per_key: "each key of a type",
  key: "all jobs with a key",
};
const units =
  /** @type {const} */ ([[86_400_000, "days"], [3_600_000, "hours"], [60_000, "minutes"], [
    1000,
    "seconds",
  ], [1, "ms"]]);
const MOST_MS = 2_678_400_000;
const KEY = "[a-zA-Z0-9._:\\-]+";
const KEY_RULE = "Up to 128 of the characters a-z A-Z 0-9 . _ : -";

/**
 * @param {{ limit: Partial<Limit>, all: readonly Limit[], onSave: (limit: Limit) => Promise<void> }} props
 * `limit`: what is changed; empty for a new one. `all`: what there is, which a new one would replace.
 */
export function LimitForm({ limit, all, onSave }) {
  const isNew = limit.type === undefined && limit.key === undefined;
  const perMs = limit.rate?.per_ms ?? 1000;
  const [unit] = units.find(([size]) => perMs % size === 0) ?? units[4];
  const [kind, setKind] = useState(
    limit.key !== undefined ? "key" : limit.per_key ? "per_key" : "type",
  );
  const [name, setName] = useState(limit.type ?? limit.key ?? "");
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isThere = isNew &&
    all.some((one) =>
      kind === "key"
        ? one.key === name
        : one.type === name && (one.per_key === true) === (kind === "per_key")
    );
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    /** @param {string} field */
    const number = (field) => fields.get(field) ? Number(fields.get(field)) : undefined;
    const [concurrency, count, per, burst] = ["concurrency", "count", "per", "burst"].map(number);
    const per_ms = (per ?? 1) * Number(fields.get("unit"));
    if (concurrency === undefined && count === undefined) {
      return setError("Say how many run at once, how many start, or both");
    }
    if (count === undefined && burst !== undefined) {
      return setError("Say how many start, of which so many may start at once");
    }
    if (per_ms > MOST_MS) return setError("At most 31 days");
    setError("");
    setBusy(true);
    try {
      await onSave({
        ...kind === "key"
          ? { key: name }
          : { type: name, ...kind === "per_key" ? { per_key: true } : {} },
        concurrency,
        rate: count === undefined ? undefined : { count, per_ms, burst },
        running: null,
        tokens: null,
      });
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      setBusy(false);
    }
  };
  /** @param {string} field @param {number | undefined} value */
  const whole = (field, value) =>
    html`<input name=${field} type="number" min="1" max="100000" step="1" defaultValue=${
      value ?? ""
    } />`;
  return html`<form class="limit-form" onSubmit=${submit}>
    ${
    isNew && html`
      <label class="field">Holds for
        <select value=${kind} onChange=${(/** @type {any} */ event) =>
          setKind(event.currentTarget.value)}>
          ${Object.entries(kinds).map(([value, title]) =>
            html`<option key=${value} value=${value}>${title}</option>`
          )}
        </select></label>
      <label class="field">${kind === "key" ? "Key" : "Type"}
        <input required maxlength=${kind === "key" ? 128 : 256} value=${name} autocomplete="off"
          pattern=${kind === "key" ? KEY : undefined} title=${kind === "key" ? KEY_RULE : undefined}
          onInput=${(/** @type {any} */ event) => setName(event.currentTarget.value)} /></label>
    `
  }
    <label class="field">Most that run at once, on all servers ${
    whole("concurrency", limit.concurrency)
  }</label>
    <fieldset class="bar"><legend class="field">Most that start</legend>
      <label class="field">Jobs ${whole("count", limit.rate?.count)}</label>
      <label class="field">Per <input name="per" type="number" min="1" step="1" defaultValue=${
    perMs / unit
  } required /></label>
      <label class="field">Unit <select name="unit" aria-label="Unit of time">${
    units.map(([size, title]) =>
      html`<option key=${title} value=${size} selected=${size === unit}>${title}</option>`
    )
  }</select></label>
      <label class="field">Most at once ${whole("burst", limit.rate?.burst)}</label>
    </fieldset>
    <p class="faint">What is left empty is not limited. What runs goes on and counts.</p>
    ${isThere && html`<p class="notice">There is such a limit: it is replaced.</p>`}
    ${error && html`<p class="failure" role="alert">${error}</p>`}
    <div class="dialog-actions"><button class="button primary" disabled=${isBusy}>${
    isBusy ? "Saving…" : "Save"
  }</button></div>
  </form>`;
}
