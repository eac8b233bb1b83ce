/**
 * `gqm add-api-key` and `gqm revoke-api-key`: keys of programs, in a configuration.
 *
 * @module
 */

import { newApiKey } from "../../monitor/auth/api_keys.ts";
import { substitute } from "../../config/variables.ts";
import { environmentVariable } from "../../runtime/env.ts";
import { type Command, UsageError } from "../command.ts";
import { configFlag, editConfig, isServed, nameOf, tellWhen, written } from "../config_file.ts";
import { askFirst, yesFlag } from "../confirm.ts";
import { defineCommand } from "../define.ts";
import { oneOf, text } from "../flags.ts";

const KEYS = ["monitoring", "api", "api_keys"];
const ROLES = ["viewer", "operator", "admin", "producer"] as const;

/** `gqm add-api-key`. */
export const addApiKey: Command = defineCommand({
  name: "add-api-key",
  summary: "Add an API key to a configuration, and print it",
  args: [{ name: "NAME", isOptional: true }],
  flags: {
    ...configFlag,
    name: text("NAME", "The same as the argument"),
    role: oneOf(ROLES, "What it may do [admin, or what the file says]"),
  },
  details:
    "The file gets the key's hash: the key itself is shown once, and kept nowhere. An entry of\n" +
    "that name whose key is empty is filled. All else in the file stays as it is.",
  examples: [
    "add-api-key grafana --role viewer",
    "add-api-key ci --role producer --config /etc/gqm.yaml",
  ],
  run: async ({ args, flags: { config, role, ...flags } }, terminal) => {
    const name = needName(args[0], flags.name);
    const { key, hash } = await newApiKey();
    let served = false;
    await editConfig(config, (file) => {
      served = isServed(file);
      const names = namesIn(file.get(KEYS), "name");
      const index = names.findIndex((one, i) =>
        one === name && isEmpty(file.get([...KEYS, i, "key"]))
      );
      if (index < 0) {
        if (names.includes(name)) {
          throw new Error(`${config} has a key named '${name}': 'gqm revoke-api-key' takes it out`);
        }
        file.set([...KEYS, names.length], {
          name: written(name),
          key: hash,
          role: role ?? "admin",
        });
        return;
      }
      file.set([...KEYS, index, "key"], hash);
      if (role !== undefined) file.set([...KEYS, index, "role"], role);
    }, { terminal });
    terminal.out(`✓ API key ${name} added to ${config}\n\n`);
    terminal.out(`  ${terminal.colours ? `\u001b[7m${key}\u001b[0m` : key}\n\n`);
    terminal.err("⚠ keep the key now: it is not shown again\n");
    tellWhen(terminal, served);
    return 0;
  },
});

/** `gqm revoke-api-key`. */
export const revokeApiKey: Command = defineCommand({
  name: "revoke-api-key",
  summary: "Take an API key out of a configuration",
  args: [{ name: "NAME", isOptional: true }],
  flags: { ...configFlag, name: text("NAME", "The same as the argument"), ...yesFlag },
  details: "Asks first where a person is there to be asked. All else in the file stays as it is.",
  examples: ["revoke-api-key grafana", "revoke-api-key ci --config /etc/gqm.yaml --yes"],
  run: async ({ args, flags: { config, yes, ...flags } }, terminal) => {
    const name = needName(args[0], flags.name);
    const find = (value: unknown): number => {
      const index = namesIn(value, "name").indexOf(name);
      if (index < 0) throw new Error(`${config} has no key named '${name}'`);
      return index;
    };
    await editConfig(config, (file) => void find(file.get(KEYS)), { isTrial: true });
    const asks = !yes && terminal.input.isTerminal;
    if (asks && !await askFirst(`take the key ${name} out of ${config}`, terminal)) return 1;
    await editConfig(config, (file) => file.remove(KEYS, find(file.get(KEYS))), { terminal });
    terminal.out(`✓ API key ${name} taken out of ${config}\n`);
    tellWhen(terminal);
    return 0;
  },
});

/** The names of the elements of a list; empty where one has none. */
export function namesIn(list: unknown, key: string): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.map((one: Readonly<Record<string, unknown>> | null) =>
    substitute(String(one?.[key] ?? ""), environmentVariable).text
  );
}

function needName(argument: string | undefined, flag: string | undefined): string {
  const name = nameOf("NAME", argument, flag);
  if (name === undefined) throw new UsageError("NAME is missing");
  return name;
}

function isEmpty(key: unknown): boolean {
  return key === undefined || key === null || key === "";
}
