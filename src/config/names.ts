/**
 * Rules that several keys share, in the words of those who use their values.
 *
 * @module
 */

import { InvalidOptionError } from "../errors.ts";
import { isJobType, isQueueName, QUEUE_RULE, TYPE_RULE } from "../job/names.ts";
import { checkZone } from "../schedule/zone.ts";
import { list, type ListNode, text, type TextNode } from "./node.ts";

/** The rule for time zones. */
export const ZONE_RULE = "be a time zone such as 'Europe/Berlin', 'UTC' or '+02:00'";

/** Whether a text is a time zone. */
export function isZone(name: string): boolean {
  return accepts(() => checkZone("load config", "timezone", name));
}

/** Whether a check of an option throws nothing. */
export function accepts(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof InvalidOptionError) return false;
    throw error;
  }
}

/** The name of a queue. */
export function queueName(about: string, rest: Partial<TextNode> = {}): TextNode {
  return text(about, { rule: QUEUE_RULE, accepts: isQueueName, ...rest });
}

/** The type of a job. */
export function jobType(about: string, rest: Partial<TextNode> = {}): TextNode {
  return text(about, { rule: TYPE_RULE, accepts: isJobType, ...rest });
}

/** Names of queues. */
export function queueNames(about: string, unset: string): ListNode<TextNode> {
  return list(about, queueName("A queue", { required: true }), { unset });
}
