/**
 * Signals by which people and supervisors end a process.
 *
 * @module
 */

import process from "node:process";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Calls back once on the first SIGINT or SIGTERM; dispose it to stop listening. */
export function onTermination(callback: (signal: string) => void): Disposable {
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
  const heard = (signal: string): void => {
    stop();
    callback(signal);
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return { [Symbol.dispose]: stop };
}
