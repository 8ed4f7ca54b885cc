import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, systemClock } from '../clock.ts';
import { EngineError } from '../errors.ts';
import type { BrokerAddress } from './wire/link.ts';

/** Requests to one broker in one tick of a sampler, for any number of partitions and groups, all probes together. */
export const rpcsPerBrokerMax = 9;

/** How a read goes about its requests while a sampler ticks. */
type Manner =
  /** It goes out at once, as without any manner. */
  | 'urgent'
  /** It waits, over several ticks if need be, until there is room. */
  | PatientTurn
  /** It is not done where there is no room; its requests take room from the patient ones. */
  | 'optional';

/** Of one patient read. */
export interface Turn {
  /** For how long it has had to wait for room, ms: no part of its own time. */
  waitedMs(): number;
  /** Nobody wants it any more: what of it still waits must not take room from others. */
  abandon(): void;
}

class PatientTurn implements Turn {
  readonly #clock: Clock;
  #waiting = 0;
  #sinceMs = 0;
  #beforeMs = 0;
  #isAbandoned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  waitedMs(): number {
    return this.#beforeMs + (this.#waiting > 0 ? this.#clock.monotonic() - this.#sinceMs : 0);
  }

  abandon(): void {
    this.#isAbandoned = true;
  }

  /** @throws EngineError once it is abandoned. */
  async wait(forRoom: Promise<void>): Promise<void> {
    if (this.#waiting === 0) this.#sinceMs = this.#clock.monotonic();
    this.#waiting += 1;
    await forRoom;
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#beforeMs += this.#clock.monotonic() - this.#sinceMs;
    if (this.#isAbandoned) throw new EngineError('kafka', 'nobody waits for its answer any more');
  }
}

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
  readonly #clock: Clock;
  readonly #manner = new AsyncLocalStorage<Manner>();
  readonly #asked = new Map<BrokerAddress, Asked>();
  readonly #earlier: Map<BrokerAddress, number>[] = [];
  readonly #sent = new Map<BrokerAddress, number>();
  #most = 0;
  #waiting: (() => void)[] = [];
  #tick: number | undefined;
  #begun = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

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

  patiently<T>(read: (turn: Turn) => Promise<T>): Promise<T> {
    const turn = new PatientTurn(this.#clock);
    return this.#manner.run(turn, () => read(turn));
  }

  /** A patient read stays patient. */
  optionally<T>(read: () => Promise<T>): Promise<T> {
    return this.isPatient() ? read() : this.#manner.run('optional', read);
  }

  /** What others may join goes out at once; a patient read takes it from the room of the patient ones. */
  joinable<T>(read: () => Promise<T>): Promise<T> {
    return this.#manner.run(this.isPatient() ? 'optional' : 'urgent', read);
  }

  isPatient(): boolean {
    return this.#patient() !== undefined;
  }

  #patient(): PatientTurn | undefined {
    const manner = this.#manner.getStore();
    return this.#tick !== undefined && manner instanceof PatientTurn ? manner : undefined;
  }

  /** Whether every broker asked so far may be asked once more in this tick. */
  hasRoom(): boolean {
    return this.#tick === undefined || [...this.#asked.keys()].every((address) => this.#roomOn(address) >= 1);
  }

  /** A request is about to go out; undefined: at once. Rejects with an EngineError once its read is abandoned. */
  admitted(address: BrokerAddress): Promise<void> | undefined {
    const turn = this.#patient();
    if (turn === undefined) {
      this.#count(address, this.#manner.getStore() === 'optional' ? 'spare' : 'urgent');
      return undefined;
    }
    if (this.#roomOn(address) >= 1) {
      this.#count(address, 'spare');
      return undefined;
    }
    return turn.wait(this.#nextTick()).then(() => this.admitted(address));
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
    for (let ticks = 0; ticks < togetherTicksMax; ticks++) {
      const turn = this.#patient();
      if (turn === undefined || addresses.every((address) => this.#roomOn(address) >= requests)) return;
      await turn.wait(this.#nextTick());
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
