/** What is shown of workers. */

import { assertEquals } from "@std/assert";
import type { PoolShape } from "../../../../src/cli/api_shapes.ts";
import { newModel, press, shown } from "../../../../src/cli/tui/model.ts";
import { render } from "../../../../src/cli/tui/render.ts";

const NOW = 1_767_225_600_000;

/** The tones in which the age of a heartbeat is shown, for each pool but the first, whose row is chosen. */
function tones(pools: readonly Partial<PoolShape>[]): (string | undefined)[] {
  const model = newModel("http://monitor.example", 120, 24);
  press(model, "2", NOW);
  shown(model).data = pools.map((pool, i) => ({
    ...{
      id: `p${i}`,
      name: `pool-${i}`,
      server_id: "s",
      slots: 1,
      busy: 0,
      types: [],
      queues: null,
    },
    ...pool,
  }));
  return render(model, NOW, 0).flatMap((line) => line)
    .filter(({ text }) => / ago *$/.test(text)).map(({ tone }) => tone);
}

Deno.test("a heartbeat is late once it is older than the lease of its pool, whatever that is", () => {
  const long = { lease_ms: 120_000 };
  const short = { lease_ms: 2_000 };
  assertEquals(
    tones([
      { ...long, heartbeat_age_ms: 0 },
      { ...long, heartbeat_age_ms: 90_000 },
      { ...long, heartbeat_age_ms: 130_000 },
      { ...short, heartbeat_age_ms: 1_000 },
      { ...short, heartbeat_age_ms: 10_000 },
    ]),
    [undefined, "bad", undefined, "bad"],
  );
});
