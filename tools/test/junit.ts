/** Counts tests from the JUnit report of Deno, Bun or Node, so that the three agree. */

/** One test of a report: a leaf, never a suite. */
export interface TestResult {
  readonly name: string;
  /** Where the report places it: a path, relative or absolute. */
  readonly file: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

interface Case extends TestResult {
  /** Whether it failed only because tests within it did. */
  readonly failedByParts: boolean;
}

const TAG = /<(\/?)(testcase|failure|error|skipped)\b((?:"[^"]*"|'[^']*'|[^>"'])*?)(\/?)>/g;
const OPAQUE = /<!\[CDATA\[.*?\]\]>|<!--.*?-->/gs;
const FAILED_BY_PARTS = /^\d+ test steps? failed/;
const SEPARATOR = " > ";

/** All tests in a report. Parents of reported tests, which Deno lists too, are left out. */
export function readReport(xml: string): TestResult[] {
  const cases = readCases(xml);
  const parents = new Set(cases.flatMap(({ name }) => ancestors(name)));
  return cases
    .filter(({ name, outcome, failedByParts }) =>
      !parents.has(name) || (outcome === "failed" && !failedByParts)
    )
    .map(({ name, file, outcome }) => ({ name, file, outcome }));
}

function readCases(xml: string): Case[] {
  const cases: Case[] = [];
  let open: Case | undefined;
  for (const [, closing, tag, attributes = "", empty] of xml.replace(OPAQUE, "").matchAll(TAG)) {
    const attribute = readAttributes(attributes);
    if (tag === "testcase") {
      if (closing) {
        if (open) cases.push(open);
        open = undefined;
        continue;
      }
      open = {
        name: attribute.get("name") ?? "",
        file: attribute.get("file") ?? attribute.get("classname") ?? "",
        outcome: "passed",
        failedByParts: false,
      };
      if (empty) {
        cases.push(open);
        open = undefined;
      }
    } else if (open && !closing) {
      open = tag === "skipped" ? { ...open, outcome: "skipped" } : {
        ...open,
        outcome: "failed",
        failedByParts: FAILED_BY_PARTS.test(attribute.get("message") ?? ""),
      };
    }
  }
  return cases;
}

/** The names of all suites that a name such as "suite > inner > case" is in. */
function ancestors(name: string): string[] {
  const parts = name.split(SEPARATOR);
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(SEPARATOR));
}

function readAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single] of text.matchAll(/([\w:-]+)=(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(name, unescape(double ?? single ?? ""));
  }
  return attributes;
}

function unescape(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (name) return named[name] ?? all;
    return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
  });
}
