// @ts-check
/**
 * What a schedule means, in words. Where words would be longer than the expression, or not exact, there are none.
 */

const MONTHS =
  "January,February,March,April,May,June,July,August,September,October,November,December".split(
    ",",
  );
const DAYS = "Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday".split(",");
const WORDS = new Map(Object.entries({
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
}));
/** As many times of the day, and values of a list, are named. */
const MOST_NAMED = 6;

/**
 * @typedef {object} Field
 * @property {readonly number[]} values Rising.
 * @property {boolean} isStar Whether `*` stands there: only then the other field of days decides alone.
 * @property {boolean} isAll
 * @property {number} step What lies between any two, also from one round to the next; else 0.
 */

/**
 * What a schedule means; undefined if there are no words for it.
 *
 * @param {{ cron?: string, every_ms?: number, custom?: boolean }} schedule
 */
export function scheduleText({ cron, every_ms, custom }) {
  if (custom) return "When a function of the program says so";
  if (every_ms !== undefined) return everyText(every_ms);
  return cron === undefined ? undefined : cronText(cron);
}

/** An interval, exactly. @param {number} ms */
export function everyText(ms) {
  const units = /** @type {[number, string][]} */ ([
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1000, "second"],
    [1, "millisecond"],
  ]);
  const [size, name] = units.find(([size]) => ms % size === 0) ?? [1, "millisecond"];
  return `Every ${ms === size ? name : `${ms / size} ${name}s`}`;
}

/**
 * What a cron expression means; undefined if it is wrong, or there are no words for it.
 *
 * @param {string} expression
 */
