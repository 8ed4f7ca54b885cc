import { expect, test } from 'vitest';
import type { ActiveProducer } from '../../kafka/wire/describe-producers.ts';
import type { DescribedTransaction } from '../../kafka/wire/describe-transactions.ts';
import type { Target } from '../../target.ts';
import { known, notPermitted, type Part, unknownPart } from '../reading.ts';
import { kafkaTransactions } from './transactions.ts';

const controllerNowMs = 1_000_000;

const producer: ActiveProducer = {
  producerId: 7n,
  producerEpoch: 2,
  lastTimestampMs: 5,
  coordinatorEpoch: -1,
  startOffset: 40n,
};

const described: DescribedTransaction = {
  errorCode: 0,
  transactionalId: 'billing-1',
  state: 'Ongoing',
  timeoutMs: 60_000,
  startMs: controllerNowMs - 4_000,
  producerId: 7n,
  producerEpoch: 2,
  topics: [{ topic: 'orders', partitions: [0] }],
};

interface Cluster {
  readonly described?: readonly DescribedTransaction[];
  readonly silent?: Part<never>;
  /** What the leader says the first time and after. */
  readonly producers?: readonly (readonly ActiveProducer[])[];
  readonly mayDescribe?: boolean;
  /** Of the list by producer id, asked later. */
  readonly ownerState?: string;
  readonly stateTopicLeader?: number;
  readonly controllerNow?: number;
}

/** One partition whose LSO is 40 and high watermark 50, as brokers would tell it. */
function targetWith(cluster: Cluster): Target {
  const { described: open = [], silent, producers = [[producer]], mayDescribe = true, ownerState } = cluster;
  let asked = 0;
  const kafka = {
    metadata: async () => ({
      brokers: [{ nodeId: 1, host: 'a', port: 1 }],
      topics: [{ topic: '__transaction_state', partitions: [{ leader: cluster.stateTopicLeader ?? 1 }] }],
    }),
    offsets: async () =>
      new Map([
        [
          'orders',
          known([{ partition: 0, leader: 1, offsets: { lastStable: known(40n), highWatermark: known(50n) } }]),
        ],
      ]),
    async producers() {
      const told = producers[Math.min(asked++, producers.length - 1)] ?? [];
      return [{ topic: 'orders', partition: 0, producers: known(told) }];
    },
    async transactions({ producerIds }: { producerIds?: readonly bigint[] }) {
      const listed = open.map(({ transactionalId, producerId, state }) => ({ transactionalId, producerId, state }));
      const owner = { transactionalId: 'billing-1', producerId: 7n, state: ownerState };
      const byId = ownerState === undefined ? [] : [owner];
      const transactions = known(producerIds === undefined ? listed : byId);
      return [
        { nodeId: 1, address: 'a:1', transactions },
        ...(silent === undefined ? [] : [{ nodeId: 2, address: 'b:1', transactions: silent }]),
      ];
    },
    async describeTransactions(_: string, ids: readonly string[]) {
      const refused = unknownPart(mayDescribe ? 'TRANSACTIONAL_ID_NOT_FOUND' : notPermitted);
      return new Map(
        ids.map((id) => {
          const found = open.find(({ transactionalId }) => transactionalId === id);
          return [id, found === undefined ? refused : known(found)];
        }),
      );
    },
    quorum: async () => ({
      leaderId: 9,
      voters: [{ nodeId: 9, lastFetchMs: cluster.controllerNow ?? controllerNowMs }],
    }),
    committed: async () => new Map([['billing', known(new Map([['orders', new Map([[0, known(38n)]])]]))]]),
  };
  const roles = { topics: {}, groups: { billing: { groupId: 'billing', topic: 'orders' } } };
  return { kafka, profile: 'own', roles } as unknown as Target;
}

const read = (cluster: Cluster) =>
  kafkaTransactions.read(targetWith(cluster), {
    signal: new AbortController().signal,
    previous: undefined,
    nowMs: 123,
  });

test('one that its coordinator knows is open, not hanging; young, it is no finding', async () => {
  const value = await read({ described: [described] });
  expect(value).toMatchObject({
    hanging: [],
    unsure: [],
    open: [{ openForMs: known(4_000), holds: [{ topic: 'orders' }] }],
  });
  expect(value.held[0]?.groups).toMatchObject(known([{ groupId: 'billing', waits: known(10n) }]));
  expect(kafkaTransactions.judge(value)).toEqual([]);
});

test('open for long it is a finding, past its timeout a worse one', async () => {
  const old = await read({ described: [{ ...described, startMs: controllerNowMs - 15_000 }] });
  expect(kafkaTransactions.judge(old)).toMatchObject([{ key: 'transactions.open.7', severity: 'warning' }]);
  const late = await read({ described: [{ ...described, startMs: controllerNowMs - 95_000 }] });
  expect(kafkaTransactions.judge(late)).toMatchObject([{ severity: 'critical' }]);
});

test('one without records harms nobody, however old', async () => {
  const value = await read({ described: [{ ...described, startMs: 0, topics: [] }], producers: [[]] });
  expect(kafkaTransactions.judge(value)).toEqual([]);
});

test('a coordinator whose clock is ahead makes the age unknown, never less than nothing', async () => {
  const value = await read({ described: [described], controllerNow: controllerNowMs - 60_000 });
  expect(value.open[0]?.openForMs).toEqual(unknownPart('clock skew'));
  expect(kafkaTransactions.judge(value)).toEqual([]);
});

test('one that no coordinator knows hangs', async () => {
  const value = await read({ ownerState: 'Empty' });
  expect(value.hanging).toMatchObject([
    { producerId: 7n, startOffset: 40n, records: 10n, transactionalId: 'billing-1', coordinatorState: 'Empty' },
  ]);
  expect(kafkaTransactions.judge(value)).toMatchObject([{ key: 'transactions.hanging.7', severity: 'critical' }]);
});

test('one that its coordinator knows, in other partitions only, hangs', async () => {
  const value = await read({
    described: [{ ...described, topics: [{ topic: 'orders', partitions: [1] }] }],
    ownerState: 'Ongoing',
  });
  expect(value.hanging).toHaveLength(1);
});

test('one that ended while the coordinators were asked is nothing at all', async () => {
  const value = await read({ producers: [[producer], []] });
  expect(value).toMatchObject({ hanging: [], unsure: [] });
  const next = await read({ producers: [[producer], [{ ...producer, startOffset: 52n }]] });
  expect(next).toMatchObject({ hanging: [], unsure: [] });
});

test.each<[string, Cluster, string]>([
  [
    'a coordinator is silent',
    { silent: unknownPart('broker b:1 cannot be reached') },
    'coordinator 2: broker b:1 cannot be reached',
  ],
  ['transactions may not be described', { mayDescribe: false }, notPermitted],
  ['coordinators are being elected', { stateTopicLeader: -1 }, '1 partitions of __transaction_state have no leader'],
  ['its coordinator moves', { ownerState: 'Ongoing' }, 'its coordinator is just moving'],
])('%s: that it hangs cannot be said', async (_, cluster, reason) => {
  const value = await read(cluster);
  expect(value).toMatchObject({ hanging: [], unsure: [{ topic: 'orders', partition: 0, producerId: 7n, reason }] });
  expect(kafkaTransactions.judge(value)).toEqual([]);
});
