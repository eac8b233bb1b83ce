/**
 * Gets the systems to compare with from npm into a folder of their own below `.runtimes/`, when the
 * bench first needs them. They are declared here and not in deno.json, so that nothing but the
 * bench downloads them. No install script is run.
 */

import { join } from "node:path";
import { npmInstall } from "../../tools/npm_install.ts";

/** Where the packages are installed. */
export interface BenchPackages {
  /** The folder with `node_modules`. */
  readonly directory: string;
  /** Deno's configuration there. */
  readonly config: string;
  /** Each system with its version and that of its Redis client. */
  readonly versions: Readonly<Record<string, string>>;
}

const DECLARATION = JSON.stringify({
  private: true,
  dependencies: { "bullmq": "~6.7.0", "ioredis": "^6.0.0", "bee-queue": "^2.0.0" },
  // Optional native code for reading msgpack, which BullMQ never does. Later versions name
  // packages for some platforms that not every registry has, and Deno wants to see them all.
  overrides: { "msgpackr-extract": "3.0.4" },
});
const CONFIG = JSON.stringify({ nodeModulesDir: "auto" });

/** Installs the packages, unless they are there. */
export async function benchPackages(
  directory: string = join(import.meta.dirname ?? ".", "../../.runtimes/bench"),
): Promise<BenchPackages> {
  const config = join(directory, "deno.json");
  const declaration = join(directory, "package.json");
  const modules = join(directory, "node_modules");
  const isThere = await textOf(declaration) === DECLARATION &&
    await versionOf(modules, "bullmq") !== undefined &&
    await versionOf(modules, "bee-queue") !== undefined;
  if (!isThere) {
    console.error("Getting BullMQ and bee-queue from npm");
    await Deno.mkdir(directory, { recursive: true });
    await Deno.writeTextFile(config, CONFIG);
    await Deno.writeTextFile(declaration, DECLARATION);
    await npmInstall(directory, "BullMQ and bee-queue");
  }
  const bee = await Deno.realPath(join(modules, "bee-queue"));
  const ioredis = `ioredis ${await versionOf(modules, "ioredis")}`;
  return {
    directory,
    config,
    versions: {
      "bullmq": `${await versionOf(modules, "bullmq")}, ${ioredis}`,
      // Its client stands beside it, or above where npm has put both.
      "bee-queue": `${await versionOf(modules, "bee-queue")}, node-redis ${
        await versionOf(join(bee, ".."), "redis") ?? await versionOf(modules, "redis")
      }`,
    },
  };
}

async function versionOf(modules: string, name: string): Promise<string | undefined> {
  const text = await textOf(join(modules, name, "package.json"));
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
