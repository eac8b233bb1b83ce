/** What the demo reports on, and what its reports add up. */

import { assertEquals } from "@std/assert";
import { totalsOf } from "../../../src/cli/demo/jobs.ts";
import { pickFolders } from "../../../src/cli/demo/reports.ts";

Deno.test("pickFolders takes a few files of the first folders that hold several", () => {
  const paths = [
    ...["/top/alone.md", "/top/a/1", "/top/a/2", "/top/b/only"],
    ...["c", "d", "e", "f"].flatMap((name) => [1, 2, 3, 4, 5].map((n) => `/top/${name}/${n}`)),
  ];
  const picked = pickFolders(paths.map((path, n) => ({ id: String(n), path })));
  assertEquals(
    [...picked].map(([folder, files]) => [folder, files.length]),
    [["/top/a", 2], ["/top/c", 4], ["/top/d", 4], ["/top/e", 4]],
  );
  assertEquals(
    pickFolders([{ id: "1", path: "C:\\files\\a" }, { id: "2", path: "C:\\files\\b" }])
      .get("C:\\files")?.length,
    2,
  );
  assertEquals(pickFolders([]).size, 0);
});

Deno.test("totalsOf adds up files and reports, and counts what could not be read", () => {
  const end = { id: "1", error: undefined } as const;
  const file = { size: 10, lines: 2, words: 3, sha256: "00" };
  assertEquals(
    totalsOf([
      { ...end, type: "file.read", status: "completed", result: file },
      { ...end, type: "file.read", status: "dead_letter", result: undefined },
      {
        ...end,
        type: "folder.report",
        status: "completed",
        result: { files: 4, unread: 1, size: 100, lines: 20, words: 30 },
      },
    ]),
    { files: 5, unread: 2, size: 110, lines: 22, words: 33 },
  );
});
