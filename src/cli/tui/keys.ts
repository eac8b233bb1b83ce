/**
 * What is typed, out of what a terminal sends.
 *
 * @module
 */

/** A key: a letter as it is, or the name of another, such as `up`, `enter` or `ctrl+c`. */
export type Key = string;

const SEQUENCES: Readonly<Record<string, Key>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "OA": "up",
  "OB": "down",
  "OC": "right",
  "OD": "left",
  "[H": "home",
  "[F": "end",
  "[1~": "home",
  "[4~": "end",
  "OH": "home",
  "OF": "end",
  "[5~": "pageup",
  "[6~": "pagedown",
  "[15~": "f5",
  "[Z": "shift+tab",
  "[3~": "delete",
};

const CONTROLS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0003": "ctrl+c",
  "\u000c": "ctrl+l",
  "\u0015": "ctrl+u",
  "\u001a": "ctrl+z",
};

/** The keys of what was sent at once: escape alone is a key, what follows it there is not typed by hand. */
export function keysOf(sent: string): Key[] {
  const keys: Key[] = [];
  const letters = Array.from(sent);
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    if (letter !== "\u001b") {
      const name = CONTROLS[letter] ?? (letter >= " " ? letter : undefined);
      if (name !== undefined) keys.push(name);
      continue;
    }
    const rest = letters.slice(i + 1).join("");
    const sequence = /^(?:\[[0-?]*[ -/]*[@-~]|O[@-~])/.exec(rest)?.[0];
    if (sequence === undefined) keys.push("esc");
    else {
      const name = SEQUENCES[sequence];
      if (name !== undefined) keys.push(name);
      i += sequence.length;
    }
  }
  return keys;
}
