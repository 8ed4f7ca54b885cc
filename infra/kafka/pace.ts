import { AsyncLocalStorage } from 'node:async_hooks';
import type { BrokerAddress } from './wire/link.ts';

/** Requests to one broker in one tick of a sampler, for any number of partitions and groups, all probes together. */
export const rpcsPerBrokerMax = 9;

/** How a read goes about its requests while a sampler ticks. */
type Manner =
  /** It goes out at once, as without any manner. */
  | 'urgent'
  /** It waits, over several ticks if need be, until there is room. */
  | 'patient'
  /** It is not done where there is no room; its requests take room from the patient ones. */
  | 'optional';

interface Asked {
  /** By reads that do not wait. */
  urgent: number;
  /** By the others. */
  spare: number;
}

/** So many ticks are remembered: the urgent requests of the next will be as many as the most in one of these. */
const rememberedTicks = 10;
/** Assumed of a broker that has not been asked yet. */
const urgentAtFirst = 6;
/** Who wants several requests at one moment waits so many ticks for that much room. */
const togetherTicksMax = 3;

/**
 * Keeps the requests of a tick within {@link rpcsPerBrokerMax}. Reads of every tick go out at once; the seldom ones wait for
 * the room that these leave, first come, first served. Where nobody ticks (a single reading) nothing waits.
 */
export class Pace {
  readonly #manner = new AsyncLocalStorage<Manner>();
  readonly #asked = new Map<BrokerAddress, Asked>();
  readonly #earlier: Map<BrokerAddress, number>[] = [];
  readonly #sent = new Map<BrokerAddress, number>();
  #most = 0;
  #waiting: (() => void)[] = [];
  #tick: number | undefined;
  #begun = 0;

  /** A tick begins: there is room again. */
  begin(): void {
    this.#begun += 1;
    this.#tick = this.#begun;
    this.#earlier.push(new Map([...this.#asked].map(([address, { urgent }]) => [address, urgent])));
    if (this.#earlier.length > rememberedTicks) this.#earlier.shift();
    this.#asked.clear();
    this.#sent.clear();
    this.#wake();
  }

  /** Nobody ticks any more: whoever waits goes on. */
  end(): void {
    this.#tick = undefined;
    this.#wake();
  }

  /** The number of the tick that goes on; undefined: nobody ticks. */
  get tick(): number | undefined {
    return this.#tick;
  }

  /** Most requests that went out to one broker in one tick so far. */
  most(): number {
    return this.#most;
  }

  patiently<T>(read: () => Promise<T>): Promise<T> {
    return this.#manner.run('patient', read);
  }

  /** A patient read stays patient. */
  optionally<T>(read: () => Promise<T>): Promise<T> {
    return this.isPatient() ? read() : this.#manner.run('optional', read);
  }

  /** What all reads of a tick wait for. */
  urgently<T>(read: () => Promise<T>): Promise<T> {
    return this.#manner.run('urgent', read);
  }

  isPatient(): boolean {
    return this.#tick !== undefined && this.#manner.getStore() === 'patient';
  }

  /** Whether every broker asked so far may be asked once more in this tick. */
  hasRoom(): boolean {
    return this.#tick === undefined || [...this.#asked.keys()].every((address) => this.#roomOn(address) >= 1);
  }

  /** A request is about to go out; undefined: at once. */
  admitted(address: BrokerAddress): Promise<void> | undefined {
    if (!this.isPatient()) {
      this.#count(address, this.#manner.getStore() === 'optional' ? 'spare' : 'urgent');
      return undefined;
    }
    if (this.#roomOn(address) >= 1) {
      this.#count(address, 'spare');
      return undefined;
    }
    return this.#nextTick().then(() => this.admitted(address));
  }

  /** A request has gone out. */
  sent(address: BrokerAddress): void {
    if (this.#tick === undefined) return;
    const count = (this.#sent.get(address) ?? 0) + 1;
    this.#sent.set(address, count);
    this.#most = Math.max(this.#most, count);
  }

  /** For a patient read whose requests must go out at one moment. */
  async roomFor(requests: number, addresses: readonly BrokerAddress[]): Promise<void> {
    for (let ticks = 0; ticks < togetherTicksMax && this.isPatient(); ticks++) {
      if (addresses.every((address) => this.#roomOn(address) >= requests)) return;
      await this.#nextTick();
    }
  }

  #roomOn(address: BrokerAddress): number {
    const { urgent, spare } = this.#asked.get(address) ?? { urgent: 0, spare: 0 };
    // In the first tick all that is asked for once is asked for: what can wait comes later.
    if (this.#tick === 1) return 0;
    const expected = this.#earlier.map((tick) => tick.get(address) ?? 0);
    return rpcsPerBrokerMax - spare - Math.max(urgent, urgentAtFirst, ...expected);
  }

  #count(address: BrokerAddress, kind: keyof Asked): void {
    const asked = this.#asked.get(address) ?? { urgent: 0, spare: 0 };
    asked[kind] += 1;
    this.#asked.set(address, asked);
  }

  #nextTick(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
