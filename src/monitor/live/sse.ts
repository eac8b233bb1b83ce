/**
 * How a stream of events is written: Server-Sent Events. Pure.
 *
 * @module
 */

/** The type of such an answer. */
export const STREAM_TYPE = "text/event-stream";

/** An event that is told. */
export interface Message {
  /** Its name. */
  readonly event: string;
  /** Written as JSON, which has no line break. */
  readonly data: unknown;
}

const encoder = new TextEncoder();

/**
 * Some events, as text.
 *
 * @param cursor Where to go on after them, if they come from the store.
 */
export function eventTexts(messages: readonly Message[], cursor?: string): string {
  return messages.map(({ event, data }, i) => {
    const isLast = i === messages.length - 1;
    const id = isLast && cursor !== undefined ? `id: ${cursor}\n` : "";
    return `event: ${event}\n${id}data: ${JSON.stringify(data)}\n\n`;
  }).join("");
}

/** Where to go on, without an event. */
export function idText(cursor: string): string {
  return `id: ${cursor}\n\n`;
}

/** The first piece: after how long to come back when the stream has ended. */
export function helloText(retryMs: number): string {
  return `retry: ${retryMs}\n: hello\n\n`;
}

/** Says that the stream lives; clients pass over it. */
export const PING_TEXT = ": ping\n\n";

/** Text as it is sent. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
