import { expect, test } from 'vitest';
import { known, unknownPart } from '../reading.ts';
import { type ClusterQuorum, type KafkaCluster, kafkaCluster, type QuorumMember } from './cluster.ts';

const broker = (nodeId: number, alive = true) => ({
  nodeId,
  address: alive ? `kafka-${nodeId}:9092` : undefined,
  alive,
  replicas: 12,
  leads: alive ? 4 : 0,
  version: undefined,
});

const member = (nodeId: number, over: Partial<QuorumMember> = {}): QuorumMember => ({
  nodeId,
  role: 'voter',
  logEnd: 900n,
  lag: 0n,
  behindMs: known(0),
  ...over,
});

const quorum = (over: Partial<ClusterQuorum> = {}): ClusterQuorum => ({
  leaderId: 100,
  epoch: 3,
  highWatermark: 900n,
  replicas: [member(100, { role: 'leader' }), member(101), member(1, { role: 'observer' })],
  ...over,
});

const cluster = (over: Partial<KafkaCluster> = {}): KafkaCluster => ({
  clusterId: 'c',
  brokers: [broker(1), broker(2)],
  quorum: known(quorum()),
  ...over,
});

const keysOf = (value: KafkaCluster) => kafkaCluster.judge(value).map(({ key }) => key);

test('silent when all are there, and when the quorum may not be read', () => {
  expect(keysOf(cluster())).toEqual([]);
  expect(keysOf(cluster({ quorum: unknownPart('not permitted') }))).toEqual([]);
});

test('a broker that partitions count on and that is not there', () => {
  const value = cluster({ brokers: [broker(1), broker(2, false)] });
  expect(keysOf(value)).toEqual(['cluster.broker.2']);
  expect(kafkaCluster.judge(value)[0]?.text.en).toBe('broker 2 is not in the cluster; 12 replicas are placed on it');
});

test('no active controller', () => {
  expect(keysOf(cluster({ quorum: known(quorum({ leaderId: undefined })) }))).toEqual(['cluster.controller']);
});

test('a voter that has stood behind for long; not one that is a fetch behind, and no observer', () => {
  const behind = { lag: 40n, behindMs: known(12_000) };
  const replicas = [member(100, { role: 'leader' }), member(101, behind), member(1, { role: 'observer', ...behind })];
  expect(keysOf(cluster({ quorum: known(quorum({ replicas })) }))).toEqual(['cluster.voter.101']);
  const moment = [member(100, { role: 'leader' }), member(101, { lag: 2n, behindMs: known(300) })];
  expect(keysOf(cluster({ quorum: known(quorum({ replicas: moment })) }))).toEqual([]);
});
