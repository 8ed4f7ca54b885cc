import { Overview } from './overview/overview.tsx';
import { overviewPanels } from './overview/panels.ts';
import type { Screen } from './screen.ts';

/** The screens of the console, in the order of their keys. */
export const screens: readonly Screen[] = [
  { id: 'overview', key: '0', title: { ko: '개요', en: 'Overview' }, panels: overviewPanels, Body: Overview },
];
