/**
 * The stream of events of a monitor: which of them came, as long as there is a stream.
 *
 * @module
 */

import { type Clock, sleep } from "../../clock.ts";
import type { Api } from "../api.ts";
import type { Link } from "./model.ts";

const AGAIN_MS = 5000;

/** Listens until the signal aborts. */
export async function listen(
  api: Api,
  clock: Clock,
  signal: AbortSignal,
  told: { readonly event: (name: string) => void; readonly link: (link: Link) => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const stream = await api.stream("/api/v1/events", signal);
      told.link("live");
      for await (const name of eventNames(stream, signal)) told.event(name);
    } catch {
      // Whatever it is: reads go on, and tell if nothing answers.
    }
    if (signal.aborted) return;
    told.link("polling");
    await sleep(clock, AGAIN_MS, signal);
  }
}

/** The names of events in a stream of Server-Sent Events. */
async function* eventNames(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  // A monitor in this process does not hear of the signal.
  const end = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  try {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("event: ")) yield line.slice("event: ".length).trim();
      }
    }
  } finally {
    signal.removeEventListener("abort", end);
  }
}
