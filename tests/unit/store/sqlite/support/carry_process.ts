/** Carries a file to a next layout by a step without end, to be killed in it. Argument: path. */

import { carry, nextLayout } from "./layouts.ts";

const [path] = Deno.args as [string];
const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
await carry(
  path,
  nextLayout(`DELETE FROM jobs; DROP TABLE logs; UPDATE meta SET least = 99;
CREATE TABLE numbers (i INTEGER); INSERT INTO numbers ${numbers}`),
);
