import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';
import { type Clock, within } from '../../clock.ts';
import { EngineError, messageOf, TimeoutError } from '../../errors.ts';
import { kafkaGreeting, tlsExplainer } from '../../port-language.ts';
import { notPermitted, UnknownValue } from '../../probes/reading.ts';
import type { KafkaSecurity } from '../../stack/stack.ts';
import type { Text } from '../../text.ts';
import { internalCluster } from '../internal-cluster.ts';
import { WireReader, WireWriter } from './bytes.ts';
import type { WireRequest } from './request.ts';

/** `host:port`. */
export type BrokerAddress = string;

/**
 * A connection to one broker, made when first asked and made anew after any failure. It speaks through kafkajs' own
 * connection (TLS, SASL, framing), but not through its cluster: that retries, reshuffles brokers and gives one error for
 * many parts, where we must know which broker failed, at once.
 */
export interface BrokerLink {
  readonly address: BrokerAddress;
  /** True for a moment after a failure: whoever has a choice should ask another broker first. */
  resting(): boolean;
  /** @throws EngineError naming the broker: unreachable, too slow, or too old for the request; UnknownValue where it refuses our login. */
  ask<Answer>(request: WireRequest<Answer>): Promise<Answer>;
  close(): void;
}

/** A broker that failed is not tried again for so long: a frozen one would cost every read its full timeout. */
const restMs = 500;

interface LinkOptions {
  readonly clock: Clock;
  /** For connecting and for each request. */
  readonly timeoutMs: number;
  /** What `kafka` was given, to tell by it why a connection fails. */
  readonly security?: KafkaSecurity | undefined;
  /** Told of each request that goes out; the handshake of a new connection is none. */
  readonly onSend?: (address: BrokerAddress) => void;
  /** Before each request: when it may go out; undefined: at once. Waiting for it is no part of its time. */
  readonly admitted?: (address: BrokerAddress) => Promise<void> | undefined;
}

interface Failure {
  readonly error: EngineError | UnknownValue;
  readonly untilMs: number;
}

/** @param kafka a client of `kafkaClient`; only its settings are used, it is never connected itself. */
export function openLinks(
  kafka: Kafka,
  { clock, timeoutMs, security, onSend = () => {}, admitted = () => undefined }: LinkOptions,
): (address: BrokerAddress) => BrokerLink {
  const source = internalCluster(kafka) as unknown as ConnectionSource;
  return (address) => {
    let connecting: Promise<WireBroker> | undefined;
    let connected: WireBroker | undefined;
    let hasAnswered = false;
    let failure: Failure | undefined;
    const place = { engine: 'kafka', name: nameOf(address), ...partsOf(address), tls: security?.tls } as const;
    const explainedByTls = tlsExplainer(place, kafkaGreeting, clock);
    const whyNot = async (error: unknown): Promise<Error> => {
      const engineError = asEngineError(error, address, timeoutMs);
      if (engineError instanceof UnknownValue) return engineError;
      return (await explainedByTls({ code: String(engineError.code), message: messageOf(error) })) ?? engineError;
    };
    const failed = (error: unknown): EngineError | UnknownValue =>
      !hasAnswered && security?.sasl === undefined && isClosed(error)
        ? withoutLogin(address)
        : asEngineError(error, address, timeoutMs);
    const resting = (): boolean => failure !== undefined && clock.monotonic() < failure.untilMs;
    const failIfResting = (): void => {
      if (failure !== undefined && resting()) throw failure.error;
    };
    const drop = (): void => {
      // kafkajs keeps half-read bytes over a reconnect: a connection that failed is never used again.
      void connecting?.then((broker) => broker.disconnect()).catch(() => {});
      connecting = undefined;
      connected = undefined;
      hasAnswered = false;
    };
    const connection = (): Promise<WireBroker> => {
      if (connected?.isConnected() === false) drop(); // closed by the broker while idle
      connecting ??= connect(source, address).then(
        (broker) => {
          connected = broker;
          return broker;
        },
        async (error: unknown) => {
          throw await whyNot(error);
        },
      );
      return connecting;
    };
    return {
      address,
      resting,
      async ask(request) {
        failIfResting();
        const turn = admitted(address);
        if (turn !== undefined) await turn.then(failIfResting);
        const used = connection();
        try {
          const answer = await within(
            `broker ${address}`,
            timeoutMs,
            used.then((broker) => sendTo(broker, request, () => onSend(address))),
          );
          hasAnswered = true;
          return answer;
        } catch (error) {
          const engineError = failed(error);
          if (isUnsupported(engineError)) throw engineError;
          // Requests that failed together share one cause; only the first of them drops the connection.
          if (connecting === used) {
            failure = { error: engineError, untilMs: clock.monotonic() + restMs };
            drop();
          }
          throw engineError;
        }
      },
      close: drop,
    };
  };
}

const nameOf = (address: BrokerAddress): Text => ({ ko: `브로커 ${address}`, en: `broker ${address}` });

function partsOf(address: BrokerAddress): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

