import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { mount } from './testing/mount.tsx';
import { brokerDownTick, healthyTick, repeat, storeAfter } from './testing/ticks.ts';

test('scratch', async () => {
  const store = storeAfter(repeat(30, healthyTick));
  const console_ = await mount({ store, language: 'ko' });
  await console_.until('x', (text) => text.includes('mysql'));
  process.stdout.write(`${console_.text()}\n`);
  for (const row of console_.screen.rows()) expect(stringWidth(row)).toBe(80);
  await console_.close();
  const two = await mount({
    store: storeAfter([...repeat(40, healthyTick), ...repeat(14, brokerDownTick)]),
    size: { columns: 160, rows: 45 },
  });
  await two.until('x', (text) => text.includes('mysql'));
  process.stdout.write(`${two.text()}\n`);
  await two.close();
});
