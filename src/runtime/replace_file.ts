/**
 * Files that hold secrets, and take the place of others whole.
 *
 * @module
 */

import {
  lstat,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  stat,
  symlink,
  unlink,
} from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { randomHex } from "./secret.ts";
import { sleep, systemClock } from "../clock.ts";

/** How long another process may be at a file, in milliseconds. */
const MOST_WAIT_MS = 30_000;
const POLL_MS = 20;
/** What the names of files end with that are not in their place yet. */
const END = ".tmp";

/** Writes a new file that its owner alone can read; throws if something is there. */
export async function writeNewSecret(path: string, text: string): Promise<void> {
  await using _lock = await lock(path);
  if (await isThere(path)) throw new Error(`'${path}' is there already`);
  await put(path, await stage(path, text));
}

/** Whether there is something at a path, also a link that leads nowhere. */
export async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(() => true, () => false);
}

/**
 * Changes a file: another takes its place, whole, which its owner alone can read. Links are followed. One process
 * at a time changes it; a process that is killed leaves the file as it was.
 *
 * @param change Gives its new text.
 * @returns Whether others could read it until now.
 */
export async function changeSecret(
  path: string,
  change: () => Promise<string>,
): Promise<boolean> {
  const real = await realpath(path);
  await using _lock = await lock(real);
  const text = await change();
  const { mode, uid, gid } = await stat(real);
  await put(real, await stage(real, text, { uid, gid }));
  return (mode & 0o077) !== 0 && process.platform !== "win32";
}

/** Writes a file beside the place that it is for. It keeps the owner of what stands there. */
async function stage(
  place: string,
  text: string,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<string> {
  const folder = dirname(place);
  const begin = `.${basename(place)}.`;
  for (const name of await readdir(folder)) {
    // Of one that was killed: others wait for the lock.
    if (name.startsWith(begin) && name.endsWith(END)) {
      await unlink(join(folder, name)).catch(() => {});
    }
  }
  const path = join(folder, begin + randomHex(6) + END);
  const file = await open(path, "wx", 0o600);
  try {
    const made = await file.stat();
    if (owner !== undefined && (made.uid !== owner.uid || made.gid !== owner.gid)) {
      await file.chown(owner.uid, owner.gid);
    }
    await file.writeFile(text);
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(path).catch(() => {});
    throw error;
  }
  return path;
}

/** Puts a file that was written beside its place there. */
async function put(place: string, staged: string): Promise<void> {
  try {
    await rename(staged, place);
  } catch (error) {
    await unlink(staged).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(place));
}

/** Makes a rename last; not all systems can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const file = await open(folder);
    await file.sync().finally(() => file.close());
  } catch {
    // The new file is in its place all the same.
  }
}

/** Keeps other processes from a file. The lock is a link that names who has it, as that is made in one step. */
async function lock(path: string): Promise<AsyncDisposable> {
  const place = join(dirname(path), `.${basename(path)}.lock`);
  const us = `${process.pid}@${hostname()}`;
  const end = systemClock.mono() + MOST_WAIT_MS;
  while (true) {
    try {
      await symlink(us, place);
      return { [Symbol.asyncDispose]: () => unlink(place).catch(() => {}) };
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      // Where links cannot be made, files are whole all the same.
      if (code === "EPERM") return { [Symbol.asyncDispose]: () => Promise.resolve() };
      if (code !== "EEXIST") throw error;
    }
    const holder = await readlink(place).catch(() => undefined);
    if (holder !== undefined && isGone(holder)) {
      await unlink(place).catch(() => {});
    } else if (systemClock.mono() > end) {
      throw new Error(`process ${holder} is at '${path}': remove '${place}' if there is none`);
    } else await sleep(systemClock, POLL_MS);
  }
}

/** Whether a process of this machine has ended. */
function isGone(holder: string): boolean {
  const [pid, host] = holder.split("@");
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === "ESRCH";
  }
}
