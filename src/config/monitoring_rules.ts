/**
 * Rules of the monitor. They hold where it is served: until then, a file may have users without a
 * password.
 *
 * @module
 */

import { isLocal, parseAddr } from "../monitor/addr.ts";
import { isServed } from "./convert_monitoring.ts";
import type { Place } from "./place.ts";
import type { Review } from "./review.ts";
import { differ } from "./rules.ts";
import type { FileValue } from "./table/table.ts";

type Monitoring = NonNullable<FileValue["monitoring"]>;

const AUTH: Place = ["monitoring", "auth"];
const API: Place = ["monitoring", "api"];

/** Checks the rules between the keys of `monitoring`. */
export function checkMonitoringRules(monitoring: Monitoring, review: Review): void {
  if (!isServed(monitoring)) return;
  const { auth, api } = monitoring;
  const keys = api?.api_keys ?? [];
  if (auth?.enabled) checkUsers(auth.users ?? [], review);
  else if (keys.length === 0) checkOpen(api?.addr, review);
  keys.forEach(({ name, key }, i) => {
    need(review, [...API, "api_keys", i, "name"], name, "not be empty");
    const rule = "not be empty: 'gqm add-api-key' writes it";
    need(review, [...API, "api_keys", i, "key"], key, rule);
  });
  differ(review, keys.map(({ name }, i) => [[...API, "api_keys", i, "name"], name]));
}

function checkUsers(
  users: NonNullable<Monitoring["auth"]>["users"] & object,
  review: Review,
): void {
  const place: Place = [...AUTH, "users"];
  if (users.length === 0 && !review.isWrong(place)) {
    review.report(place, "name someone where 'monitoring.auth.enabled' is true");
  }
  users.forEach(({ username, password_hash: hash }, i) => {
    need(review, [...place, i, "username"], username, "not be empty");
    const rule = "not be empty: 'gqm set-password' writes it";
    need(review, [...place, i, "password_hash"], hash, rule);
  });
  differ(review, users.map(({ username }, i) => [[...place, i, "username"], username]));
}

/** Where nobody has to log in, others than this machine may not reach it. */
function checkOpen(addr: string | undefined, review: Review): void {
  const place: Place = [...API, "addr"];
  if (review.isWrong(place) || (addr !== undefined && isLocal(parseAddr(addr)))) return;
  const rule = "be of this machine alone, such as '127.0.0.1:8080', " +
    "where 'monitoring.auth' is off and there are no API keys";
  review.report(
    place,
    rule,
    addr === undefined ? { shown: "the default, ':8080'" } : { value: addr },
  );
}

function need(review: Review, place: Place, value: string | undefined, rule: string): void {
  if (value === undefined && !review.isWrong(place)) review.report(place, rule);
}
