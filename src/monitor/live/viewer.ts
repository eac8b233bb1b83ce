/**
 * One who looks on: a stream, and what waits to be sent on it.
 *
 * @module
 */

import type { View } from "./view.ts";

/** Most bytes that may wait for one who reads too slowly. */
export const MOST_BYTES = 524_288;

/** What a viewer is. */
export interface ViewerParts {
  readonly view: View;
  /** What stands for the client where clients are counted. */
  readonly network: string;
  /** The session by which they look on; undefined of a key. */
  readonly session: string | undefined;
  /** Until when they look on at the most, by the clock's `mono`. */
  readonly until: number;
  /** Aborts when the server closes that brought the request. */
  readonly closing: AbortSignal | undefined;
  /** Called once, when the stream has ended, by either side. */
  readonly onEnd: (viewer: Viewer) => void;
}

/**
 * One who looks on. Pieces wait here and not in the stream, and are handed over when it is read: so their
 * bytes are counted, and are let go of at once when they are too many.
 */
export class Viewer {
  readonly parts: ViewerParts;
  /** What is sent. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  #isAsked = false;
  #hasEnded = false;

  /** @param parts What it is. */
  constructor(parts: ViewerParts) {
    this.parts = parts;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#isAsked = true;
        this.#give();
      },
      cancel: () => this.#over(),
    }, { highWaterMark: 0 });
  }

  /** Whether the stream has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Sends a piece. Who leaves too much of what came before untaken is dropped, and may come back. */
  push(piece: Uint8Array<ArrayBuffer>): void {
    if (this.#hasEnded) return;
    if (this.#bytes > 0 && this.#bytes + piece.byteLength > MOST_BYTES) {
      this.#waiting = [];
      this.end();
      return;
    }
    this.#waiting.push(piece);
    this.#bytes += piece.byteLength;
    if (this.#isAsked) this.#give();
  }

  /** Ends the stream, after what waits. Repeat: does nothing. */
  end(): void {
    if (this.#hasEnded) return;
    this.#give();
    this.#controller?.close();
    this.#over();
  }

  /** Hands over all that waits, as one piece. */
  #give(): void {
    if (this.#waiting.length === 0) return;
    const pieces = this.#waiting;
    const all = pieces.length === 1 ? pieces[0]! : joined(pieces, this.#bytes);
    this.#waiting = [];
    this.#bytes = 0;
    this.#isAsked = false;
    this.#controller?.enqueue(all);
  }

  #over(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#waiting = [];
    this.#bytes = 0;
    this.parts.onEnd(this);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}
