// @ts-check
/**
 * What the form of a schedule says, as the API takes it, and back.
 */

/** What the form does not show: it stays as it is. */
const kept = ["meta", "backoff", "trace", "at_front", "limit_key", "retention", "dead_letter"];

/** @param {FormData} fields @param {string} name */
export function textOf(fields, name) {
  return String(fields.get(name) ?? "").trim();
}

/** A number of the form; undefined if it is empty. @param {FormData} fields @param {string} name @param {number} [times] */
function numberOf(fields, name, times = 1) {
  const text = textOf(fields, name);
  return text === "" ? undefined : Math.round(Number(text) * times);
}

/** When it fires, by the form. @param {FormData} fields @param {any} old */
export function timingOf(fields, old) {
  const timing = fields.has("cron")
    ? { cron: textOf(fields, "cron"), time_zone: textOf(fields, "time_zone") || "UTC" }
    : {
      every_ms: numberOf(fields, "every", Number(textOf(fields, "unit"))),
      time_zone: old?.time_zone,
    };
  return {
    ...timing,
    start_at_ms: timeOf(fields, "start_at", old),
    end_at_ms: timeOf(fields, "end_at", old),
  };
}

/** All rules, by the form and what it does not show. @param {FormData} fields @param {any} old */
export function rulesOf(fields, old) {
  const text = textOf(fields, "payload");
  /** @type {unknown} */
  let payload;
  try {
    if (text !== "") payload = JSON.parse(text);
  } catch (problem) {
    throw new Error(`The payload is not JSON: ${/** @type {Error} */ (problem).message}`);
  }
  const catchUp = textOf(fields, "catch_up");
  return {
    ...Object.fromEntries(
      kept.filter((name) => old?.[name] !== undefined).map((name) => [name, old[name]]),
    ),
    ...timingOf(fields, old),
    type: textOf(fields, "type"),
    queue: textOf(fields, "queue"),
    priority: numberOf(fields, "priority"),
    payload,
    overlap: textOf(fields, "overlap"),
    catch_up: catchUp === "all" ? numberOf(fields, "catch_up_most") : catchUp,
    jitter_ms: numberOf(fields, "jitter", 1000),
    max_retry: numberOf(fields, "max_retry"),
    timeout_ms: numberOf(fields, "timeout", 1000),
  };
}

/** @param {number | undefined} ms @returns {[number | "", number]} */
export function intervalOf(ms) {
  if (ms === undefined) return ["", 60_000];
  const unit =
    [86_400_000, 3_600_000, 60_000, 1000].find((size) => ms >= size && ms % size === 0) ?? 1;
  return [ms / unit, unit];
}

/** A time as its input has it, in seconds. @param {number | undefined} ms */
export function localText(ms) {
  if (ms === undefined) return "";
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The time of an input; to the millisecond if it was not touched. @param {FormData} fields @param {"start_at" | "end_at"} name @param {any} old */
function timeOf(fields, name, old) {
  const text = textOf(fields, name);
  if (text === "") return undefined;
  const before = old?.[`${name}_ms`];
  return before !== undefined && Date.parse(text) === Math.floor(before / 1000) * 1000
    ? before
    : Date.parse(text);
}
