import { expect, test } from 'vitest';
import { TimeoutError } from '../errors.ts';
import { Turns } from './turns.ts';

test('as many as there are turns, then one after the other as they came', async () => {
  const turns = new Turns(2);
  const order: number[] = [];
  const coming = [1, 2, 3, 4].map((number) => turns.take('a turn', 5_000).then(() => order.push(number)));
  await Promise.all(coming.slice(0, 2));
  expect(order).toEqual([1, 2]);
  turns.pass();
  await coming[2];
  expect(order).toEqual([1, 2, 3]);
  turns.pass();
  await coming[3];
  expect(order).toEqual([1, 2, 3, 4]);
});

test('who went away keeps nobody waiting, and no turn is lost', async () => {
  const turns = new Turns(1);
  await turns.take('a turn', 5_000);
  await expect(turns.take('a turn', 5)).rejects.toThrow(TimeoutError);
  const patient = turns.take('a turn', 5_000);
  turns.pass();
  await patient;
  const sentAway = turns.take('a turn', 5_000);
  turns.refuse(new Error('closed'));
  await expect(sentAway).rejects.toThrow('closed');
  turns.pass();
  await turns.take('a turn', 5);
});
