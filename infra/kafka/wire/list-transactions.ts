import type { WireRequest } from './request.ts';

export interface ListedTransactions {
  readonly errorCode: number;
  readonly transactions: readonly ListedTransaction[];
}

export interface ListedTransaction {
  readonly transactionalId: string;
  readonly producerId: bigint;
  /** Kafka's own word: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead, PrepareEpochFence. */
  readonly state: string;
}

/** States in which partitions of a transaction may still wait for their marker. */
export const openStates = ['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence'] as const;

/**
 * ListTransactions v0 (Kafka 3.0, KIP-664): those that the asked broker coordinates. What the account may not describe is
 * left out without a word.
 * @param filter an empty list: all. Both must hold.
 */
export function listTransactions({
  states = [],
  producerIds = [],
}: {
  readonly states?: readonly string[];
  readonly producerIds?: readonly bigint[];
}): WireRequest<ListedTransactions> {
  return {
    apiKey: 66,
    apiVersion: 0,
    apiName: 'ListTransactions',
    flexible: true,
    encode(body) {
      body.compactArray(states, (state) => body.compactString(state));
      body.compactArray(producerIds, (producerId) => body.int64(producerId)).noTags();
    },
    decode(body) {
      body.int32(); // throttle time
      const errorCode = body.int16();
      body.compactList(() => body.compactString()); // states that the broker does not know
      const transactions = body.compactArray(() => ({
        transactionalId: body.compactString(),
        producerId: body.int64(),
        state: body.compactString(),
      }));
      return { errorCode, transactions };
    },
  };
}
