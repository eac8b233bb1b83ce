// @ts-check
/**
 * Makes a schedule, or gives one other rules: with what the clock would say to them, while they are written.
 */

import { part, request } from "../api.js";
import { scheduleText } from "../cron_text.js";
import { Dialog } from "../parts/dialog.js";
import { FireList } from "../parts/schedule_parts.js";
import { intervalOf, localText, rulesOf, textOf, timingOf } from "../parts/schedule_rules.js";
import { Tabs } from "../parts/tabs.js";
import { toast } from "../parts/toast.js";
import { go, href } from "../router.js";
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";

/** For so long nobody types before a preview is asked for, in milliseconds. */
const PAUSE_MS = 300;
const FIRES = 5;
/** The shortest interval. */
const LEAST_MS = 100;
/** Years that are still being typed are none. */
const timeRules = {
  type: "datetime-local",
  step: 1,
  min: "1971-01-01T00:00",
  max: "9998-12-31T00:00",
};
/** What the preview is made of. */
const clockFields = ["cron", "time_zone", "every", "start_at", "end_at"];
const units = /** @type {const} */ ({
  1000: "seconds",
  60000: "minutes",
  3600000: "hours",
  86400000: "days",
  1: "milliseconds",
});
const timings = { cron: "By the clock", every: "At an interval" };
const overlaps = {
  skip: "Skip the slot",
  allow: "Let both run",
  replace: "Replace the last job",
  queue_one: "Let one wait",
};
const catchUps = {
  latest: "Make up for the latest",
  none: "Leave them out",
  all: "Make up for several",
};

/** @typedef {{ cron?: string, every_ms?: number }} Timing */

/** @param {{ schedule?: any, onClose: () => void, onSaved?: () => Promise<void> }} props `schedule`: the one to change. */
export function ScheduleForm({ schedule, onClose, onSaved }) {
  // As it was read first: it may be read anew while somebody types.
  const [old] = useState(() => schedule);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [kind, setKind] = useState(old?.every_ms === undefined ? "cron" : "every");
  const [catchUp, setCatchUp] = useState(
    typeof old?.catch_up === "number" ? "all" : old?.catch_up ?? "latest",
  );
  const [timing, setTiming] = useState(/** @type {Timing | undefined} */ (undefined));
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [every, unit] = useMemo(() => intervalOf(old?.every_ms), [old]);
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const read = () => {
    const { elements } = /** @type {{ elements: any }} */ (form.current);
    const isWhole = clockFields.every((name) => elements[name]?.validity.valid ?? true);
    setTiming(isWhole ? timingOf(new FormData(form.current ?? undefined), old) : undefined);
  };
  useEffect(read, [kind]);
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    setError("");
    setBusy(true);
    try {
      const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
      const id = old?.id ?? textOf(fields, "id");
      const body = rulesOf(fields, old);
      const path = "/api/v1/schedules";
      await (old
        ? request("PUT", `${path}/${part(id)}`, {
          body: { ...body, updated_at_ms: old.updated_at_ms },
        })
        : request("POST", path, { body: { ...body, id, enabled: fields.has("enabled") } }));
      toast(`${id} was ${old ? "changed" : "made"}`);
      await onSaved?.();
      if (old) onClose();
      else go(href(["schedules", id]));
    } catch (problem) {
      const isChanged = old && /** @type {any} */ (problem).code === "CONFLICT";
      setError(
        isChanged
          ? "Somebody has changed it since it was read. Close this and begin anew with what is there now"
          : /** @type {Error} */ (problem).message,
      );
      setBusy(false);
    }
  };
  const payload = old?.payload === undefined ? "" : JSON.stringify(old.payload, null, 2);
  return html`
    <${Dialog} title=${old ? `Edit ${old.id}` : "New schedule"} onClose=${onClose} isWide=${true}>
      <form ref=${form} class="form" onSubmit=${submit} onInput=${read}>
          ${!old && html`
            <${Text} name="id" title="Id" pattern="[a-zA-Z0-9._\\-]{1,200}"
              hint="Letters, digits, dots, dashes" required=${true} />
          `}
          <${Text} name="type" title="Type of its jobs" value=${old
            ?.type} required=${true} />
          <${Text} name="queue" title="Queue" value=${old?.queue ?? "default"} required=${true} />
          <${Text} name="priority" title="Priority, higher first" type="number" value=${old
            ?.priority ?? 0} min="-30" max="30" />
          <${Tabs} label="Timing" class="form-wide" of=${timings} chosen=${kind} onChoose=${setKind} />
          ${kind === "cron"
            ? html`
              <${Text} key="cron" name="cron" title="Cron expression" value=${old?.cron ??
                "0 9 * * *"} required=${true}
                hint="5 fields, or 6 with the second first" isMono=${true} />
              <${Text} key="zone" name="time_zone" title="Time zone" value=${old?.time_zone ??
                "UTC"} list="zones"
                required=${true} />
              <datalist id="zones">${zones.map((/** @type {string} */ zone) =>
                html`<option key=${zone} value=${zone} />`
              )}</datalist>
            `
            : html`
              <${Text} key="every" name="every" title="Every" type="number" value=${every} min="0"
                step="any" required=${true} />
              <${Choice} key="unit" name="unit" title="Unit" options=${units} value=${String(
                unit,
              )} />
            `}
          <${Preview} timing=${timing} />
          <label class="field form-wide">Payload, as JSON
            <textarea name="payload" rows="5" spellcheck=${false} class="mono" defaultValue=${payload} placeholder="none" />
            ${payload.includes('"[redacted]"') &&
              html`<span class="json-redacted">Give what is shown as [redacted] anew: it is not known here</span>`}</label>
          <details class="form-wide" onInvalidCapture=${(/** @type {any} */ event) =>
            event.currentTarget.open = true}><summary>More</summary><div class="form">
            <${Choice} name="overlap" title="If the last job still runs" options=${overlaps} value=${old
              ?.overlap ?? "skip"} />
            <${Choice} name="catch_up" title="Slots that were missed" options=${catchUps} value=${catchUp} onChange=${setCatchUp} />
            ${catchUp === "all" && html`
              <${Text} name="catch_up_most" title="For how many of them" type="number" min="1" max="100"
                value=${typeof old?.catch_up === "number" ? old.catch_up : 10} required=${true} />
            `}
            <${Text} name="jitter" title="Jitter, in seconds" type="number" min="0" max="86400" step="0.001" value=${(old
              ?.jitter_ms ?? 0) / 1000} />
            <${Text} name="max_retry" title="Retries" type="number" min="0" value=${old
              ?.max_retry} hint="Empty: as the type has it" />
            <${Text} name="timeout" title="Time limit, in seconds" type="number" min="0.001" step="0.001" value=${old
              ?.timeout_ms && old.timeout_ms / 1000} hint="Empty: as the type has it" />
            <${Text} name="start_at" title="Not before, by your clock" ...${timeRules} value=${localText(
              old?.start_at_ms,
            )} />
            <${Text} name="end_at" title="Not after, by your clock" ...${timeRules} value=${localText(
              old?.end_at_ms,
            )} />
          </div></details>
          ${!old && html`
            <label
              class="form-wide"><input type="checkbox" name="enabled" defaultChecked=${true} /> Active from the start</label>
          `}
          ${error && html`<p class="failure form-wide" role="alert">${error}</p>`}
          <div class="dialog-actions form-wide">
            <button type="button" class="button" onClick=${onClose}>${old
              ? "Keep as it is"
              : "Make none"}</button>
            <button class="button primary" disabled=${isBusy}>${isBusy
              ? "Saving…"
              : old
              ? "Save"
              : "Make schedule"}</button>
          </div>
        </form>
      <//>
  `;
}

