/** Reports as Deno, Bun and Node write them, and the tests that are counted from each. */

import { assertEquals } from "@std/assert";
import { readReport } from "../../tools/test/junit.ts";

Deno.test("readReport counts leaves when Deno reports parents and steps", () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="7" failures="3" errors="0" time="0.1">
  <testsuite name="./tests/a_test.ts" tests="3" disabled="0" errors="0" failures="1">
    <testcase name="suite" classname="./tests/a_test.ts" time="0.01" line="3" col="1">
      <failure message="1 test step failed">1 test step failed.</failure>
    </testcase>
    <testcase name="top" classname="./tests/a_test.ts" time="0.000" line="11" col="1">
    </testcase>
    <testcase name="own" classname="./tests/a_test.ts" time="0.000" line="12" col="1">
      <failure message="Uncaught Error: own">Error: own</failure>
    </testcase>
    <testcase name="own &gt; step" classname="./tests/a_test.ts" time="0.000" line="13" col="1">
    </testcase>
  </testsuite>
  <testsuite name="ext:deno_node/testing.ts" tests="4" disabled="1" errors="0" failures="1">
    <testcase name="suite &gt; bad &quot;x&quot;" classname="ext:deno_node/testing.ts" time="0">
      <failure message="Uncaught Error: a > b">&lt;testcase name=&quot;no&quot;/&gt;</failure>
    </testcase>
    <testcase name="suite &gt; later" classname="ext:deno_node/testing.ts" time="0">
      <skipped/>
    </testcase>
    <testcase name="suite &gt; inner" classname="ext:deno_node/testing.ts" time="0">
    </testcase>
    <testcase name="suite &gt; inner &gt; deep" classname="ext:deno_node/testing.ts" time="0">
    </testcase>
  </testsuite>
</testsuites>`;
  const [own, inner] = ["./tests/a_test.ts", "ext:deno_node/testing.ts"];
  assertEquals(readReport(xml), [
    { name: "top", file: own, outcome: "passed" },
    { name: "own", file: own, outcome: "failed" },
    { name: "own > step", file: own, outcome: "passed" },
    { name: 'suite > bad "x"', file: inner, outcome: "failed" },
    { name: "suite > later", file: inner, outcome: "skipped" },
    { name: "suite > inner > deep", file: inner, outcome: "passed" },
  ]);
});

Deno.test("readReport counts nested suites when Bun reports them", () => {
  const file = "tests/a_test.ts";
  const xml = `<testsuites name="bun test" tests="3" assertions="0" failures="1" skipped="1">
  <testsuite name="${file}" file="${file}" tests="3" assertions="0" failures="1">
    <testsuite name="suite" file="${file}" line="3" tests="2">
      <testcase name="ok" classname="suite" time="0.1" file="${file}" line="5" assertions="0" />
      <testcase name="bad" classname="suite" time="0.1" file="${file}" line="6" assertions="0">
        <failure type="AssertionError" message="1 !== 2&#10;">at ${file}:6:42</failure>
      </testcase>
    </testsuite>
    <testcase name="todo" classname="" time="0" file="${file}" line="13" assertions="0">
      <skipped message="later" />
    </testcase>
  </testsuite>
</testsuites>`;
  assertEquals(readReport(xml), [
    { name: "suite > ok", file, outcome: "passed" },
    { name: "suite > bad", file, outcome: "failed" },
    { name: "todo", file, outcome: "skipped" },
  ]);
});

Deno.test("readReport counts tests when Node reports failures as attributes too", () => {
  const file = "/x/tests/a_test.ts";
  const xml = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
\t<testsuite name="suite" time="0.1" tests="2" failures="1" skipped="0" hostname="h">
\t\t<testcase name="is &lt;x> &#x41;&#66;" time="0.1" classname="suite" file="${file}"/>
\t\t<testcase name="bad" time="0.1" classname="suite" file="${file}" failure="1 &gt; 2">
\t\t\t<failure type="testCodeFailure" message="a > b">[Error] { code: 'X' }</failure>
\t\t</testcase>
\t</testsuite>
\t<testcase name="later" time="0" classname="test" file="${file}">
\t\t<skipped type="todo" message="true"/>
\t</testcase>
\t<!-- <testcase name="no"/> -->
</testsuites>`;
  assertEquals(readReport(xml), [
    { name: "suite > is <x> AB", file, outcome: "passed" },
    { name: "suite > bad", file, outcome: "failed" },
    { name: "later", file, outcome: "skipped" },
  ]);
});

Deno.test("readReport finds nothing when a report is empty or broken off", () => {
  assertEquals(readReport(""), []);
  assertEquals(readReport('<testsuites><testcase name="x" file="y">'), []);
});
