/**
 * Loads a configuration.
 *
 * @module
 */

import { parse } from "@std/yaml";
import { checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { environmentVariable } from "../runtime/env.ts";
import { givenText, readFileText } from "./read_file.ts";
import { type LoadedConfig, readConfig } from "./read_config.ts";

/** A configuration that is at hand. */
export interface ConfigSource {
  /** It, as YAML. */
  readonly text: string;
  /** What it is called in messages. */
  readonly path?: string;
}

/** How a configuration is loaded. */
export interface LoadOptions {
  /** What `${NAME}` in its values stands for. @default {the process's environment} */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Loads a `gqm.yaml`: checks all of it, fills in variables of the environment, and gives a server as
 * data, for `Server.fromConfig`. `docs/config.md` has every key.
 *
 * @param source Path of the file, or its text.
 * @throws {ConfigError} If it cannot be read, or anything in it is wrong: all that is, at once.
 * @throws {InvalidOptionError} If an argument is not as it must be.
 */
export async function loadConfig(
  source: string | ConfigSource,
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  const action = "load config";
  checkKeys(action, options, ["env"]);
  const { env } = options;
  const variable = env === undefined
    ? environmentVariable
    : (name: string) => Object.hasOwn(env, name) ? env[name] : undefined;
  if (typeof source === "string") {
    return readConfig(await readFileText(source), { path: source, parse, variable });
  }
  checkKeys(action, source, ["text", "path"], "source");
  const { text, path } = source;
  if (typeof text !== "string") throw new InvalidOptionError(action, "text", "be a text", text);
  return readConfig(givenText(text), { path, parse, variable });
}
