/**
 * A structured logger with levels, as a port: `console`-like methods that take
 * a message and fields.
 *
 * @module
 */

import { systemClock } from "./clock.ts";

/** From the most to the least talkative; `silent` says nothing. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** What a log line is about, as plain data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. pino, winston and others need a one-line adapter at most. */
export interface Logger {
  /** For whoever looks for a fault. */
  debug(message: string, fields?: LogFields): void;
  /** Normal, rare. */
  info(message: string, fields?: LogFields): void;
  /** Wrong, and taken care of. */
  warn(message: string, fields?: LogFields): void;
  /** Wrong; someone should look. */
  error(message: string, fields?: LogFields): void;
}

/** The levels, most talkative first. */
export const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/**
 * Makes a logger that writes one line of JSON per entry to standard error:
 * `{"time":"…","level":"warn","message":"…", …fields}`. Errors among the fields
 * are written with name, message and stack.
 *
 * @param level Least level that is written. @default {"info"}
 * @param options `now`: the time of a line, as text; the system's if left out. `write`: takes the lines.
 *
 * @example
 * ```ts
 * import { jsonLogger } from "@gqm/gqm";
 *
 * const logger = jsonLogger("warn");
 * logger.info("not written");
 * ```
 */
export function jsonLogger(
  level: LogLevel = "info",
  options: { readonly now?: () => string; readonly write?: (line: string) => void } = {},
): Logger {
  const now = options.now ?? (() => new Date(systemClock.now()).toISOString());
  const write = options.write ?? ((line) => console.error(line));
  return filteredLogger(level, (name) => (message, fields) => {
    const line = { time: now(), level: name, message };
    write(
      textOf({ ...line, ...fields, ...line }) ??
        JSON.stringify({ ...line, fields: "not writable" }),
    );
  });
}

/** Whether a logger of this file writes lines of a level: if not, they need not be made. */
export function writes(logger: Logger, level: Exclude<LogLevel, "silent">): boolean {
  return logger[level] !== quiet;
}

function quiet(): void {}

/** Keeps those lines of a logger that are at or above a level. */
export function withLevel(logger: Logger, level: LogLevel): Logger {
  return filteredLogger(level, (name) => (message, fields) => logger[name](message, fields));
}

/** Where the log lines of a server or a monitor go, by its options. */
export function loggerOf(
  { logger, logLevel }: { readonly logger?: Logger; readonly logLevel?: LogLevel },
): Logger {
  return logger === undefined ? jsonLogger(logLevel) : withLevel(logger, logLevel ?? "debug");
}

type Write = (message: string, fields?: LogFields) => void;
type LineLevel = Exclude<LogLevel, "silent">;

function filteredLogger(level: LogLevel, writer: (name: LineLevel) => Write): Logger {
  const least = logLevels.indexOf(level);
  const at = (name: LineLevel): Write =>
    logLevels.indexOf(name) < least ? quiet : unbroken(writer(name));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A logger that throws must not stop what it tells of. */
function unbroken(write: Write): Write {
  return (message, fields) => {
    try {
      write(message, fields);
    } catch {
      // There is no one left to tell.
    }
  };
}

/** A line as JSON; undefined if its fields cannot be written: a cycle, a getter that throws. */
function textOf(line: LogFields): string | undefined {
  try {
    return JSON.stringify(line, writeErrors);
  } catch {
    return undefined;
  }
}

function writeErrors(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  const own = cause === undefined || cause === value ? undefined : { cause };
  return { name, message, stack, ...own };
}
