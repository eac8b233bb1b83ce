/**
 * Stands in for `@std/cli/parse-args` where JSR cannot be reached: `parseArgs` over npm's
 * `minimist`, of which the original is a descendant. Three things differ between the two and are
 * evened out here: repeated options, `--no-` prefixes, and what `unknown` is told (except the value
 * of `--name value`, which only the original passes).
 */

// deno-lint-ignore no-import-prefix -- only this stand-in uses the package
import minimist from "npm:minimist@1";

type Names<T extends string> = T | readonly T[];

/** Options for {@linkcode parseArgs}; names and meaning are those of `@std/cli`. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
> {
  /** Options that take no value. */
  boolean?: Names<B>;
  /** Options whose value stays text. */
  string?: Names<S>;
  /** Options that may be repeated; their value is a list. */
  collect?: Names<C>;
  /** Options that `--no-<name>` sets to false. */
  negatable?: Names<string>;
  /** Other names of options. */
  alias?: Record<string, Names<string>>;
  /** Values of options that are not given. */
  default?: D;
  /** Takes everything after the first positional argument as positional. */
  stopEarly?: boolean;
  /** Puts what follows `--` under that key instead of under `_`. */
  "--"?: boolean;
  /** Called for each argument that is not declared; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What {@linkcode parseArgs} returns. */
export type Args<B extends string, S extends string, C extends string, D> =
  & Record<string, unknown>
  & { _: (string | number)[] }
  & { [K in Exclude<B, C>]: boolean }
  & { [K in Extract<B, C>]: boolean[] }
  & { [K in Extract<S, C>]: string[] }
  & { [K in Exclude<C, B | S>]: unknown[] }
  & {
    [K in Exclude<S, C>]: K extends keyof D ? string | Exclude<D[K], string> : string | undefined;
  };

/** Splits a command line into options and positional arguments. */
export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const D extends Record<string, unknown> = Record<never, never>,
>(args: readonly string[], options: ParseOptions<B, S, C, D> = {}): Args<B, S, C, D> {
  const aliases = aliasGroups(options.alias ?? {});
  const collected = withAliases(list(options.collect), aliases);
  const negatable = withAliases(list(options.negatable), aliases);
  const { args: protectedArgs, kept } = protectNoPrefixes(args, negatable);

  const parsed: Record<string, unknown> & { _: (string | number)[] } = minimist(protectedArgs, {
    boolean: list(options.boolean),
    string: list(options.string),
    alias: options.alias ?? {},
    default: options.default ?? {},
    stopEarly: options.stopEarly ?? false,
    "--": options["--"] ?? false,
    unknown: (arg: string) => report(kept.get(arg) ?? arg, options.unknown) !== false,
  });

  parsed._ = parsed._.map((arg) => kept.get(String(arg)) ?? arg);
  for (const arg of kept.values()) {
    if (parsed[arg.slice(2)] === "true") parsed[arg.slice(2)] = true;
  }
  for (const [key, value] of Object.entries(parsed)) {
    if (key === "_" || key === "--" || collected.has(key)) continue;
    if (Array.isArray(value) && !isDefault(key, value, options.default)) parsed[key] = value.at(-1);
  }
  const typed = withAliases([...list(options.boolean), ...list(options.string)], aliases);
  for (const key of collected) {
    const value = parsed[key];
    if (Array.isArray(value)) continue;
    const given = value !== undefined && value !== false;
    if (given || typed.has(key)) parsed[key] = given ? [value] : [];
  }
  return parsed as Args<B, S, C, D>;
}

/** `minimist` negates every `--no-x`; only declared names may be, so the others get a value. */
function protectNoPrefixes(
  args: readonly string[],
  negatable: ReadonlySet<string>,
): { args: string[]; kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const end = args.indexOf("--");
  const rewritten = args.map((arg, i) => {
    const isOption = end === -1 || i < end;
    if (!isOption || !/^--no-[^=]+$/.test(arg) || negatable.has(arg.slice(5))) return arg;
    kept.set(`${arg}=true`, arg);
    return `${arg}=true`;
  });
  return { args: rewritten, kept };
}

function report(arg: string, unknown: ParseOptions["unknown"]): unknown {
  if (!unknown) return true;
  const option = /^--?([^=]+)(?:=(.*))?$/s.exec(arg);
  return option ? unknown(arg, option[1], option[2]) : unknown(arg);
}

function isDefault(key: string, value: unknown, defaults: Record<string, unknown> = {}): boolean {
  return key in defaults && defaults[key] === value;
}

/** Each name with all names that mean the same. */
function aliasGroups(alias: Record<string, Names<string>>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, others] of Object.entries(alias)) {
    const group = [key, ...list(others)];
    for (const name of group) groups.set(name, group);
  }
  return groups;
}

function withAliases(names: readonly string[], groups: Map<string, string[]>): Set<string> {
  return new Set(names.flatMap((name) => groups.get(name) ?? [name]));
}

function list<T extends string>(names: Names<T> | undefined): T[] {
  return names === undefined ? [] : typeof names === "string" ? [names] : [...names];
}
