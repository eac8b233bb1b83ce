/** Certificates for servers that speak TLS, made by the openssl command. */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An authority of its own and a certificate for localhost and 127.0.0.1. */
export interface Certificates {
  /** The authority's certificate, as PEM: what a client must trust. */
  readonly ca: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Why there can be no certificates, or undefined if there can. */
export function tlsProblem(): string | undefined {
  const { error, status } = spawnSync("openssl", ["version"], { stdio: "ignore" });
  return error || status !== 0
    ? "Cannot make certificates as the command openssl must be in PATH: it does not run"
    : undefined;
}

/** Makes certificates, which are valid for a day, in a folder. */
export function makeCertificates(folder: string): Certificates {
  const problem = tlsProblem();
  if (problem) throw new Error(problem);
  const path = (name: string): string => join(folder, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  writeFileSync(path("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  openssl("req", "-x509", ...newKey, "-days", "1", "-subj", "/CN=GQM test authority", ...[
    ...["-addext", "basicConstraints=critical,CA:TRUE"],
    ...["-keyout", path("ca.key"), "-out", path("ca.crt")],
  ]);
  openssl("req", ...newKey, "-subj", "/CN=localhost", ...[
    ...["-keyout", path("server.key"), "-out", path("server.csr")],
  ]);
  openssl("x509", "-req", "-in", path("server.csr"), "-days", "1", "-set_serial", "1", ...[
    ...["-CA", path("ca.crt"), "-CAkey", path("ca.key")],
    ...["-extfile", path("server.ext"), "-out", path("server.crt")],
  ]);
  return {
    ca: readFileSync(path("ca.crt"), "utf8"),
    caFile: path("ca.crt"),
    certFile: path("server.crt"),
    keyFile: path("server.key"),
  };
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`Cannot make certificates as openssl must end with 0: it says "${stderr}"`);
}
