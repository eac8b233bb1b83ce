import { deepEqual } from "node:assert/strict";
import { describe, it } from "node:test";
import { flagsOfProcess } from "../../../src/runtime/processes.ts";

describe("flagsOfProcess", () => {
  const cases: readonly [string, readonly string[], number | undefined, readonly string[]][] = [
    ["has none where there are none", [], undefined, []],
    ["adds the limit last", ["--max-old-space-size=4096"], 64, [
      "--max-old-space-size=4096",
      "--max-old-space-size=64",
    ]],
    [
      "keeps what loads and configures",
      ["--import", "tsx", "-r", "./a.cjs", "--conditions=x"],
      undefined,
      ["--import", "tsx", "-r", "./a.cjs", "--conditions=x"],
    ],
    ["drops a program given as text", ["--input-type", "module", "-e", "1 + 1"], undefined, []],
    ["drops one that is printed", ["-pe", "1", "--eval=2", "--print", "3"], undefined, []],
    [
      "drops what inspects, watches and tests",
      ["--inspect-brk=0", "--watch", "--watch-path", "./a", "--test", "--test-name-pattern=a"],
      undefined,
      [],
    ],
    ["keeps what stands after those", ["--inspect", "--no-warnings"], undefined, ["--no-warnings"]],
  ];
  for (const [what, own, limit, expected] of cases) {
    it(what, () => deepEqual(flagsOfProcess(own, limit), expected));
  }
});
