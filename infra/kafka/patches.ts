import { createRequire } from 'node:module';

/**
 * Two defects of kafkajs 2.2.4 (unmaintained since 2024), cured in one place and before its first use.
 *
 * 1. `RequestQueue.scheduleCheckPendingRequests` re-arms a timer with a negative delay for ever, about 800 calls a
 *    second a connection (tulios/kafkajs#1556, #1704, #1751). Cure: arm it only while requests are pending.
 * 2. A read_committed consumer leaks records of aborted transactions when two overlap: the broker lists aborted
 *    transactions in the order of their markers, `filterAbortedMessages` needs them by first offset, as the Java client
 *    sorts them. Cure: sort before filtering.
 */

interface RequestQueuePrototype {
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

interface AbortedTransaction {
  readonly firstOffset: string;
}

type FilterAborted = (input: {
  messages: unknown;
  abortedTransactions?: readonly AbortedTransaction[] | null | undefined;
}) => unknown;

/** How long a request that did not fit waits before it is looked at again, when the broker set no throttle time. */
const recheckMs = 10;

export function patchKafkajs(): void {
  const require = createRequire(import.meta.url);
  const queue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueuePrototype }).prototype;
  queue.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null && this.throttleCheckTimeoutId !== undefined) return;
    if (this.pending.length === 0) return;
    const throttledForMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledForMs > 0 ? throttledForMs : recheckMs,
    );
  };

  const filterPath = require.resolve('kafkajs/src/consumer/filterAbortedMessages');
  const original = require(filterPath) as FilterAborted & { sortsAborted?: true };
  const cached = require.cache[filterPath];
  if (cached === undefined || original.sortsAborted === true) return;
  const sorted: FilterAborted & { sortsAborted?: true } = ({ messages, abortedTransactions }) =>
    original({
      messages,
      abortedTransactions: abortedTransactions && [...abortedTransactions].sort(byFirstOffset),
    });
  sorted.sortsAborted = true;
  cached.exports = sorted;
}

function byFirstOffset(left: AbortedTransaction, right: AbortedTransaction): number {
  const difference = BigInt(left.firstOffset) - BigInt(right.firstOffset);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
