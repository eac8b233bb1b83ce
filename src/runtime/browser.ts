/**
 * The browser of whoever sits at the terminal.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";

/** What opens a URL, by platform. `start` takes its first text in quotes for the title of a window. */
const OPENERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", '""'],
};

/** Opens a URL in the browser; false if nothing here does that. Does not wait for the browser to end. */
export function openInBrowser(url: string): Promise<boolean> {
  const [command, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  return new Promise((resolve) => {
    const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
