import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { type DelayLine, delayLine } from './delay-line.ts';
import { openProxy, type ProxySettings, type ProxyState } from './settings.ts';

export interface FaultProxy {
  readonly server: Server;
  /** Takes effect for connections that are open, too. */
  set(settings: ProxySettings): void;
  state(): ProxyState;
}

/** Passes connections on to a port of this machine, and makes them slow, cut or silent on demand. */
export function faultProxy(targetPort: number, clock: Clock): FaultProxy {
  let settings = openProxy;
  const pairs = new Set<Pair>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => {});
    if (settings.mode === 'cut') return void client.resetAndDestroy();
    const pair = openPair(client, { targetPort, clock, settings: () => settings, onClose: () => pairs.delete(pair) });
    pairs.add(pair);
    if (settings.mode === 'silent') pair.hold();
  });
  return {
    server,
    set(next) {
      settings = next;
      for (const pair of pairs) {
        if (next.mode === 'cut') pair.reset();
        else if (next.mode === 'silent') pair.hold();
        else pair.release();
      }
    },
    state: () => ({ ...settings, connections: pairs.size }),
  };
}

interface Pair {
  hold(): void;
  release(): void;
  reset(): void;
}

interface PairOptions {
  readonly targetPort: number;
  readonly clock: Clock;
  settings(): ProxySettings;
  onClose(): void;
}

function openPair(client: Socket, { targetPort, clock, settings, onClose }: PairOptions): Pair {
  const upstream = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const isSilent = (): boolean => settings().mode === 'silent';
  const delayMs = (): number => settings().latencyMs + Math.random() * settings().jitterMs;
  const lines = [
    passOn(client, upstream, { clock, delayMs, isSilent }),
    passOn(upstream, client, { clock, delayMs: () => 0, isSilent }),
  ];
  let closed = false;
  /** A reset is passed on as a reset, so that no side takes half an answer for a whole one. */
  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const line of lines) line.close();
    for (const socket of [client, upstream]) if (!socket.destroyed) socket.resetAndDestroy();
    onClose();
  };
  for (const socket of [client, upstream]) {
    socket.on('error', close);
    socket.on('close', (hadError) => {
      if (hadError || (client.destroyed && upstream.destroyed)) close();
    });
  }
  return {
    hold: () => lines.forEach((line) => void line.hold()),
    release: () => lines.forEach((line) => void line.release()),
    reset: close,
  };
}

interface LineOptions {
  readonly clock: Clock;
  delayMs(): number;
  isSilent(): boolean;
}

function passOn(from: Socket, to: Socket, { clock, delayMs, isSilent }: LineOptions): DelayLine {
  const line = delayLine({
    clock,
    delayMs,
    deliver: (chunk) => to.write(chunk),
    deliverEnd: () => void to.end(),
    onFull: (full) => (full ? from.pause() : from.resume()),
  });
  from.on('data', line.push);
  from.on('end', line.end);
  to.on('drain', () => {
    if (!isSilent()) line.release();
  });
  return line;
}
