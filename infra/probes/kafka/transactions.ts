import { kafkaCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { judgeTransactions } from './transactions-findings.ts';
import { type HeldPartition, readHeld } from './transactions-held.ts';
import { type HangingTransaction, type OpenTransaction, readCoordinators, sortOut } from './transactions-read.ts';

export interface KafkaTransactions {
  /** Partitions looked at, and those of which nobody told whether a transaction is open. */
  readonly partitions: {
    readonly checked: number;
    readonly unknown: readonly { readonly where: string; readonly reason: string }[];
  };
  /** Where an open transaction keeps records from those who read committed, the most records first. */
  readonly held: readonly HeldPartition[];
  /** As their coordinators know them, the oldest first. In the lab only those that touch its topics. */
  readonly open: readonly OpenTransaction[];
  /** Open in a partition, and no coordinator will ever end them. */
  readonly hanging: readonly HangingTransaction[];
  /** Open in a partition, no coordinator that answered knows of them, and not all could be asked. */
  readonly unsure: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly producerId: bigint;
    readonly reason: string;
  }[];
  /** Coordinators that did not tell: their transactions are missing from `open`. */
  readonly silent: readonly { readonly nodeId: number; readonly reason: string }[];
}

export const kafkaTransactions: Probe<KafkaTransactions> = {
  id: 'kafka.transactions',
  title: { ko: 'Kafka 트랜잭션', en: 'Kafka transactions' },
  cost: 'slow',
  timeoutMs: 12_000,
  async read(target) {
    const { held, checked, unknown } = await readHeld(target);
    // Partitions first, coordinators after: what is open in a partition was made known to its coordinator before.
    const coordinators = await readCoordinators(target, held);
    const { hanging, unsure } = await sortOut(target, held, coordinators);
    return {
      partitions: { checked, unknown },
      held,
      open: coordinators.open,
      hanging,
      unsure,
      silent: coordinators.silent,
    };
  },
  judge: judgeTransactions,
  numbers({ held, open, hanging, silent }) {
    return {
      held: held.length,
      ...(silent.length === 0 ? { open: open.length } : {}),
      hanging: hanging.length,
    };
  },
  rows({ open, hanging, unsure, silent, held }) {
    const places = (partitions: readonly { readonly topic: string; readonly partition: number }[]): string =>
      partitions.map(({ topic, partition }) => `${topic}/${partition}`).join(' ');
    return [
      ['TRANSACTIONAL ID', 'STATE', 'PRODUCER', 'EPOCH', 'OPEN S', 'TIMEOUT S', 'PARTITIONS'],
      ...hanging.map((one) => [
        one.transactionalId ?? '-',
        'hanging',
        String(one.producerId),
        String(one.producerEpoch),
        '-',
        '-',
        `${one.topic}/${one.partition} from ${one.startOffset}`,
      ]),
      ...open.map((one) => [
        one.transactionalId,
        one.state,
        String(one.producerId),
        String(one.producerEpoch),
        one.openForMs.known ? (one.openForMs.value / 1000).toFixed(1) : `? ${one.openForMs.reason}`,
        (one.timeoutMs / 1000).toFixed(0),
        places(one.partitions),
      ]),
      ...unsure.map(({ topic, partition, producerId, reason }) => [
        '?',
        `? ${reason}`,
        String(producerId),
        '?',
        '?',
        '?',
        `${topic}/${partition}`,
      ]),
      ...silent.map(({ nodeId, reason }) => ['?', `? coordinator ${nodeId}: ${reason}`, '?', '?', '?', '?', '?']),
      ...held.map(({ topic, partition, lastStable, highWatermark }) => [
        '-',
        `LSO ${lastStable} HW ${highWatermark}`,
        '-',
        '-',
        '-',
        '-',
        `${topic}/${partition}`,
      ]),
    ];
  },
  verifyWith(target, about) {
    if (target.endpoints.kafka === undefined) return [];
    const command = (options: string): string => kafkaCommand(target, 'kafka-transactions', options);
    const open = about?.value?.open[0];
    const held = about?.value?.held[0];
    return [
      {
        command: command('list'),
        shows: { ko: 'TransactionState가 Ongoing인 것', en: 'those whose TransactionState is Ongoing' },
      },
      ...(open === undefined
        ? []
        : [
            {
              command: command(`describe --transactional-id '${open.transactionalId.replaceAll("'", `'\\''`)}'`),
              shows: { ko: '상태, 시작 시각, 파티션', en: 'its state, when it began, its partitions' },
            },
          ]),
      ...(held === undefined
        ? []
        : [
            {
              command: command(`describe-producers --topic ${held.topic} --partition ${held.partition}`),
              shows: { ko: 'CurrentTransactionStartOffset', en: 'CurrentTransactionStartOffset' },
            },
          ]),
      ...(about?.value === undefined
        ? []
        : [...new Set(about.value.hanging.map(({ leader }) => leader))].map((leader) => ({
            command: command(`find-hanging --broker-id ${leader} --max-transaction-timeout 0`),
            shows: { ko: '멈춘 트랜잭션의 토픽, 파티션, 프로듀서', en: 'topic, partition and producer of what hangs' },
          }))),
    ];
  },
};
