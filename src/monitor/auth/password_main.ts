/**
 * What a thread runs that compares passwords with hashes.
 *
 * @module
 */

import { threadPort } from "../../runtime/threads.ts";
import type { Comparison } from "./compare.ts";

const port = await threadPort();
const { compareSync } = await import("bcryptjs");
port.listen((message) => {
  const { password, passwordHash } = message as Comparison;
  port.post(compareSync(password, passwordHash));
});
