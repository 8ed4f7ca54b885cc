import { expect, test } from 'vitest';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { plantedCluster } from '../../testing/planted-kafka.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { widthOf } from '../../ui/line.ts';
import { clusterRows, clusterSummary } from './rows.ts';

const toneOf = (part: string) => (part === '3' ? 'critical' : 'ok');

test('who is there, who leads, who is behind; in 80 columns and in 160', () => {
  expect(texts(clusterRows(plantedCluster(), rowsContext({ toneOf })))).toEqual([
    'brokers 2/3 · controller 100 · epoch 4',
    expect.stringMatching(/^ {2}node +state +leads +replicas +metadata lag +address$/),
    expect.stringMatching(/^✓ controller 100 +active +- +- +0$/),
    expect.stringMatching(/^✓ kafka 1 +alive +32 +65 +0 +127\.0\.0\.1:19…$/),
    expect.stringMatching(/^✓ kafka 2 +alive/),
    expect.stringMatching(/^✗ kafka 3 +gone +0 +65 +310 behind for 9 s +-$/),
  ]);
  const wide = texts(clusterRows(plantedCluster(), rowsContext({ width: 156, language: 'ko', toneOf })));
  expect(wide[0]).toBe('브로커 2/3 · 컨트롤러 100 · 에포크 4');
  expect(wide[3]).toMatch(/4\.4\.0 +127\.0\.0\.1:19091$/);
  expect(wide[5]).toMatch(/^✗ kafka 3 +없음 .*310 9초 뒤처짐/);
});

test('no controller, and a quorum that nobody tells of', () => {
  const { quorum } = plantedCluster();
  const none = plantedCluster({ quorum: quorum.known ? known({ ...quorum.value, leaderId: undefined }) : quorum });
  expect(texts([clusterSummary(none, rowsContext())])).toEqual(['brokers 2/3 · no active controller']);
  const untold = texts(clusterRows(plantedCluster({ quorum: unknownPart('not permitted') }), rowsContext()));
  expect(untold.slice(0, 2)).toEqual(['brokers 2/3 · ? quorum unknown', '? not permitted']);
});

test.each([40, 60, 76, 156])('no line is wider than %i', (width) => {
  for (const language of ['ko', 'en'] as const)
    for (const row of clusterRows(plantedCluster(), rowsContext({ width, language })))
      expect(widthOf(row)).toBeLessThanOrEqual(width);
});
