/** Waiting for what another part of the program does. */

const LIMIT_MS = 60_000;
const STEP_MS = 10;

/** Waits until something is so; fails after a minute, saying what was waited for. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const endsAt = performance.now() + LIMIT_MS;
  while (!await isSo()) {
    if (performance.now() > endsAt) throw new Error(`Nothing came of it in a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
