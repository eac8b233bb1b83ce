/** A connection on which a test says what it likes. */

import { connect, type Socket } from "node:net";

/** A connection to a port of this machine. */
export class Raw implements Disposable {
  readonly #socket: Socket;
  #text = "";
  #isClosed = false;
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => {
      this.#text += piece;
      this.#changed();
    });
    socket.on("error", () => {}); // "close" comes too
    socket.on("close", () => {
      this.#isClosed = true;
      this.#changed();
    });
  }

  /** Connects to where a URL points. */
  static async open(url: string): Promise<Raw> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname.replace(/^\[(.*)\]$/, "$1"));
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new Raw(socket);
  }

  /** Says something on a connection of its own; gives all that is answered until that is closed. */
  static async say(url: string, text: string): Promise<string> {
    using raw = await Raw.open(url);
    raw.write(text);
    return await raw.rest();
  }

  /** All that has come. */
  get text(): string {
    return this.#text;
  }

  /** Says something. */
  write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** Takes nothing of what comes from now on. */
  pause(): void {
    this.#socket.pause();
  }

  /** Waits until what has come is enough, or nothing more can come. */
  async until(isEnough: (text: string) => boolean): Promise<string> {
    while (!isEnough(this.#text) && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#changed = resolve);
    }
    return this.#text;
  }

  /** Waits until the other end closes. */
  rest(): Promise<string> {
    return this.until(() => false);
  }

  /** Breaks the connection. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** The text of a request: the head's lines, and the body. */
export function request(lines: readonly string[], body: string = ""): string {
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** The statuses of the answers in a text. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/(?:^|[^\n]*?)HTTP\/1\.[01] (\d{3}) /g)].map(([, code]) => Number(code));
}
