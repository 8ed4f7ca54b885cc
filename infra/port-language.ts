import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock, systemClock } from './clock.ts';
import type { EngineError } from './errors.ts';
import { type Tls, tlsOptions } from './tls.ts';
import { type ConnectFailure, type FailedPlace, portIsPlain, portIsTls, tlsError } from './tls-failure.ts';

/** What a port speaks, as far as it showed: undefined is a server that is gone, frozen, or something else. */
export interface PortLanguage {
  readonly speaks: 'tls' | 'plain' | undefined;
  /** What it had against us after it had spoken TLS. */
  readonly refusal?: ConnectFailure;
}

/** One greeting that the engine answers before anybody has logged in, and how its answer begins. */
export interface Greeting {
  readonly bytes: Buffer;
  isAnswer(answer: Buffer): boolean;
}

/** Redis answers +PONG, or an error such as -NOAUTH. */
export const redisGreeting: Greeting = {
  bytes: Buffer.from('PING\r\n'),
  isAnswer: (answer) => answer[0] === 0x2b || answer[0] === 0x2d,
};

const correlationId = 0x6c616263;

/** ApiVersions v0 with an empty client id: https://kafka.apache.org/protocol (request header v1, response header v0). */
export const kafkaGreeting: Greeting = {
  bytes: Buffer.from(`0000000a00120000${correlationId.toString(16)}0000`, 'hex'),
  isAnswer: (answer) => answer.length >= 8 && answer.readInt32BE(4) === correlationId,
};

interface Port {
  readonly host: string;
  readonly port: number;
  readonly tls: Tls | undefined;
}

/**
 * Greets a port in both ways at once, on connections of its own, and tells which one was answered. Nothing is verified,
 * and nothing secret is sent. Never throws.
 */
export async function portLanguage(
  { host, port, tls }: Port,
  greeting: Greeting,
  { timeoutMs, clock = systemClock }: { readonly timeoutMs: number; readonly clock?: Clock },
): Promise<PortLanguage> {
  const options = { ...tlsOptions(tls ?? { verify: 'none' }, host), rejectUnauthorized: false };
  const sockets: Socket[] = [];
  const greeted = (connect: () => Socket): Promise<Greeted> => {
    const socket = connect();
    sockets.push(socket);
    return greet(socket, greeting);
  };
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const cancel = clock.after(timeoutMs, end);
  try {
    return await Promise.any([
      greeted(() => connectPlain({ host, port })).then(plainIn),
      greeted(() => connectTls({ host, port, ...options })).then(tlsIn),
    ]);
  } catch {
    return { speaks: undefined };
  } finally {
    cancel();
    end();
  }
}

/** @throws Error where it does not show. */
function plainIn({ answered }: Greeted): PortLanguage {
  if (answered) return { speaks: 'plain' };
  throw new Error('not plain');
}

/** @throws Error where it does not show. */
function tlsIn({ answered, shookHands, failure }: Greeted): PortLanguage {
  if (answered) return { speaks: 'tls' };
  if (!shookHands && !/SSL alert number/.test(failure?.message ?? '')) throw new Error('not TLS');
  return { speaks: 'tls', ...(failure === undefined ? {} : { refusal: failure }) };
}

interface Greeted {
  readonly answered: boolean;
  readonly shookHands: boolean;
  readonly failure: ConnectFailure | undefined;
}

/** Ends with the first answer, or with the connection. */
async function greet(socket: Socket, { bytes, isAnswer }: Greeting): Promise<Greeted> {
  return new Promise((resolve) => {
    let shookHands = false;
    let failure: ConnectFailure | undefined;
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve({ answered, shookHands, failure });
    };
    socket.once('secureConnect', () => {
      shookHands = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error;
    });
    socket.once('data', (answer: Buffer) => done(isAnswer(answer)));
    socket.once('close', () => done(false));
    socket.write(bytes);
  });
}

/** A port is not asked again for so long: whoever reads every second must not knock on it every second as well. */
const askedAgainMs = 10_000;
const askTimeoutMs = 500;

/** Here a port need not be asked: nobody listens, or nobody is there. */
const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Tells of connections to one place that failed whether TLS is why. Where the failure itself does not say, the port is
 * asked: a TLS port merely hangs up on plain text, and a plain port may wait for ever for TLS to become a command.
 * @returns undefined: TLS is not known to be why.
 */
export function tlsExplainer(
  place: FailedPlace & Port,
  greeting: Greeting,
  clock: Clock = systemClock,
): (failure: ConnectFailure) => Promise<EngineError | undefined> {
  let asked: { readonly atMs: number; readonly language: Promise<PortLanguage> } | undefined;
  const { tls } = place;
  return async (failure) => {
    const told = tlsError(place, failure);
    const { code = '' } = failure;
    // In the clear, a server that gives no answer at all is frozen: a TLS port would have hung up.
    if (told !== undefined || unreachable.has(code) || (tls === undefined && code === 'ETIMEDOUT')) return told;
    if (asked === undefined || clock.monotonic() - asked.atMs > askedAgainMs) {
      const language = portLanguage(place, greeting, { timeoutMs: askTimeoutMs, clock });
      asked = { atMs: clock.monotonic(), language };
    }
    const { speaks, refusal } = await asked.language;
    if (speaks === 'plain' && tls !== undefined) return tlsError(place, { code: portIsPlain, message: '' });
    if (speaks === 'tls' && tls === undefined) return tlsError(place, { code: portIsTls, message: '' });
    return refusal === undefined ? undefined : tlsError(place, refusal);
  };
}