/** @param {{ timing: Timing | undefined }} props As far as it is whole. */
function Preview({ timing }) {
  const [told, setTold] = useState(/** @type {{ fires?: any[], error?: string }} */ ({}));
  const asked = timing && (timing.cron || Number(timing.every_ms) >= LEAST_MS)
    ? JSON.stringify({ ...timing, count: FIRES, draft: true })
    : "";
  useEffect(() => {
    if (asked === "") return setTold({});
    const abort = new AbortController();
    const { signal } = abort;
    const timer = setTimeout(async () => {
      try {
        const body = JSON.parse(asked);
        const { data } = await request("POST", "/api/v1/schedule-preview", { body, signal });
        if (!signal.aborted) setTold(data);
      } catch (problem) {
        if (!signal.aborted) setTold({ error: /** @type {Error} */ (problem).message });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [asked]);
  const { fires, error } = told;
  return html`<div class="preview form-wide" role="status" aria-label="Preview">
    ${
    error ? html`<p class="failure">${error}</p>` : html`
      <p>${asked
        ? scheduleText(timing ?? {}) ?? "Next fires:"
        : "Say when, to see the next fires"}</p>
      ${asked && fires && (fires.length === 0
        ? html`<p class="faint">It has no slots</p>`
        : html`<${FireList} fires=${fires} />`)}
    `
  }
  </div>`;
}

/** @param {any} props */
function Text({ name, title, value, hint, isMono, ...rest }) {
  return html`<label class="field">${title}
    <input name=${name} defaultValue=${value ?? ""} autocomplete="off" spellcheck=${false} class=${
    isMono ? "mono" : ""
  } ...${rest} />
    ${hint && html`<span class="faint">${hint}</span>`}</label>`;
}

/** @param {{ name: string, title: string, options: Readonly<Record<string, string>>, value: string, onChange?: (value: string) => void }} props */
function Choice({ name, title, options, value, onChange }) {
  return html`<label class="field">${title}
    <select name=${name} onChange=${(/** @type {any} */ event) =>
    onChange?.(event.currentTarget.value)}>
      ${
    Object.entries(options).map(([one, text]) =>
      html`<option key=${one} value=${one} selected=${one === value}>${text}</option>`
    )
  }
    </select></label>`;
}
