import { describe, expect, test } from 'vitest';
import type { Press } from '../input/presses.ts';
import { keyTable } from '../keys.ts';
import { texts } from '../testing/rows-context.ts';
import { widthOf } from '../ui/line.ts';
import { type Dialog, pressIn, typingIn, viewOf } from './dialog.ts';
import { helpDialog } from './help.ts';
import type { DialogStep } from './kind.ts';
import { paletteDialog } from './palette.ts';
import type { ProofDialog } from './proof.ts';
import type { TraceDialog } from './trace.ts';

const letters = (text: string): readonly Press[] => [...text].map((letter) => ({ name: letter, text: letter }));
const named = (...names: readonly string[]): readonly Press[] => names.map((name) => ({ name }));

/** The last step of these presses; a dialog that closes must not get any more of them. */
function stepAfter(dialog: Dialog, presses: readonly Press[]): DialogStep<Dialog> {
  let step: DialogStep<Dialog> = { dialog };
  for (const press of presses) {
    if (!('dialog' in step)) throw new Error(`closed before ${press.name}`);
    step = pressIn(step.dialog, press, 'en');
  }
  return step;
}
const dialogAfter = (dialog: Dialog, presses: readonly Press[]): Dialog => {
  const step = stepAfter(dialog, presses);
  if ('dialog' in step) return step.dialog;
  throw new Error('closed');
};
const linesOf = (dialog: Dialog, language: 'ko' | 'en' = 'en') => texts(viewOf(dialog, { language, width: 72 }).lines);

describe('help', () => {
  test('lists every key, in both languages', () => {
    for (const language of ['ko', 'en'] as const) {
      const shown = linesOf(helpDialog, language).join('\n');
      for (const { key } of keyTable) expect(shown).toContain(key);
    }
  });

  test('/ searches as it is typed; letters are then no shortcuts', () => {
    const found = dialogAfter(helpDialog, [...named('/'), ...letters('quit')]);
    expect(typingIn(found)).toBe(true);
    expect(linesOf(found)[0]).toContain('Close the console');
  });

  test('esc clears the search first, then closes', () => {
    const searching = dialogAfter(helpDialog, [...named('/'), ...letters('q'), ...named('enter')]);
    expect(stepAfter(searching, named('esc'))).toEqual({ dialog: helpDialog });
    expect(stepAfter(helpDialog, named('esc'))).toEqual({ close: true });
  });
});

describe('the palette', () => {
  test.each([
    ['freeze', 'freeze'],
    ['멈춤', 'freeze'],
    ['ㅁㅊ', 'freeze'],
    ['뱌뎌', undefined],
    ['quit', 'quit'],
    ['종료', 'quit'],
    // `quit` typed with the Korean layout on
    ['벼ㅑㅅ', 'quit'],
  ])('%s and Enter does %s', (query, id) => {
    const step = stepAfter(paletteDialog, [...letters(query), ...named('enter')]);
    if (id === undefined) expect(step).toHaveProperty('dialog');
    else expect(step).toEqual({ close: true, act: id });
  });

  test('the selection stays within what was found', () => {
    const last = dialogAfter(paletteDialog, [...letters('copy'), ...named(...new Array<string>(40).fill('down'))]);
    expect(stepAfter(last, named('enter'))).toMatchObject({ close: true });
    expect(dialogAfter(paletteDialog, named('up'))).toEqual(paletteDialog);
  });

  test('backspace takes one letter, ctrl-u all of them', () => {
    expect(dialogAfter(paletteDialog, [...letters('도움'), ...named('backspace')])).toMatchObject({ query: '도' });
    expect(dialogAfter(paletteDialog, [...letters('도움'), ...named('ctrl-u')])).toMatchObject({ query: '' });
  });
});

describe('the proof', () => {
  const proof: ProofDialog = {
    kind: 'proof',
    panel: { ko: '아웃박스 적체', en: 'Outbox backlog' },
    probeId: 'outbox.backlog',
    takenAt: '14:03:22',
    selected: 0,
    commands: [
      { command: 'mysql -e "SELECT COUNT(*) FROM outbox_event"', shows: { ko: '대기 건수', en: 'rows that wait' } },
      {
        command: 'mysql -e "SELECT MIN(created_at) FROM outbox_event"',
        shows: { ko: '가장 오래된 것', en: 'the oldest' },
      },
    ],
  };

  test('says what was read when, and each command with what it shows', () => {
    const shown = linesOf(proof).join('\n');
    expect(shown).toContain('outbox.backlog, read at 14:03:22');
    expect(shown).toContain('rows that wait\n› mysql -e "SELECT COUNT(*)');
  });

  test('y copies the selected command', () => {
    expect(stepAfter(proof, named('down', 'y'))).toMatchObject({
      close: true,
      copy: { text: 'mysql -e "SELECT MIN(created_at) FROM outbox_event"' },
    });
  });

  test('while it asks, and when asking failed', () => {
    expect(linesOf({ ...proof, commands: 'asking' })).toContain('looking up the commands…');
    expect(linesOf({ ...proof, commands: { failed: 'no such probe' } })).toContain('no such probe');
  });
});

describe('the trace', () => {
  const trace: TraceDialog = {
    kind: 'trace',
    what: "tx-1:7'; rm",
    answer: ['tx-1:7', `  ✓ outbox ${'name=value '.repeat(12)}`, '✗ it stopped \u001b[31mhere'],
    at: 0,
  };

  test('goes on below itself, further in, without control sequences; y copies a command that a shell takes', () => {
    const lines = linesOf(trace);
    expect(lines[0]).toBe('tx-1:7');
    expect(lines[1]).toMatch(/^ {2}✓ outbox name=value/);
    expect(lines[2]).toMatch(/^ {6}name=value/);
    expect(lines.at(-1)).toBe('✗ it stopped here');
    expect(stepAfter(trace, named('y'))).toMatchObject({ copy: { text: "labctl trace 'tx-1:7'\\''; rm'" } });
  });

  test('scrolls, and closes', () => {
    const down = dialogAfter(trace, named('down', 'end'));
    expect(viewOf(down, { language: 'en', width: 72 }).at).toBe(linesOf(trace).length - 1);
    expect(stepAfter(trace, named('esc'))).toEqual({ close: true });
    expect(linesOf({ ...trace, answer: { failed: 'no stack runs' } })).toEqual(['no stack runs']);
  });
});

test('every dialog keeps to its width, however narrow, in both languages', () => {
  const dialogs: readonly Dialog[] = [
    helpDialog,
    paletteDialog,
    {
      kind: 'copy',
      panel: { ko: '워커', en: 'Workers' },
      selected: 0,
      choices: [{ letter: 'v', what: { ko: '보이는 값', en: 'what it shows' }, text: 'x '.repeat(200) }],
    },
    {
      kind: 'trace',
      what: 'x'.repeat(300),
      answer: ['x'.repeat(300), `${' '.repeat(40)}한글 ${'y '.repeat(90)}`],
      at: 1,
    },
  ];
  for (const dialog of dialogs)
    for (const width of [36, 56, 96])
      for (const language of ['ko', 'en'] as const)
        for (const row of viewOf(dialog, { language, width }).lines) expect(widthOf(row)).toBeLessThanOrEqual(width);
});
