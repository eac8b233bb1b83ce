/**
 * What is kept of operations in the store, for all processes of the monitor.
 *
 * An order is written once. How far it is says one memo, which its runner writes; that it is to end
 * early and how it ended, others: so nobody writes over what another has written. The key of each is
 * the operation's id with its digits turned round, so that lists come newest first.
 *
 * @module
 */

import type { Memo, NoMemo, Store } from "../../store/store.ts";
import { MAX_MEMO_LENGTH, MAX_MEMOS } from "../../store/desk_stage.ts";
import type { Operation, OperationEnd, OperationOrder, OperationProgress } from "./operation.ts";

/** How long an operation is kept from when it was asked for, in milliseconds. */
const KEPT_MS = 30 * 86_400_000;
/** How long an operation belongs to a runner that does not go on, in milliseconds. */
export const LEASE_MS = 5_000;
/** Most operations that are not ended. */
export const MOST_OPEN = 50;

type Kind =
  /** What was asked for. */
  | "operation"
  /** There for each that has not ended, so that these are found without a look at the others. */
  | "operation-open"
  | "operation-progress"
  | "operation-cancel"
  | "operation-end"
  /** Whose it is at the moment. */
  | "operation-lease";

/** A page of operations. */
export interface OperationsPage {
  /** The newest first. */
  readonly operations: readonly Operation[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/** Whether a text may be the id of an operation. */
export function isOperationId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** Whether the memo of an order has room for it. */
export function fitsMemo(order: OperationOrder): boolean {
  return JSON.stringify(order).length <= MAX_MEMO_LENGTH;
}

/** Writes an order, for whoever runs it. */
export async function addOrder(store: Store, order: OperationOrder): Promise<void> {
  const { id } = order;
  await store.putMemos([memo("operation", id, order), memo("operation-open", id, null)]);
}

/** Reads one; undefined if there is none. */
export async function readOperation(store: Store, id: string): Promise<Operation | undefined> {
  const [order = null] = await store.memos([keyOf("operation", id)]);
  if (order === null) return undefined;
  const [operation] = await withRest(store, [JSON.parse(order) as OperationOrder]);
  return operation;
}

/** Lists them. */
export async function listOperations(
  store: Store,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<OperationsPage> {
  const { memos, cursor } = await store.memosUnder("operation:", page);
  const orders = memos.map(({ value }) => JSON.parse(value) as OperationOrder);
  const operations = await withRest(store, orders);
  return { operations, ...cursor === undefined ? {} : { cursor } };
}

/** The cursor of a page that ends with an operation. */
export function cursorAfter({ order }: Operation): string {
  return keyOf("operation", order.id);
}

/** Ids of those that have not ended, the oldest first. */
export async function openOperations(store: Store): Promise<string[]> {
  const prefix = "operation-open:";
  const { memos } = await store.memosUnder(prefix, { limit: MAX_MEMOS });
  return memos.map(({ key }) => turned(key.slice(prefix.length))).reverse();
}

/** Has an operation end early. */
export async function cancelOperation(store: Store, id: string, by: string): Promise<void> {
  await store.addMemo(memo("operation-cancel", id, by));
}

/** Whether an operation is now a runner's. */
export async function takeLease(store: Store, id: string, runner: string): Promise<boolean> {
  const there = await store.addMemo(leaseOf(id, runner));
  return there === null || there === runner;
}

/** Gives an operation back. */
export async function dropLease(store: Store, id: string, runner: string): Promise<void> {
  const { isMine } = await readSigns(store, id, runner);
  if (isMine) await store.putMemos([none("operation-lease", id)]);
}

/** What a runner must know before each step. */
export interface Signs {
  /** Whether the operation is still this runner's: nobody took it, also if the lease has ended. */
  readonly isMine: boolean;
  /** Who has it end early; undefined if nobody. */
  readonly canceledBy: string | undefined;
}

/** Reads the signs. */
export async function readSigns(store: Store, id: string, runner: string): Promise<Signs> {
  const keys = [keyOf("operation-lease", id), keyOf("operation-cancel", id)];
  const [lease = null, cancel = null] = await store.memos(keys);
  const canceledBy = cancel === null ? undefined : JSON.parse(cancel) as string;
  return { isMine: lease === null || lease === runner, canceledBy };
}

/** Writes how far it is, and extends the lease. */
export async function saveProgress(
  store: Store,
  id: string,
  progress: OperationProgress,
  runner: string,
): Promise<void> {
  await store.putMemos([memo("operation-progress", id, progress), leaseOf(id, runner)]);
}

/** Writes how it ended, unless somebody has; gives what stands there. */
export async function addEnd(store: Store, id: string, end: OperationEnd): Promise<OperationEnd> {
  const there = await store.addMemo(memo("operation-end", id, end));
  return there === null ? end : JSON.parse(there) as OperationEnd;
}

/** Takes it off the list of those that have not ended. */
export async function closeOperation(store: Store, id: string): Promise<void> {
  const kinds: readonly Kind[] = ["operation-open", "operation-lease", "operation-cancel"];
  await store.putMemos(kinds.map((kind) => none(kind, id)));
}

/** Reads what stands beside orders, at most a page of them. */
async function withRest(store: Store, orders: readonly OperationOrder[]): Promise<Operation[]> {
  const kinds: readonly Kind[] = ["operation-progress", "operation-end", "operation-cancel"];
  const [progress = [], ends = [], cancels = []] = await Promise.all(
    kinds.map((kind) => readAll(store, orders.map(({ id }) => keyOf(kind, id)))),
  );
  return orders.map((order, i) => ({
    order,
    ...parsed("progress", progress[i]),
    ...parsed("end", ends[i]),
    isCanceling: (cancels[i] ?? null) !== null,
  }));
}

async function readAll(store: Store, keys: readonly string[]): Promise<(string | null)[]> {
  return keys.length === 0 ? [] : await store.memos(keys);
}

function parsed(name: "progress" | "end", text: string | null = null): Partial<Operation> {
  return text === null ? {} : { [name]: JSON.parse(text) };
}

function memo(kind: Kind, id: string, value: unknown): Memo {
  return { key: keyOf(kind, id), value: JSON.stringify(value), ttlMs: KEPT_MS };
}

function none(kind: Kind, id: string): NoMemo {
  return { key: keyOf(kind, id), value: null };
}

function leaseOf(id: string, runner: string): Memo {
  return { key: keyOf("operation-lease", id), value: runner, ttlMs: LEASE_MS };
}

function keyOf(kind: Kind, id: string): string {
  return `${kind}:${turned(id)}`;
}

const DIGITS = "0123456789abcdef";

/** Each digit by what is left of it to f: what is newer comes first then. Twice is as it was. */
function turned(id: string): string {
  return id.replace(/[0-9a-f]/g, (digit) => DIGITS[15 - DIGITS.indexOf(digit)]!);
}
