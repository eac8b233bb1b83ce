/** What watches the monitor from outside, with `fetch` alone: its stream of events, and its metrics. */

/** Where the monitor is, and a viewer's key. */
export interface MonitorAt {
  readonly url: string;
  readonly key: string;
}

/** An event of the stream; `open` when there is a connection, as with `EventSource`. */
export interface LiveEvent {
  readonly event: string;
  /** Each event has a form of its own: docs/api.md tells them. */
  readonly data: unknown;
}

/**
 * Reads `/api/v1/events` until the signal aborts. When the stream ends, as it does after an hour or with the monitor's
 * process, it comes back and goes on where it was.
 */
export async function* liveEvents(
  { url, key }: MonitorAt,
  names: string,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { "x-api-key": key };
      if (last !== undefined) headers["last-event-id"] = last;
      const response = await fetch(`${url}/api/v1/events?events=${names}`, { headers, signal });
      if (!response.ok || !response.body) throw new Error(`the stream is ${response.status}`);
      yield { event: "open", data: {} };
      for await (const { id, ...event } of parseEvents(response.body)) {
        last = id ?? last;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      console.error(`events: ${(error as Error).message}`);
    }
    await pause(1000, signal);
  }
}

/** The events of a stream: blocks of `name: value` lines, with an empty line behind each. */
async function* parseEvents(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<LiveEvent & { id?: string }> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split("\n").map((line) => {
          const at = line.indexOf(":");
          return [line.slice(0, at), line.slice(at + 1).trimStart()];
        }),
      );
      const data = fields.get("data");
      if (data === undefined) continue; // a comment, which keeps the connection open
      const id = fields.get("id");
      yield {
        event: fields.get("event") ?? "message",
        data: JSON.parse(data),
        ...id === undefined ? {} : { id },
      };
    }
  }
}

/** A scrape: the text, as Prometheus gets it. */
export async function scrape({ url, key }: MonitorAt): Promise<string> {
  const response = await fetch(`${url}/metrics`, { headers: { "x-api-key": key } });
  if (!response.ok) throw new Error(`metrics: ${response.status}`);
  return await response.text();
}

/** The sum of a metric over all its label sets that hold some text, such as `status="dead_letter"`. */
export function sumOf(metrics: string, name: string, label: string): number {
  return metrics.split("\n")
    .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
