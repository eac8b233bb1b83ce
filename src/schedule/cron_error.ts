/**
 * Why a cron expression is refused.
 *
 * @module
 */

import { InvalidOptionError, show } from "../errors.ts";

/** A field of a cron expression. */
export type CronField = "second" | "minute" | "hour" | "day of month" | "month" | "day of week";

/** A cron expression against the grammar, or one that names no date of any year. */
export class InvalidCronError extends InvalidOptionError {
  /** Name of the class. */
  override readonly name = "InvalidCronError";
  /** Stable name of this error, for code to branch on. */
  override readonly code = "INVALID_CRON";
  /** The whole expression, as it was given. */
  readonly expression: unknown;
  /** The field that breaks the rule, or null if it is the expression as a whole. */
  readonly field: CronField | null;
  /** The rule that is broken, such as "be from 0 to 59". */
  readonly reason: string;

  /**
   * Makes the error.
   *
   * @param expression The whole expression.
   * @param field The field that breaks the rule, or null.
   * @param reason The rule: what it must do or be.
   * @param value What was seen instead; the whole expression by default.
   */
  constructor(
    expression: unknown,
    field: CronField | null,
    reason: string,
    value: unknown = expression,
  ) {
    const action = value === expression ? "use cron" : `use cron ${show(expression)}`;
    super(action, field ?? "expression", reason, value);
    this.expression = expression;
    this.field = field;
    this.reason = reason;
  }
}