export function cronText(expression) {
  const text = expression.trim();
  const parts = (WORDS.get(text.toLowerCase()) ?? text).split(/\s+/);
  if (parts.length === 5) parts.unshift("0");
  if (parts.length !== 6) return undefined;
  const second = read(parts[0], 0, 59);
  const minute = read(parts[1], 0, 59);
  const hour = read(parts[2], 0, 23);
  const day = read(parts[3], 1, 31);
  const month = read(parts[4], 1, 12, MONTHS);
  const weekday = read(parts[5], 0, 7, DAYS);
  if (!second || !minute || !hour || !day || !month || !weekday) return undefined;
  const days = daysText(day, month, weekday);
  if (days === undefined) return undefined;
  const times = timesOf(second, minute, hour);
  const often = times ?? oftenText(second, minute, hour);
  if (often === undefined) return undefined;
  const said = times ? `${days || "every day"} at ${times}` : often + (days && `, ${days}`);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/**
 * @param {string | undefined} text @param {number} min @param {number} max @param {readonly string[]} [names]
 * @returns {Field | undefined}
 */
function read(text, min, max, names = []) {
  const isWeek = max === 7;
  /** @param {string} one */
  const valueOf = (one) => {
    if (/^\d+$/.test(one)) return Number(one);
    const at = names.findIndex((name) => name.slice(0, 3).toUpperCase() === one.toUpperCase());
    return at < 0 ? NaN : at + min;
  };
  /** @type {Set<number>} */
  const chosen = new Set();
  for (const item of (text ?? "").split(",")) {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
    if (!match) return undefined;
    const [, from, to, by] = match;
    const step = Number(by ?? 1);
    const first = from === undefined ? min : valueOf(from);
    let last = to !== undefined
      ? valueOf(to)
      : from === undefined || by !== undefined
      ? max
      : first;
    // "FRI-SUN" goes on to the end of the week.
    if (isWeek && last === 0 && first > 0 && /^\D/.test(to ?? "")) last = 7;
    // Also false for what is no number.
    if (!(first >= min && last <= max && first <= last && step >= 1)) return undefined;
    for (let value = first; value <= last; value += step) chosen.add(isWeek ? value % 7 : value);
  }
  const values = [...chosen].sort((a, b) => a - b);
  const size = isWeek ? 7 : max - min + 1;
  const gap = size / values.length;
  const [first = 0] = values;
  const isRound = values.length > 2 && values.every((value, i) => value === first + i * gap);
  return {
    values,
    isStar: text === "*",
    isAll: values.length === size,
    step: isRound ? gap : 0,
  };
}

/** The times of a day, if they are few. @param {Field} second @param {Field} minute @param {Field} hour */
function timesOf({ values: seconds }, { values: minutes }, hour) {
  const isSharp = seconds.length === 1 && seconds[0] === 0;
  if (seconds.length * minutes.length * hour.values.length > MOST_NAMED) return undefined;
  if (hour.step > 0 && minutes.length === 1 && isSharp) return undefined;
  return list(
    hour.values.flatMap((h) =>
      minutes.flatMap((m) => seconds.map((s) => clock(h, m, ...isSharp ? [] : [s])))
    ),
  );
}

/** How often within the day. @param {Field} second @param {Field} minute @param {Field} hour @returns {string | undefined} */
function oftenText(second, minute, hour) {
  const [firstHour = 0] = hour.values;
  const lastHour = hour.values.at(-1) ?? 0;
  const isRun = lastHour - firstHour === hour.values.length - 1;
  const [tick = 0] = second.values;
  if (second.values.length === 1) {
    if (tick > 0) {
      const text = oftenText({ ...second, values: [0] }, minute, hour);
      return text && `${text}, at second ${tick}`;
    }
    const [at = 0] = minute.values;
    if (minute.values.length === 1) {
      if (hour.isAll) return at === 0 ? "every hour" : `every hour at minute ${at}`;
      if (hour.step > 0) {
        const from = at + firstHour === 0 ? "" : ` from ${clock(firstHour, at)}`;
        return `every ${hour.step} hours${from}`;
      }
      if (isRun) return `every hour from ${clock(firstHour, at)} to ${clock(lastHour, at)}`;
    }
  } else if (!minute.isAll) return undefined;
  const [field, unit, within] = second.values.length > 1
    ? [second, "second", "minute"]
    : [minute, "minute", "hour"];
  const [first = 0] = field.values;
  const isRate = field.step > 0;
  const text = isRate
    ? (field.isAll ? `every ${unit}` : `every ${field.step} ${unit}s`) +
      (first > 0 ? ` from ${unit} ${first} of the ${within}` : "")
    : named(field.values, unit);
  if (text === undefined) return undefined;
  if (hour.isAll) return isRate ? text : `at ${text} of every ${within}`;
  if (!isRate && unit === "second") return undefined;
  if (isRate && isRun) {
    const last = field.values.at(-1) ?? 0;
    const [start, end] = unit === "second" ? [[0, first], [59, last]] : [[first], [last]];
    return `${text} from ${clock(firstHour, ...start)} to ${clock(lastHour, ...end)}`;
  }
  const hours = hour.step > 0 && firstHour === 0
    ? `every ${nth(hour.step)} hour`
    : named(hour.values, "hour");
  return hours && `${isRate ? `${text} in` : `at ${text} of`} ${hours}`;
}

/** Which days; "" for all of them. @param {Field} day @param {Field} month @param {Field} weekday */
function daysText(day, month, weekday) {
  const months = month.isAll ? "" : list(runs(month.values, (value) => MONTHS[value - 1] ?? ""));
  const isEither = !day.isStar && !weekday.isStar;
  // Where both are given, a day needs to fit one of them only.
  if (isEither ? day.isAll || weekday.isAll : day.isAll && weekday.isAll) {
    return months && `every day in ${months}`;
  }
  // The week begins on Monday.
  const days = weekday.values.map((value) => value || 7).sort((a, b) => a - b);
  const week = `every ${list(runs(days, (value) => DAYS[value % 7] ?? ""))}`
    .replace(/^every (\w+ to )/, "$1");
  if (!isEither && day.isAll) return months ? `${week} in ${months}` : week;
  const which = named(day.values, "day");
  const last = day.values.at(-1) ?? 0;
  const isInAll = month.values.every((one) => last <= new Date(2001, one, 0).getDate());
  // Which of some months have their last days is left to the expression.
  if (which === undefined || (months && !isInAll)) return undefined;
  const each = day.values.length > 1 || isInAll ? "every month" : "each month that has it";
  const dates = `on ${which} of ${months || each}`;
  return isEither ? `${dates} and ${week}${months && ` in ${months}`}` : dates;
}

/** Such as "minutes 5 and 10", if they are few. @param {readonly number[]} values @param {string} unit */
function named(values, unit) {
  const texts = runs(values, String);
  if (texts.length > MOST_NAMED) return undefined;
  return `${unit}${values.length === 1 ? "" : "s"} ${list(texts)}`;
}

/** Values, with what follows one another joined. @param {readonly number[]} values @param {(value: number) => string} name */
function runs(values, name) {
  /** @type {number[][]} */
  const groups = [];
  for (const value of values) {
    const last = groups.at(-1);
    if (last?.at(-1) === value - 1) last.push(value);
    else groups.push([value]);
  }
  return groups.flatMap((group) =>
    group.length < 3 ? group.map(name) : [`${name(group[0] ?? 0)} to ${name(group.at(-1) ?? 0)}`]
  );
}

/** @param {...number} parts */
function clock(...parts) {
  return parts.map((one) => String(one).padStart(2, "0")).join(":");
}

/** @param {readonly string[]} texts */
function list(texts) {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** @param {number} n */
function nth(n) {
  return `${n}${["th", "st", "nd", "rd"][n] ?? "th"}`;
}
