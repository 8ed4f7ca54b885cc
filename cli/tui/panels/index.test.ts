import { expect, test } from 'vitest';
import { probes } from '../../../infra/probes/index.ts';
import { panels } from './index.ts';

test('each probe has a panel, and no two panels share an id', () => {
  const drawn = new Set<string>(panels.map(({ probeId }) => probeId));
  expect(probes.map(({ id }) => id).filter((id) => !drawn.has(id))).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
