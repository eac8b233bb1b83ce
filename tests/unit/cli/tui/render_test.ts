/** The screen as a function of what is known, and keys as changes of it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { widthOf } from "../../../../src/cli/tui/line.ts";
import { type Model, newModel, press, shown } from "../../../../src/cli/tui/model.ts";
import { Painter } from "../../../../src/cli/tui/painter.ts";
import { render } from "../../../../src/cli/tui/render.ts";

const NOW = 1_767_225_600_000;

const queues = Array.from({ length: 40 }, (_, i) => ({
  name: i === 7 ? "日本語のキュー👨‍👩‍👧‍👦" : `queue-${i}`,
  paused: i === 3,
  ...{
    ready: i,
    processing: 0,
    scheduled: 0,
    retry: 0,
    completed: 1_000_000,
    dead_letter: i === 5 ? 2 : 0,
  },
}));

/** The queues, as they were read. */
function model(width: number, height: number): Model {
  const one = newModel("http://monitor.example", width, height);
  press(one, "1", NOW);
  shown(one).data = queues;
  return one;
}

function texts(one: Model): string[] {
  return render(one, NOW, 0).map((line) => line.map(({ text }) => text).join(""));
}

function chosen(one: Model): string {
  const line = render(one, NOW, 0).find((parts, i) => i > 1 && parts[0]?.tone === "reverse");
  return line?.[0]?.text.split(" ")[0] ?? "";
}

for (const [width, height] of [[80, 24], [200, 60], [40, 10], [20, 5], [10, 3], [1, 1]] as const) {
  Deno.test(`the screen is ${width} columns wide and ${height} rows high, whatever is shown`, () => {
    const one = model(width, height);
    const looks = [["down"], ["j", "j"], ["?"], ["x"], ["/"], ["q", "1"], ["esc"], ["p"], ["n"], [
      "end",
    ]];
    for (const keys of looks) {
      for (const key of keys) press(one, key, NOW);
      const lines = render(one, NOW, 0);
      assertEquals(lines.length, Math.min(height, lines.length));
      for (const line of lines) assertEquals(widthOf(line), width);
    }
  });
}

Deno.test("queues: what there is stands out, and the chosen row stays in sight", () => {
  const one = model(80, 24);
  const lines = texts(one);
  assertStringIncludes(lines[1]!, " 1 Queues ");
  assert(/^QUEUE +READY +RUNNING/.test(lines[2]!), lines[2]);
  assert(/^queue-3 +PAUSED +3 +· +· +· +1,000,000 +·/.test(lines[6]!), lines[6]);
  assertEquals(chosen(one), "queue-0");
  for (let i = 0; i < 30; i++) press(one, "j", NOW);
  assertEquals(chosen(one), "queue-30");
  press(one, "end", NOW);
  assertEquals(chosen(one), "queue-39");
  press(one, "home", NOW);
  press(one, "k", NOW);
  assertEquals(chosen(one), "queue-0");
});

Deno.test("what is chosen stays chosen when rows come and go", () => {
  const one = model(80, 24);
  press(one, "j", NOW);
  press(one, "j", NOW);
  shown(one).data = queues.slice(1);
  assertEquals(chosen(one), "queue-2");
  shown(one).data = queues.slice(10);
  assertEquals(chosen(one), "queue-12");
});

Deno.test("a change asks first, and only y does it", () => {
  const one = model(80, 24);
  for (const key of ["n", "enter", "esc", "q"]) {
    assertEquals(press(one, "p", NOW), undefined);
    assertStringIncludes(texts(one)[22]!, "Pause queue queue-0: start none of its jobs? [y/N]");
    assertEquals(press(one, key, NOW), undefined);
    assertEquals(one.asked, undefined);
  }
  press(one, "p", NOW);
  const effect = press(one, "y", NOW);
  assertEquals(effect?.kind, "do");
});

Deno.test("/ keeps the rows that say something, esc shows all again", () => {
  const one = model(80, 24);
  for (const key of ["/", "Q", "U", "E", "U", "E", "-", "3", "x", "backspace"]) {
    press(one, key, NOW);
  }
  assertStringIncludes(texts(one)[22]!, "filter: QUEUE-3");
  assertEquals(texts(one).filter((line) => /^queue-/.test(line)).length, 11);
  press(one, "enter", NOW);
  assertStringIncludes(texts(one)[22]!, "only what has “QUEUE-3”");
  press(one, "esc", NOW);
  assertEquals(texts(one).filter((line) => /^queue-/.test(line)).length, 18);
});

Deno.test("enter opens, esc leads back, a tab closes what was opened", () => {
  const one = model(80, 24);
  assertEquals(press(one, "enter", NOW), { kind: "read" });
  assertStringIncludes(texts(one)[1]!, "› queue-0");
  assertEquals(texts(one)[2]!.trim(), "reading…");
  press(one, "esc", NOW);
  assertEquals(one.open.length, 1);
  press(one, "enter", NOW);
  press(one, "tab", NOW);
  assertEquals([one.tab, one.open.length], [2, 1]);
  press(one, "shift+tab", NOW);
  assertEquals(one.tab, 1);
});

Deno.test("an error is told, and what was read before stays", () => {
  const one = model(80, 24);
  Object.assign(shown(one), { error: "the monitor does not answer", readAt: 0 });
  one.link = "down";
  const lines = texts(one);
  assertStringIncludes(lines[0]!, "● no answer");
  assertStringIncludes(lines[22]!, "the monitor does not answer");
  assertStringIncludes(lines[3]!, "queue-0");
});

Deno.test("only lines that have changed are written", () => {
  const one = model(80, 24);
  const painter = new Painter(false);
  const first = painter.paint(render(one, NOW, 0));
  assertEquals(painter.paint(render(one, NOW, 0)), "");
  press(one, "j", NOW);
  const second = painter.paint(render(one, NOW, 0));
  assert(second.length < first.length / 5, second);
  assertStringIncludes(second, "\u001b[4;1H");
  assertStringIncludes(second, "\u001b[5;1H");
  painter.forget();
  assert(painter.paint(render(one, NOW, 0)).length > first.length / 2);
});

Deno.test("ctrl+c ends it wherever one is", () => {
  const one = model(80, 24);
  for (const before of [[], ["?"], ["p"], ["/"], ["enter"]]) {
    for (const key of before) press(one, key, NOW);
    assertEquals(press(one, "ctrl+c", NOW), { kind: "quit" });
    one.asked = undefined;
    one.typed = undefined;
    one.isHelp = false;
  }
});
