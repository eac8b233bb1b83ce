/**
 * Checks that a tag may be released: it names the version of deno.json, of which CHANGELOG.md tells.
 *
 * `deno run -A tools/release.ts v1.2.3`
 */

const ROOT = new URL("../", import.meta.url);
const HEADING = /^## \[([^\]]+)\](?: - (\S+))?$/gm;
const UNRELEASED = "Unreleased";

/** A part of the changelog. */
interface Part {
  /** A version, or "Unreleased". */
  readonly name: string;
  readonly date: string | undefined;
  readonly text: string;
}

/** What is wrong with a changelog whatever is released, one line each. */
export function changelogProblems(changelog: string, version: string): string[] {
  const parts = partsOf(changelog);
  const released = parts.filter(({ name }) => name !== UNRELEASED);
  const [newest] = released;
  return [
    ...(parts.findIndex(({ name }) => name === UNRELEASED) === 0 || newest?.name === version
      ? []
      : [`CHANGELOG.md must begin with [${UNRELEASED}] or [${version}]`]),
    ...(newest === undefined || compare(newest.name, version) <= 0
      ? []
      : [`CHANGELOG.md tells of ${newest.name}, which is later than ${version} of deno.json`]),
    ...released.filter(({ date }) => !/^\d{4}-\d{2}-\d{2}$/.test(date ?? "")).map(({ name }) =>
      `CHANGELOG.md must tell the day of ${name}, such as ## [${name}] - 2030-01-31`
    ),
    ...released.slice(1).filter(({ name }, i) => compare(released[i]!.name, name) <= 0).map((
      { name },
    ) => `CHANGELOG.md must have ${name} above what came before it`),
  ];
}

/** Why a tag may not be released, one line each. */
export function releaseProblems(
  { tag, version, changelog }: {
    readonly tag: string;
    readonly version: string;
    readonly changelog: string;
  },
): string[] {
  const parts = partsOf(changelog);
  const unreleased = parts.find(({ name }) => name === UNRELEASED);
  return [
    ...(tag === `v${version}` ? [] : [`The tag must be v${version}, as deno.json says`]),
    ...(parts.some(({ name }) => name === version)
      ? []
      : [`CHANGELOG.md must have a part [${version}]`]),
    ...(unreleased === undefined || unreleased.text.trim() === ""
      ? []
      : [`CHANGELOG.md must have nothing in [${UNRELEASED}]`]),
    ...changelogProblems(changelog, version),
  ];
}

function partsOf(changelog: string): Part[] {
  const found = [...changelog.matchAll(HEADING)];
  return found.map((match, i) => ({
    name: match[1]!,
    date: match[2],
    text: changelog.slice(match.index + match[0].length, found[i + 1]?.index),
  }));
}

/** Which of two versions is later: negative if `b` is. */
function compare(a: string, b: string): number {
  const [[coreA, moreA], [coreB, moreB]] = [split(a), split(b)];
  const order = new Intl.Collator("en", { numeric: true });
  // What comes before a release has its number and something after it.
  return order.compare(coreA, coreB) || Number(moreA === "") - Number(moreB === "") ||
    order.compare(moreA, moreB);
}

function split(version: string): readonly [string, string] {
  const at = version.indexOf("-");
  return at === -1 ? [version, ""] : [version.slice(0, at), version.slice(at + 1)];
}

if (import.meta.main) {
  const [tag = "", ...more] = Deno.args;
  const { version } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const changelog = await Deno.readTextFile(new URL("CHANGELOG.md", ROOT));
  const problems = more.length > 0
    ? ["There is one argument, the tag"]
    : releaseProblems({ tag, version, changelog });
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(
      `Cannot release as what is told above must hold: current value is "${Deno.args.join(" ")}"`,
    );
    Deno.exit(1);
  }
  console.log(`${tag} may be released`);
}
