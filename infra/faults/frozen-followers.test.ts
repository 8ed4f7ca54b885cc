import { expect, test } from 'vitest';
import type { TopicMetadata } from '../kafka/wire/metadata.ts';
import { leaderOf } from './frozen-followers.ts';

const topicLedBy = (...leaders: readonly number[]): TopicMetadata => ({
  errorCode: 0,
  topic: 'account.balance.v1',
  partitions: leaders.map((leader, partition) => ({
    ...{ errorCode: leader < 0 ? 5 : 0, partition, leader },
    ...{ replicas: [1, 2, 3], isr: [1, 2, 3], offline: [] },
  })),
});

test('who stays: the leader of the partition, or of most of them, the lower id where two lead as many', () => {
  expect(leaderOf(topicLedBy(1, 2, 3), 1)).toBe(2);
  expect(leaderOf(topicLedBy(1, 2, 2, 3))).toBe(2);
  expect(leaderOf(topicLedBy(3, 1, 3, 1))).toBe(1);
});

test('a partition without leader counts for nobody', () => {
  expect(leaderOf(topicLedBy(-1, -1, 3))).toBe(3);
  expect(leaderOf(topicLedBy(-1, 2), 0)).toBeUndefined();
  expect(leaderOf(topicLedBy(1, 2), 9)).toBeUndefined();
  expect(leaderOf(topicLedBy())).toBeUndefined();
});
