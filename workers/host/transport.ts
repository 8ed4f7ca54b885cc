import { decodeToWorker, encode, type FromWorker, type ToWorker } from '../protocol/messages.ts';

/** How a worker hears from and speaks to whoever runs it. */
export interface Transport {
  send(message: FromWorker): void;
  onMessage(handler: (message: ToWorker) => void): void;
  /** The supervisor is gone: it closed the channel or was killed. */
  onOrphaned(handler: () => void): void;
}

/** IPC under a supervisor; in a container there is none, and signals alone say when to stop. */
export function processTransport(): Transport {
  if (process.send === undefined) return { send() {}, onMessage() {}, onOrphaned() {} };
  return {
    send(message) {
      if (process.connected) process.send?.(encode(message), undefined, {}, () => {}); // a closed channel is onOrphaned's
    },
    onMessage: (handler) => void process.on('message', (text) => handler(decodeToWorker(text))),
    onOrphaned: (handler) => void process.on('disconnect', handler),
  };
}
