import { expect, test } from 'vitest';
import { historyOf } from './history.ts';

const invoke = '{"kind":"invoke","txId":"t1","from":"1","to":"2","amount":"5","at":10}';
const ok = '{"kind":"ok","txId":"t1","at":12}';
const lines = (...texts: string[]) => texts.map((text) => ({ worker: 'transfer-writer', text }));

test('a transfer without an end has an unknown outcome', () => {
  expect(historyOf(lines(invoke)).transfers.get('t1')).toMatchObject({ outcome: 'info', endedAtMs: undefined });
  expect(historyOf(lines(invoke, ok)).transfers.get('t1')).toMatchObject({ outcome: 'ok', endedAtMs: 12 });
});

test('a line cut short by SIGKILL hides nothing of the incarnation after it', () => {
  const history = historyOf(lines(`{"kind":"ok","tx${invoke}`, ok));
  expect(history.transfers.get('t1')?.outcome).toBe('ok');
  expect(history.tornLines).toBe(1);
});

test('an end without a beginning counts as torn', () => {
  expect(historyOf(lines(ok))).toMatchObject({ tornLines: 1 });
});

test('stages keep their first time: a redelivery does not make an event late', () => {
  const sent = (at: number) => `{"kind":"sent","dedupKey":"t1:1","at":${at}}`;
  expect(historyOf(lines(sent(20), sent(90))).stages.sent.get('t1:1')).toBe(20);
});

test('failpoints name the worker that died', () => {
  const fired = '{"kind":"failpoint","name":"relay.after-ack","pass":3,"pid":77,"at":5}';
  expect(historyOf([{ worker: 'outbox-relay', text: fired }]).failpoints).toEqual([
    { worker: 'outbox-relay', name: 'relay.after-ack', pass: 3, pid: 77, atMs: 5 },
  ]);
});
