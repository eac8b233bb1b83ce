/**
 * `gqm set-password`: who may log in, in a configuration.
 *
 * @module
 */

import { hashPassword } from "../../monitor/auth/passwords.ts";
import type { Command } from "../command.ts";
import { configFlag, editConfig, isServed, nameOf, tellWhen, written } from "../config_file.ts";
import { defineCommand } from "../define.ts";
import { text } from "../flags.ts";
import { UsageError } from "../command.ts";
import { namesIn } from "./config_keys.ts";
import { readSecret } from "./secrets.ts";

const USERS = ["monitoring", "auth", "users"];
const MOST_BYTES = 72;

/** `gqm set-password`, and the same by its other name. */
export function setPassword(name: string): Command {
  return defineCommand({
    name,
    summary: "Set a user's password in a configuration",
    args: [{ name: "USERNAME", isOptional: true }],
    flags: { ...configFlag, user: text("USERNAME", "The same as the argument") },
    details:
      "The password is asked for, or read from the standard input. A user who is not there is\n" +
      "added as admin, and people have to log in from then on. All else in the file stays as it is.",
    examples: [`${name} admin`, `${name} admin --config /etc/gqm.yaml < password.txt`],
    run: async ({ args, flags: { config, user } }, terminal) => {
      const username = nameOf("USERNAME", args[0], user);
      if (username === undefined) throw new UsageError("USERNAME is missing");
      await editConfig(config, () => {}, { isTrial: true });
      const password = await readSecret("Password", terminal);
      if (password.trim() === "") throw new Error("a password must not be blank");
      if (new TextEncoder().encode(password).length > MOST_BYTES) {
        throw new Error(`a password must have at most ${MOST_BYTES} bytes`);
      }
      const password_hash = await hashPassword(password);
      let [isNew, served] = [false, false];
      await editConfig(config, (file) => {
        const names = namesIn(file.get(USERS), "username");
        const index = names.indexOf(username);
        isNew = index < 0;
        if (isNew) {
          const added = { username: written(username), password_hash, role: "admin" };
          file.set([...USERS, names.length], added);
        } else file.set([...USERS, index, "password_hash"], password_hash);
        const enabled = ["monitoring", "auth", "enabled"];
        if (file.get(enabled) !== true) file.set(enabled, true);
        served = isServed(file);
      }, { terminal });
      const told = isNew ? `User ${username} added as admin to` : `Password of ${username} set in`;
      terminal.out(`✓ ${told} ${config}\n`);
      tellWhen(terminal, served);
      return 0;
    },
  });
}
