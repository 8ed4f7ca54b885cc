import { EngineError } from '../errors.ts';
import { notMapped, UnknownValue } from '../probes/reading.ts';
import { Pace } from './pace.ts';
import type { BrokerAddress, BrokerLink } from './wire/link.ts';
import { type Metadata, metadata } from './wire/metadata.ts';
import type { WireRequest } from './wire/request.ts';

interface View {
  readonly tick: number;
  /** Of every topic there is. */
  readonly isWhole: boolean;
  readonly answer: Promise<Metadata>;
}

/** A topic is asked for along with others so long after it was last asked for by name. */
const wantedTicks = 60;

interface Absent {
  readonly tick: number;
  /** With the error of the broker that was asked for it by name. */
  readonly told: Metadata['topics'][number];
}

/** The brokers of a cluster and our connections to them. Any broker that answers leads to the others: none is special. */
export class Brokers {
  readonly #seeds: readonly BrokerAddress[];
  readonly #open: (address: BrokerAddress) => BrokerLink;
  readonly #links = new Map<string, BrokerLink>();
  /** The brokers of the last metadata: some of the seeds may be gone for good. */
  #seen: ReadonlyMap<number, BrokerAddress> = new Map();
  readonly #pace: Pace;
  /** Of the tick that goes on. */
  #view: View | undefined;
  /** The tick in which every topic was last asked for. */
  #wholeAt = Number.NEGATIVE_INFINITY;
  /** Topics that were asked for by name, with the tick in which they were last. */
  readonly #named = new Map<string, number>();

  /** Topics that are not in an answer about all of them: not there, or not for us. */
  readonly #absent = new Map<string, Absent>();

  constructor(seeds: readonly BrokerAddress[], open: (address: BrokerAddress) => BrokerLink, pace = new Pace()) {
    this.#seeds = seeds;
    this.#open = open;
    this.#pace = pace;
  }

  /** The seeds, dead ones included, and every broker of the last metadata. */
  addresses(): readonly BrokerAddress[] {
    return [...new Set([...this.#seeds, ...this.#seen.values()])];
  }

  /** Of a broker of the last metadata. */
  addressOf(nodeId: number): BrokerAddress | undefined {
    return this.#seen.get(nodeId);
  }

  /** @param purpose requests of different purposes never wait for each other: a broker serves a connection in order. */
  link(address: BrokerAddress, purpose = ''): BrokerLink {
    const name = `${address} ${purpose}`;
    const link = this.#links.get(name) ?? this.#open(address);
    this.#links.set(name, link);
    return link;
  }

  /** Asks one broker after the other until one answers, those that have just failed last. @throws EngineError; UnknownValue where the target has no Kafka. */
  async askAny<Answer>(request: WireRequest<Answer>, purpose = ''): Promise<Answer> {
    if (this.addresses().length === 0) throw new UnknownValue(`${notMapped}: no Kafka is named`);
    const links = this.addresses().map((address) => this.link(address, purpose));
    // The metadata is the first one's work, the quorum the last one's: not all on the same broker.
    if (purpose === 'settings') links.push(...links.splice(0, 1));
    else if (purpose !== '') links.reverse();
    let failure = new EngineError('kafka', 'no broker address is known');
    for (const link of [...links.filter((one) => !one.resting()), ...links.filter((one) => one.resting())]) {
      try {
        return await link.ask(request);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * As one broker sees it, asked anew each time; while a sampler ticks, once a tick for all who want it.
   * @param topics null for all. @throws EngineError
   */
  async metadata(topics: readonly string[] | null): Promise<Metadata> {
    const { tick } = this.#pace;
    if (tick === undefined) return this.#askMetadata(topics);
    const view = this.#view;
    if (view?.tick === tick) {
      const shared = this.#partOf(await view.answer, topics, view);
      if (shared !== undefined) return shared;
      if (view.isWhole) return this.#askAbsent(topics, tick);
    }
    // Whoever must not wait has asked already, in most ticks.
    if (this.#pace.isPatient()) await this.#pace.roomFor(1, [...this.#seen.values()]);
    if (this.#view !== view && this.#pace.tick !== undefined) return this.metadata(topics);
    const wanted = this.#wantedIn(tick, topics);
    const answer = this.#pace.joinable(() => this.#askMetadata(wanted));
    const now: View = { tick, isWhole: wanted === null, answer };
    this.#view = now;
    answer.catch(() => {
      if (this.#view === now) this.#view = undefined;
    });
    return this.#partOf(await answer, topics, now) ?? this.#askAbsent(topics, tick);
  }

  /** Of an answer, what was wanted; undefined where it has not all of it. */
  #partOf(answer: Metadata, topics: readonly string[] | null, { isWhole, tick }: View): Metadata | undefined {
    if (topics === null) return isWhole ? answer : undefined;
    const found = new Map(answer.topics.map((told) => [told.topic, told]));
    const parts = [...new Set(topics)].flatMap((topic) => {
      const absent = this.#absent.get(topic);
      return found.get(topic) ?? (absent !== undefined && tick - absent.tick <= wantedTicks ? absent.told : []);
    });
    return parts.length === new Set(topics).size ? { ...answer, topics: parts } : undefined;
  }

  /** By name, and not again for a while: otherwise a topic that nobody has made would cost a request a tick. */
  async #askAbsent(topics: readonly string[] | null, tick: number): Promise<Metadata> {
    const answer = await this.#askMetadata(topics);
    for (const told of answer.topics) if (told.errorCode !== 0) this.#absent.set(told.topic, { tick, told });
    return answer;
  }

  /** What is wanted now, and whatever the other reads of a tick have wanted by name of late. */
  #wantedIn(tick: number, topics: readonly string[] | null): readonly string[] | null {
    for (const topic of topics ?? []) this.#named.set(topic, tick);
    if (topics === null) this.#wholeAt = tick;
    for (const [topic, last] of this.#named) if (tick - last > wantedTicks) this.#named.delete(topic);
    return tick - this.#wholeAt <= wantedTicks ? null : [...this.#named.keys()];
  }

  /** For requests that must go out at one moment. See {@link Pace.roomFor}. */
  async roomFor(requests: number): Promise<void> {
    await this.#pace.roomFor(requests, [...this.#seen.values()]);
  }

  async #askMetadata(topics: readonly string[] | null): Promise<Metadata> {
    const answer = await this.askAny(metadata(topics));
    this.#seen = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]));
    const addresses = this.addresses();
    for (const [name, link] of this.#links) {
      if (addresses.includes(link.address)) continue;
      link.close();
      this.#links.delete(name);
    }
    return answer;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }
}
