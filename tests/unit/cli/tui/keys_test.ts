import { assertEquals } from "@std/assert";
import { keysOf } from "../../../../src/cli/tui/keys.ts";

const rows: readonly (readonly [string, readonly string[]])[] = [
  ["a", ["a"]],
  ["Yé日👍", ["Y", "é", "日", "👍"]],
  ["\r", ["enter"]],
  ["\u001b", ["esc"]],
  ["\u001b[A\u001b[B", ["up", "down"]],
  ["\u001bOA\u001bOD", ["up", "left"]],
  ["\u001b[5~\u001b[6~\u001b[15~", ["pageup", "pagedown", "f5"]],
  ["\u001b[Z\t", ["shift+tab", "tab"]],
  ["\u001b[1;5C", []], // a key that means nothing here is no letters either
  ["\u001b[<35;10;5M", []],
  ["\u0003\u001a\u007f", ["ctrl+c", "ctrl+z", "backspace"]],
  ["\u0001\u0002", []],
];
for (const [sent, keys] of rows) {
  Deno.test(`keys of ${JSON.stringify(sent)}`, () => assertEquals(keysOf(sent), [...keys]));
}
