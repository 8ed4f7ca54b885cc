import { say } from '../../../infra/text.ts';
import type { ShownFault } from '../store/state.ts';
import { strings } from '../strings.ts';
import { lasted } from '../ui/format.ts';
import { line } from '../ui/line.ts';
import { table } from '../ui/table.ts';
import { type DialogKind, moved } from './kind.ts';

/** `labctl fault list`, what is active of it, as of the moment it was asked for. */
export interface FaultsDialog {
  readonly kind: 'faults';
  readonly faults: readonly ShownFault[];
  readonly nowMs: number;
  readonly at: number;
}

export const faultsKind: DialogKind<FaultsDialog> = {
  typing: () => false,
  press(dialog, press) {
    if (['esc', 'q', 'enter'].includes(press.name)) return { close: true };
    if (press.name === 'ctrl-c') return { close: true, act: 'quit' };
    const at = moved(dialog.at, press, Math.max(0, dialog.faults.length - 1));
    return { dialog: at === undefined ? dialog : { ...dialog, at } };
  },
  view({ faults, nowMs, at }, { language, width }) {
    const rows = faults.map(({ id, kind, target, who, expiresAtMs }) => {
      const leftMs = expiresAtMs - nowMs;
      const left = leftMs > 0 ? lasted(leftMs) : strings.faultHealing;
      return [line(`${target} ${kind}`), line(id, 'muted'), line(who, 'muted'), line(say(left, language), 'warning')];
    });
    const columns = [{ grow: true, min: 16 }, { drop: 1 }, { drop: 2 }, { align: 'right' }] as const;
    return {
      title: 'labctl fault list',
      lines: faults.length === 0 ? [line(say(strings.noFaults, language), 'muted')] : table(rows, { width, columns }),
      hint: say(strings.faultsHint, language),
      at,
    };
  },
};
