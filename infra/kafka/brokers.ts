import { EngineError } from '../errors.ts';
import { notMapped, UnknownValue } from '../probes/reading.ts';
import type { BrokerAddress, BrokerLink } from './wire/link.ts';
import { type Metadata, metadata } from './wire/metadata.ts';
import type { WireRequest } from './wire/request.ts';

/** The brokers of a cluster and our connections to them. Any broker that answers leads to the others: none is special. */
export class Brokers {
  readonly #seeds: readonly BrokerAddress[];
  readonly #open: (address: BrokerAddress) => BrokerLink;
  readonly #links = new Map<string, BrokerLink>();
  /** The brokers of the last metadata: some of the seeds may be gone for good. */
  #seen: ReadonlyMap<number, BrokerAddress> = new Map();

  constructor(seeds: readonly BrokerAddress[], open: (address: BrokerAddress) => BrokerLink) {
    this.#seeds = seeds;
    this.#open = open;
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

  /** As one broker sees it, asked anew each time. @param topics null for all. @throws EngineError */
  async metadata(topics: readonly string[] | null): Promise<Metadata> {
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
