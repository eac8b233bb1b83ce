/**
 * Gets BullMQ from npm into a folder of its own below `.runtimes/`, when the bench first needs it.
 * It is declared here and not in deno.json, so that nothing but the bench downloads it. No install
 * script is run.
 */

import { join } from "node:path";
import { npmInstall } from "../../tools/npm_install.ts";

/** Where BullMQ is installed. */
export interface BullMqPackage {
  /** The folder with `node_modules`. */
  readonly directory: string;
  /** Deno's configuration there. */
  readonly config: string;
  /** Version of BullMQ. */
  readonly version: string;
  /** Version of its Redis client. */
  readonly client: string;
}

const DECLARATION = JSON.stringify({
  private: true,
  dependencies: { bullmq: "~6.7.0", ioredis: "^6.0.0" },
  // Optional native code for reading msgpack, which BullMQ never does. Later versions name
  // packages for some platforms that not every registry has, and Deno wants to see them all.
  overrides: { "msgpackr-extract": "3.0.4" },
});
const CONFIG = JSON.stringify({ nodeModulesDir: "auto" });

/** Installs BullMQ, unless it is there. */
export async function bullMqPackage(
  directory: string = join(import.meta.dirname ?? ".", "../../.runtimes/bench"),
): Promise<BullMqPackage> {
  const config = join(directory, "deno.json");
  const declaration = join(directory, "package.json");
  if (await textOf(declaration) !== DECLARATION || !await versionOf(directory, "bullmq")) {
    console.error("Getting BullMQ from npm");
    await Deno.mkdir(directory, { recursive: true });
    await Deno.writeTextFile(config, CONFIG);
    await Deno.writeTextFile(declaration, DECLARATION);
    await npmInstall(directory, "BullMQ");
  }
  return {
    directory,
    config,
    version: await versionOf(directory, "bullmq") ?? "unknown",
    client: await versionOf(directory, "ioredis") ?? "unknown",
  };
}

async function versionOf(directory: string, name: string): Promise<string | undefined> {
  const text = await textOf(join(directory, "node_modules", name, "package.json"));
  return text === undefined ? undefined : JSON.parse(text).version;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
