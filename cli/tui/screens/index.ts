import { LagDlq } from './lag-dlq/lag-dlq.tsx';
import { lagDlqPanels } from './lag-dlq/panels.ts';
import { Overview } from './overview/overview.tsx';
import { overviewPanels } from './overview/panels.ts';
import type { Screen } from './screen.ts';

/** The screens of the console, in the order of their keys. */
export const screens: readonly Screen[] = [
  { id: 'overview', key: '0', title: { ko: '개요', en: 'Overview' }, panels: overviewPanels, Body: Overview },
  { id: 'lag-dlq', key: '3', title: { ko: '지연·DLQ', en: 'Lag·DLQ' }, panels: lagDlqPanels, Body: LagDlq },
];
