import { connect } from 'node:net';
import { z } from 'zod';
import { systemClock, within } from '../../clock.ts';
import { EngineError, messageOf } from '../../errors.ts';

/** What the proxy does to its connections. */
export const proxySettings = z.object({
  /**
   * open: bytes flow. cut: every connection is reset, new ones too. silent: connections stay and nothing arrives, in
   * neither direction, until it is open again; then it arrives late, as after a network that lost packets.
   */
  mode: z.enum(['open', 'cut', 'silent']),
  /** Added to each round trip: what the client sends waits so long. */
  latencyMs: z.number().min(0),
  /** At random on top, up to so much; the order of the bytes is kept. */
  jitterMs: z.number().min(0),
});
export type ProxySettings = Readonly<z.infer<typeof proxySettings>>;

export const openProxy: ProxySettings = { mode: 'open', latencyMs: 0, jitterMs: 0 };

/** One line of JSON on the control socket; the answer is one line of `proxyState`. */
export const proxyOrder = z.object({
  /** Absent: only ask. */
  set: proxySettings.optional(),
  /** It opens itself after so long, whoever is left to order it. */
  forMs: z.number().positive().optional(),
});
export type ProxyOrder = Readonly<z.infer<typeof proxyOrder>>;

const proxyState = proxySettings.extend({ connections: z.number().int() });
export type ProxyState = Readonly<z.infer<typeof proxyState>>;

const answerTimeoutMs = 3_000;

/** @throws EngineError when the proxy does not answer. */
export async function orderProxy(controlSocket: string, order: ProxyOrder): Promise<ProxyState> {
  const socket = connect(controlSocket);
  try {
    return await within('the proxy', answerTimeoutMs, ask(socket, order), systemClock);
  } catch (error) {
    throw new EngineError(
      'mysql',
      { ko: 'mysql-proxy가 응답하지 않습니다', en: 'mysql-proxy gives no answer' },
      { why: messageOf(error), cause: error, tryThis: ['labctl status', 'labctl logs mysql-proxy'] },
    );
  } finally {
    socket.destroy();
  }
}

async function ask(socket: ReturnType<typeof connect>, order: ProxyOrder): Promise<ProxyState> {
  socket.write(`${JSON.stringify(order)}\n`);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.endsWith('\n')) return proxyState.parse(JSON.parse(text));
  }
  throw new Error('it closed the connection');
}
