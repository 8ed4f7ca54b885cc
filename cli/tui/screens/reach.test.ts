import { expect, test } from 'vitest';
import { diagnoses } from '../../../infra/diagnoses/index.ts';
import { probes } from '../../../infra/probes/index.ts';
import { panels } from '../panels/index.ts';
import { lagDlqPanels } from './lag-dlq/panels.ts';
import { overviewPanels } from './overview/panels.ts';

test('the panel of each probe is on a screen, or live evidence of a diagnosis', () => {
  const onScreens = [...overviewPanels, ...lagDlqPanels].map(({ probeId }) => probeId);
  const reached = new Set<string>([...onScreens, ...diagnoses.flatMap(({ probes: evidence }) => evidence)]);
  expect(probes.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
});

test('what a diagnosis shows as evidence can be drawn', () => {
  const drawn = new Set<string>(panels.map(({ probeId }) => probeId));
  for (const { id, probes: evidence } of diagnoses) {
    expect(evidence.length, id).toBeGreaterThan(0);
    expect(
      evidence.filter((probe) => !drawn.has(probe)),
      id,
    ).toEqual([]);
  }
});
