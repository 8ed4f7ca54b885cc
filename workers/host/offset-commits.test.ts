import { expect, test } from 'vitest';
import type { Clock } from '../../infra/clock.ts';
import { openOffsetCommits, type PartitionOffset } from './offset-commits.ts';

function committer(fails: () => boolean = () => false) {
  const sent: (readonly PartitionOffset[])[] = [];
  const failures: unknown[] = [];
  let tick = async (): Promise<void> => {};
  const clock: Pick<Clock, 'every'> = {
    every(_, action) {
      tick = async () => action();
      return () => {
        tick = async () => {};
      };
    },
  };
  const commits = openOffsetCommits(
    async (offsets) => {
      if (fails()) throw new Error('no coordinator');
      sent.push(offsets);
    },
    { clock: clock as Clock, onFailure: (error) => failures.push(error) },
  );
  return { commits, sent, failures, tick: () => tick() };
}

const partitions = (...numbers: number[]) => numbers.map((partition) => ({ topic: 'events', partition }));

test('one commit a tick for all partitions, with the latest offset of each; none when nothing is new', async () => {
  const { commits, sent, tick } = committer();
  commits.assigned(partitions(0, 1));
  commits.done({ topic: 'events', partition: 0, offset: '5' });
  commits.done({ topic: 'events', partition: 0, offset: '9' });
  commits.done({ topic: 'events', partition: 1, offset: '3' });
  await tick();
  await tick();
  expect(sent).toEqual([
    [
      { topic: 'events', partition: 0, offset: '9' },
      { topic: 'events', partition: 1, offset: '3' },
    ],
  ]);
});

test('a commit that failed goes again with the next one', async () => {
  let failing = true;
  const { commits, sent, failures, tick } = committer(() => failing);
  commits.assigned(partitions(0));
  commits.done({ topic: 'events', partition: 0, offset: '5' });
  await tick();
  expect([sent, failures.length]).toEqual([[], 1]);
  failing = false;
  await tick();
  expect(sent).toEqual([[{ topic: 'events', partition: 0, offset: '5' }]]);
});

test('after a rebalance, partitions of others are never committed', async () => {
  const { commits, sent, tick } = committer();
  commits.assigned(partitions(0, 1));
  commits.done({ topic: 'events', partition: 0, offset: '5' });
  commits.done({ topic: 'events', partition: 1, offset: '7' });
  commits.assigned(partitions(1, 2));
  commits.done({ topic: 'events', partition: 0, offset: '6' }); // a chunk that was still in hand
  await tick();
  expect(sent).toEqual([[{ topic: 'events', partition: 1, offset: '7' }]]);
});

test('stopping commits what is pending, and then no more', async () => {
  const { commits, sent, tick } = committer();
  commits.assigned(partitions(0));
  commits.done({ topic: 'events', partition: 0, offset: '5' });
  await commits.stop();
  commits.done({ topic: 'events', partition: 0, offset: '6' });
  await tick();
  expect(sent).toEqual([[{ topic: 'events', partition: 0, offset: '5' }]]);
});