async function connect(source: ConnectionSource, address: BrokerAddress): Promise<WireBroker> {
  const connectionPool = await source.connectionPoolBuilder.build(partsOf(address));
  const broker = source.brokerPool.createBroker({ connectionPool, logger: source.rootLogger });
  try {
    await broker.connect();
    return broker;
  } catch (error) {
    void broker.disconnect().catch(() => {});
    throw error;
  }
}

/** The `code` of an EngineError: the broker is too old for the request. */
export const unsupported = 'UNSUPPORTED_VERSION';

/** The connection is well: only this request is not served. */
const isUnsupported = (error: Error): boolean => error instanceof EngineError && error.code === unsupported;

/** Asks a broker that kafkajs is connected to. @throws EngineError when it is too old; whatever kafkajs throws. */
export async function sendTo<Answer>(
  broker: WireBroker,
  asked: WireRequest<Answer>,
  onSend: () => void = () => {},
): Promise<Answer> {
  const request = servedBy(broker, asked);
  if (request === undefined) {
    throw new EngineError('kafka', `the broker does not serve ${asked.apiName} v${asked.apiVersion}`, {
      code: unsupported,
    });
  }
  onSend();
  const answer = await broker.connectionPool.send({
    request: {
      apiKey: request.apiKey,
      apiVersion: request.apiVersion,
      apiName: request.apiName,
      encode: encoder(request),
    },
    response: { decode: async (payload) => payload, parse: async (payload) => payload },
    logResponseError: false,
  });
  const reader = new WireReader(answer);
  if (request.flexible) reader.skipTags(); // response header v1
  return request.decode(reader);
}

/** The request itself, or the newest of its older forms that the broker serves. */
function servedBy<Answer>(broker: WireBroker, request: WireRequest<Answer>): WireRequest<Answer> | undefined {
  const range = broker.versions[request.apiKey];
  const served =
    range !== undefined && range.minVersion <= request.apiVersion && request.apiVersion <= range.maxVersion;
  if (served) return request;
  return request.older === undefined ? undefined : servedBy(broker, request.older);
}

/** kafkajs writes request header v1; the tagged fields of header v2 are then the first byte of the body. */
function encoder(request: WireRequest<unknown>): () => Promise<KafkajsEncoder> {
  const body = new WireWriter();
  if (request.flexible) body.noTags();
  request.encode(body);
  const Encoder = createRequire(import.meta.url)('kafkajs/src/protocol/encoder') as new () => KafkajsEncoder;
  return async () => new Encoder().writeBuffer(body.bytes());
}

function asEngineError(error: unknown, address: BrokerAddress, timeoutMs: number): EngineError | UnknownValue {
  if (error instanceof EngineError || error instanceof UnknownValue) return error;
  const { code, name } = error as { code?: unknown; name?: unknown };
  // The broker serves, and says that we may not: another broker would say the same.
  if (name === 'KafkaJSSASLAuthenticationError') return new UnknownValue(`${notPermitted}: Kafka refuses this login`);
  if (error instanceof TimeoutError || name === 'KafkaJSRequestTimeoutError') {
    return new EngineError('kafka', `broker ${address} gave no answer within ${timeoutMs} ms`, { code: 'ETIMEDOUT' });
  }
  const why = typeof code === 'string' ? code : messageOf(error);
  return new EngineError('kafka', `broker ${address} cannot be reached (${why})`, { code: why, cause: error });
}

const isClosed = (error: unknown): boolean => (error as { name?: unknown }).name === 'KafkaJSConnectionClosedError';

/** The `code` of an EngineError: a broker told us its versions and hung up at the first real request, without a login. */
export const closedWithoutLogin = 'CONNECTION_CLOSED';

/** A broker tells whoever did not log in its versions, and hangs up at the first real request. */
function withoutLogin(address: BrokerAddress): EngineError {
  const { ko, en } = nameOf(address);
  return new EngineError(
    'kafka',
    {
      ko: `${ko}: 첫 요청에서 연결을 끊음 (로그인을 요구하는 브로커일 수 있음: kafka[s]://<사용자>@…?mechanism=…)`,
      en: `${en} closed the connection at the first request; one that wants a login does that: kafka[s]://<user>@…?mechanism=…`,
    },
    { code: closedWithoutLogin },
  );
}

/** The parts of kafkajs' Cluster, Broker and ConnectionPool that are used here (kafkajs 2.2.4, src/cluster, src/broker). */
interface ConnectionSource {
  readonly rootLogger: unknown;
  readonly connectionPoolBuilder: {
    build(address: { readonly host: string; readonly port: number }): Promise<ConnectionPool>;
  };
  readonly brokerPool: {
    createBroker(options: { readonly connectionPool: ConnectionPool; readonly logger: unknown }): WireBroker;
  };
}

export interface WireBroker {
  readonly connectionPool: ConnectionPool;
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;
  isConnected(): boolean;
  /** Connects, asks ApiVersions, authenticates. */
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

interface ConnectionPool {
  send(options: {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<KafkajsEncoder>;
    };
    readonly response: {
      decode(payload: Buffer): Promise<Buffer>;
      parse(payload: Buffer): Promise<Buffer>;
    };
    readonly logResponseError: boolean;
  }): Promise<Buffer>;
}

interface KafkajsEncoder {
  writeBuffer(bytes: Buffer): KafkajsEncoder;
}
