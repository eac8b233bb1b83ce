/** A way to a server that can be cut, as networks are. */
export class Wire implements Disposable {
  /** What browsers are told: as the server's own, with another port. */
  readonly url: string;
  readonly #to: { readonly hostname: string; readonly port: number };
  readonly #port: number;
  readonly #ends = new Set<Deno.Conn>();
  #listener: Deno.Listener | undefined;

  /** @param url Of the server. */
  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#to = { hostname, port: Number(port) };
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.#port = (this.#listener.addr as Deno.NetAddr).port;
    this.url = `http://${hostname}:${this.#port}`;
    void this.#serve(this.#listener);
  }

  /** Nothing comes through from now on. */
  cut(): void {
    this.#listener?.close();
    this.#listener = undefined;
    for (const end of this.#ends) close(end);
    this.#ends.clear();
  }

  /** All comes through again. */
  mend(): void {
    this.#listener = Deno.listen({ hostname: this.#to.hostname, port: this.#port });
    void this.#serve(this.#listener);
  }

  [Symbol.dispose](): void {
    this.cut();
  }

  async #serve(listener: Deno.Listener): Promise<void> {
    try {
      for await (const from of listener) void this.#join(from, listener);
    } catch {
      // It was cut.
    }
  }

  async #join(from: Deno.Conn, listener: Deno.Listener): Promise<void> {
    this.#ends.add(from);
    const to = await Deno.connect(this.#to);
    if (this.#listener !== listener) {
      close(from);
      return close(to);
    }
    this.#ends.add(to);
    await Promise.allSettled([
      from.readable.pipeTo(to.writable),
      to.readable.pipeTo(from.writable),
    ]);
    for (const end of [from, to]) {
      this.#ends.delete(end);
      close(end);
    }
  }
}

function close(end: Deno.Conn): void {
  try {
    end.close();
  } catch {
    // The other side was first.
  }
}
