import { expect, test } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import { createFailpoint } from './failpoints.ts';

function planned(plans: { name: string; pass: number }[]) {
  const journal: JournalEntry[] = [];
  let kills = 0;
  const failpoint = createFailpoint(plans, {
    journal: { append: (entry) => void journal.push(entry), close() {} },
    clock: systemClock,
    kill: () => {
      kills += 1;
    },
  });
  return { failpoint, journal, kills: () => kills };
}

test('fires on the planned pass of the planned point, journalled before the kill', () => {
  const { failpoint, journal, kills } = planned([{ name: 'relay.after-ack', pass: 2 }]);
  failpoint('relay.after-ack');
  failpoint('relay.after-claim');
  failpoint('relay.after-claim');
  expect(kills()).toBe(0);
  failpoint('relay.after-ack');
  expect(kills()).toBe(1);
  expect(journal).toMatchObject([{ kind: 'failpoint', name: 'relay.after-ack', pass: 2 }]);
});

test('never fires without a plan', () => {
  const { failpoint, kills } = planned([]);
  for (let pass = 0; pass < 100; pass++) failpoint('relay.after-ack');
  expect(kills()).toBe(0);
});
