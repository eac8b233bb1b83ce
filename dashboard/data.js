// @ts-check
/**
 * What a part of the page shows of the API: read when it appears, and again when something has happened.
 */

import { ApiError } from "./api.js";
import { away, connection, listen } from "./live.js";
import { visible } from "./state.js";
import { useCallback, useEffect, useRef, useState } from "./vendor/preact.js";

/** However much happens, it is read no more often than this, unless said otherwise, in milliseconds. */
const LEAST_MS = 1000;

/**
 * @typedef {object} DataOptions
 * @property {readonly string[]} [events] It is read again after these events of the stream.
 * @property {(data: any, event: string) => boolean} [isAbout] Whether an event is a reason for that; each is, without it.
 * @property {number} [leastMs] Time from one reading to the next at least, whatever happens.
 * @property {number} [everyMs] It is read again so often where there is no stream; with no `events`, always.
 */

/**
 * @template T
 * @typedef {object} Data
 * @property {T | undefined} value The last that was read; it stays while it is read again.
 * @property {ApiError | undefined} error Why it could not be read the last time.
 * @property {boolean} isLoading Whether nothing has been read yet.
 * @property {() => Promise<void>} reload
 */

/**
 * Reads something of the API, and keeps it up to date while it is shown and the page can be seen.
 *
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {readonly unknown[]} inputs What `load` depends on.
 * @param {DataOptions} [options]
 * @returns {Data<T>}
 */
export function useData(
  load,
  inputs,
  { events = [], isAbout, leastMs = LEAST_MS, everyMs = 10_000 } = {},
) {
  const [state, setState] = useState(/** @type {{ value?: T, error?: ApiError }} */ ({}));
  const latest = useRef(load);
  latest.current = load;
  const abort = useRef(/** @type {AbortController | undefined} */ (undefined));
  const reload = useCallback(async () => {
    abort.current?.abort();
    const { signal } = abort.current = new AbortController();
    try {
      const value = await latest.current(signal);
      if (!signal.aborted) setState({ value });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      setState((/** @type {{ value?: T }} */ before) => ({ value: before.value, error }));
    }
  }, []);

  useEffect(() => {
    setState({});
    void reload();
    return () => abort.current?.abort();
  }, inputs);

  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let readAt = performance.now();
    let hasEnded = false;
    let isDue = false;
    const again = async () => {
      timer = undefined;
      readAt = performance.now();
      if (visible.get() && !away.get()) await reload();
      if (!hasEnded && isPolled()) plan(everyMs);
    };
    const isPolled = () => events.length === 0 || connection.get() !== "live";
    /** @param {number} inMs */
    const plan = (inMs) => {
      clearTimeout(timer);
      isDue = false;
      timer = setTimeout(() => void again(), inMs);
    };
    const soon = () => {
      if (isDue) return;
      isDue = true;
      const waitMs = Math.max(0, leastMs - (performance.now() - readAt));
      if (timer !== undefined) clearTimeout(timer);
      timer = setTimeout(() => {
        isDue = false;
        void again();
      }, waitMs);
    };
    const ends = [
      visible.listen((isVisible) => isVisible && soon()),
      away.listen((now) => !now && soon()),
      ...events.length === 0 ? [] : [
        listen(["gap", ...events], (data, event) => {
          if (event === "gap" || (isAbout?.(data, event) ?? true)) soon();
        }),
        connection.listen((now) => now === "live" ? soon() : plan(everyMs)),
      ],
    ];
    if (isPolled()) plan(everyMs);
    return () => {
      hasEnded = true;
      clearTimeout(timer);
      for (const end of ends) end();
    };
  }, [...inputs, everyMs, events.join()]);

  return {
    value: state.value,
    error: state.error,
    isLoading: !("value" in state) && !state.error,
    reload,
  };
}
