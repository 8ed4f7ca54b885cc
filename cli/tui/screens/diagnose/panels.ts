import { panels } from '../../panels/index.ts';
import type { Panel } from '../../panels/panel.ts';
import { chosenOf } from '../../store/diagnoses.ts';
import type { ConsoleState } from '../../store/state.ts';

/** The live evidence beside the chosen diagnosis: the panels of its probes. */
export function evidencePanels({ diagnoses }: Pick<ConsoleState, 'diagnoses'>): readonly Panel[] {
  const probes = chosenOf(diagnoses)?.probes ?? [];
  return probes.flatMap((id) => panels.find(({ probeId }) => probeId === id) ?? []);
}
