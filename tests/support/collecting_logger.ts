/** A logger whose lines tests can look at. */

import type { LogFields, Logger } from "../../src/logger.ts";

/** One collected line. */
export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines, so that tests can look at them and stderr stays quiet. */
export class CollectingLogger implements Logger {
  readonly lines: Line[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  /** The lines with this message. */
  saying(message: string): readonly Line[] {
    return this.lines.filter((line) => line.message === message);
  }
}
