import { Diagnose } from './diagnose/diagnose.tsx';
import { diagnoseId, ownPanes } from './diagnose/own.ts';
import { evidencePanels } from './diagnose/panels.ts';
import { LagDlq } from './lag-dlq/lag-dlq.tsx';
import { lagDlqPanels } from './lag-dlq/panels.ts';
import { Overview } from './overview/overview.tsx';
import { overviewPanels } from './overview/panels.ts';
import type { Screen } from './screen.ts';

/** The screens of the console, in the order of their keys. */
export const screens: readonly Screen[] = [
  { id: 'overview', key: '0', title: { ko: '개요', en: 'Overview' }, panels: () => overviewPanels, Body: Overview },
  {
    id: 'lag-dlq',
    key: '3',
    title: { ko: '지연·DLQ·ISR·샤드', en: 'Lag·DLQ·ISR·Shards' },
    panels: () => lagDlqPanels,
    Body: LagDlq,
  },
  {
    id: diagnoseId,
    key: '4',
    title: { ko: '진단', en: 'Diagnose' },
    own: ownPanes,
    panels: evidencePanels,
    Body: Diagnose,
  },
];
