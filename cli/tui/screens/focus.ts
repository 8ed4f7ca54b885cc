import type { Panel } from '../panels/panel.ts';

/** The panel that has the focus: the one chosen, or the first. */
export function focusedPanelId(chosen: string | undefined, panels: readonly Panel[]): string {
  return panels.some(({ id }) => id === chosen) && chosen !== undefined ? chosen : (panels[0]?.id ?? '');
}
