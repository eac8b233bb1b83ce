/**
 * `gqm hash-password` and `gqm generate-api-key`: secrets for a configuration.
 *
 * @module
 */

import { newApiKey } from "../../monitor/auth/api_keys.ts";
import { hashPassword as hash } from "../../monitor/auth/passwords.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type Command, UsageError } from "../command.ts";
import { defineCommand } from "../define.ts";

/** `gqm hash-password`. */
export const hashPassword: Command = defineCommand({
  name: "hash-password",
  summary: "Print the bcrypt hash of a password",
  args: [{ name: "PASSWORD", isOptional: true }],
  details: "The password is asked for, or read from the standard input. One that is given as an\n" +
    "argument can be seen by others, in the list of processes and the shell's history.",
  examples: ["hash-password", "hash-password < password.txt"],
  run: async ({ args }, terminal) => {
    if (args[0] !== undefined) {
      terminal.err("⚠ others may see a password that is an argument: leave it out to be asked\n");
    }
    terminal.out(`${await hash(args[0] ?? await readSecret("Password", terminal))}\n`);
    return 0;
  },
});

/** `gqm generate-api-key`. */
export const generateApiKey: Command = defineCommand({
  name: "generate-api-key",
  summary: "Print a new API key",
  details:
    "The key is printed on standard output, what goes into a configuration in its place on standard error.",
  examples: ["generate-api-key", "generate-api-key > key.txt"],
  run: async (_, terminal) => {
    const { key, hash } = await newApiKey();
    terminal.out(`${key}\n`);
    terminal.err(`its hash, for a configuration: ${hash}\n`);
    return 0;
  },
});

/**
 * Reads a secret: typed twice where a person is there to be asked, else the first line of the input.
 *
 * @param name What is asked for, such as `Password`.
 * @throws {UsageError} If there is none, or the two are not the same.
 */
export async function readSecret(name: string, { input }: Terminal): Promise<string> {
  if (!input.isTerminal) {
    const [line = ""] = (await input.readAll()).split(/\r?\n/, 1);
    if (line === "") {
      throw new UsageError(`there is no ${name.toLowerCase()} on the standard input`);
    }
    return line;
  }
  const first = await input.askSecret(`${name}: `);
  if (first === undefined) throw new Error("canceled");
  if (first.trim() === "") throw new Error(`a ${name.toLowerCase()} must not be blank`);
  if (await input.askSecret(`${name} again: `) === first) return first;
  throw new Error(`the two ${name.toLowerCase()}s are not the same`);
}
