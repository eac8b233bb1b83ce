/** Configurations for tests: the files of tests/fixtures/config, read by the document parser. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { ConfigError } from "../../src/config/problem.ts";
import { type LoadedConfig, readConfig } from "../../src/config/read_config.ts";

/** A file that is loaded, or refused as its last lines say. */
export interface Fixture {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** `line:column: message` of each problem. */
  readonly expected: readonly string[];
}

/** Variables that the files name. */
export const ENV: Readonly<Record<string, string>> = {
  HOST: "redis.example.com",
  PASSWORD: "p@ss w0rd",
  NUMBER: "3",
  FLAG: "True",
  EMPTY: "",
  WORD: "abc",
};

/** As `@std/yaml` reads. */
const AS_STD = { merge: true, customTags: ["timestamp" as const] };
const FOLDER = fileURLToPath(new URL("../fixtures/config/", import.meta.url));

/** All of them. */
export async function fixtures(): Promise<Fixture[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".yaml")).sort();
  return await Promise.all(names.map(async (name) => {
    const path = join(FOLDER, name);
    const text = await readFile(path, "utf8");
    const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map(([, line]) => line!);
    return { name, path, text, expected };
  }));
}

/** Reads a text as `loadConfig` does, but for the reader of values. */
export function read(
  text: string,
  reader: (text: string) => unknown = (text) => parse(text, AS_STD),
): LoadedConfig {
  const variable = (name: string) => Object.hasOwn(ENV, name) ? ENV[name] : undefined;
  return readConfig(text, { path: undefined, parse: reader, variable });
}

/** What is wrong with a text: `line:column: message` of each problem; nothing if it is loaded. */
export function problemsOf(text: string, reader?: (text: string) => unknown): string[] {
  try {
    read(text, reader);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, message }) =>
      line === undefined ? message : `${line}:${column}: ${message}`
    );
  }
}
