/** Counts tests from the JUnit report of Deno, Bun or Node, so that the three agree. */

/** One test of a report: a leaf, never a suite. */
export interface TestResult {
  /** Its name after those of the suites that it is in: "suite > inner > case". */
  readonly name: string;
  /** Where the report places it: a path, relative or absolute; not always that of the test file. */
  readonly file: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

interface Case extends TestResult {
  /** Whether it failed only because tests within it did. */
  readonly failedByParts: boolean;
}

const TAG =
  /<(\/?)(testsuite|testcase|failure|error|skipped)\b((?:"[^"]*"|'[^']*'|[^>"'])*?)(\/?)>/g;
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
  const suites: string[] = [];
  let open: Case | undefined;
  for (const [, closing, tag, text = "", empty] of xml.replace(OPAQUE, "").matchAll(TAG)) {
    const attributes = readAttributes(text);
    const name = attributes.get("name") ?? "";
    if (tag === "testsuite") {
      if (closing) suites.pop();
      else if (!empty) suites.push(name);
    } else if (tag === "testcase") {
      const file = attributes.get("file") ?? attributes.get("classname") ?? "";
      const path = [...suites.filter((suite) => suite !== file), name];
      if (!closing) {
        open = { name: path.join(SEPARATOR), file, outcome: "passed", failedByParts: false };
      }
      if (open && (closing || empty)) {
        cases.push(open);
        open = undefined;
      }
    } else if (open && !closing) {
      open = tag === "skipped" ? { ...open, outcome: "skipped" } : {
        ...open,
        outcome: "failed",
        failedByParts: FAILED_BY_PARTS.test(attributes.get("message") ?? ""),
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
