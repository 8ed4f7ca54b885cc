import { AsyncLocalStorage } from 'node:async_hooks';
import type { BrokerAddress } from './wire/link.ts';

/** What a read cost the brokers: requests sent, handshakes of new connections not counted. */
export interface Rpcs {
  readonly total: number;
  /** On the broker that was asked most. */
  readonly mostOnOneBroker: number;
  readonly brokers: number;
  /** While a sampler ticks: the most that one broker has been asked in one tick so far, by all probes together. */
  readonly mostInTick?: number;
}

/** Counts the requests that go out on behalf of each read, however many reads go on at once. */
export class RpcCounter {
  readonly #counts = new AsyncLocalStorage<Map<BrokerAddress, number>>();

  /** To be told of every request that is sent. */
  readonly sent = (address: BrokerAddress): void => {
    const counts = this.#counts.getStore();
    counts?.set(address, (counts.get(address) ?? 0) + 1);
  };

  /** Runs a read; what it asks is counted to it, and not to another that surrounds it. */
  async around<T>(read: () => Promise<T>): Promise<{ readonly value: T; readonly rpcs: Rpcs }> {
    const counts = new Map<BrokerAddress, number>();
    const value = await this.#counts.run(counts, read);
    return { value, rpcs: rpcsOf(counts) };
  }

  /** So far, in the read that goes on. */
  soFar(): Rpcs {
    return rpcsOf(this.#counts.getStore() ?? new Map());
  }
}

function rpcsOf(counts: ReadonlyMap<BrokerAddress, number>): Rpcs {
  const each = [...counts.values()];
  return {
    total: each.reduce((sum, count) => sum + count, 0),
    mostOnOneBroker: Math.max(0, ...each),
    brokers: counts.size,
  };
}

/** What a reading cost: `RPCs 7 (max 3 a broker)`. */
export const rpcText = ({ total, mostOnOneBroker, mostInTick }: Rpcs): string => {
  const ofTick = mostInTick === undefined ? '' : `; all probes max ${mostInTick} a broker a tick`;
  return `RPCs ${total} (max ${mostOnOneBroker} a broker${ofTick})`;
};
