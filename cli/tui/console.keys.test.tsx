import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { expectWhole, losesSight, open, sees } from './testing/opened.ts';
import { brokerDownTick, plantedAtMs } from './testing/ticks.ts';

describe('dialogs', () => {
  test('help opens, searches and closes; esc does not quit', async () => {
    const mounted = await open();
    mounted.type('?');
    await sees(mounted, 'Focus the previous panel');
    expect(mounted.screen.overflows).toBe(0);
    mounted.type('/');
    await sees(mounted, 'Enter keep');
    mounted.type('suspend');
    await sees(mounted, '/ suspend');
    await losesSight(mounted, 'Focus the previous panel');
    for (const _ of [1, 2, 3, 4]) mounted.type('\u001b');
    await losesSight(mounted, '┏━ Help');
    expect(mounted.screen.alternate).toBe(true);
  });

  test('with the Korean layout on they are the same keys', async () => {
    const mounted = await open({ language: 'ko' });
    await sees(mounted, '엔진');
    mounted.type('ㅔ');
    await sees(mounted, '검증 · 엔진');
    mounted.type('ㅂ');
    await losesSight(mounted, '검증 · 엔진');
    mounted.type('ㅂ');
    await mounted.closed;
  });

  test('the palette finds commands by either name, with the cursor where typing goes', async () => {
    const mounted = await open({ language: 'ko' });
    await sees(mounted, '엔진');
    mounted.type(':');
    await sees(mounted, '┏━ 명령');
    expect(mounted.screen.cursorShown).toBe(true);
    mounted.type('한국');
    await sees(mounted, ': 한국');
    const { row, column } = mounted.screen.cursor;
    const before = (mounted.screen.rows()[row] ?? '').split('한국')[0] ?? '';
    expect(column).toBe(stringWidth(before) + 4);
    mounted.type('\r');
    await sees(mounted, 'English');
    mounted.type('\u001b');
    mounted.type('\u001b');
    mounted.type('\u001b');
    await losesSight(mounted, '┏━ 명령');
    await mounted.until('the cursor hidden again', () => !mounted.screen.cursorShown);
  });
});

describe('chunks of input', () => {
  test('a key that opens something keeps the rest of its chunk from acting in it', async () => {
    const mounted = await open();
    await sees(mounted, 'Engines');
    mounted.type(':quit\r');
    await sees(mounted, ': quit');
    expect(mounted.screen.alternate).toBe(true);
    mounted.type('\r');
    await mounted.closed;
  });

  test('pasted text is typed into a field and does nothing elsewhere', async () => {
    const mounted = await open();
    await sees(mounted, 'Engines');
    mounted.type('\u001b[200~q\r\u001b[201~');
    mounted.type(':');
    await sees(mounted, '┏━ Commands');
    mounted.type('\u001b[200~free\rze\u001b[201~');
    await sees(mounted, ': free ze');
  });
});

describe('looking', () => {
  test('Tab moves the focus, + enlarges, the message line names the command', async () => {
    const mounted = await open();
    await sees(mounted, 'labctl get stack.health');
    mounted.type('\t\t\t');
    await sees(mounted, 'labctl get kafka.group-lag');
    mounted.type('+');
    await sees(mounted, 'labctl ▸ Overview ▸ Consumer lag');
    await sees(mounted, 'committed');
    expectWhole(mounted);
    mounted.type('\u001b');
    await losesSight(mounted, 'committed');
  });

  test('Space freezes what is shown and says so; collecting goes on', async () => {
    const mounted = await open();
    await sees(mounted, 'All well');
    mounted.type(' ');
    await sees(mounted, 'FROZEN');
    mounted.store.commit(brokerDownTick(plantedAtMs));
    await sees(mounted, 'kafka 2/3');
    expect(mounted.text()).toContain('All well');
    mounted.type(' ');
    await sees(mounted, '2 problems');
  });

  test('L changes the language, there and back', async () => {
    const mounted = await open();
    await sees(mounted, 'Engines');
    mounted.type('L');
    await sees(mounted, '엔진');
    mounted.type('L');
    await sees(mounted, 'Engines');
  });
});

describe('taking away', () => {
  test('p shows the native commands, y copies one, through the terminal and into a file', async () => {
    const file = join(tmpdir(), `labctl-console-test-${process.pid}`);
    const command = 'kafka-consumer-groups --describe';
    const mounted = await open({
      copyFile: file,
      prove: async (probeId) => [{ command, shows: { ko: probeId, en: `the numbers of ${probeId}` } }],
    });
    await sees(mounted, 'Engines');
    mounted.type('p');
    await sees(mounted, 'the numbers of stack.health');
    mounted.type('y');
    await sees(mounted, 'Copied the command');
    expect(mounted.screen.commands).toEqual([`52;c;${Buffer.from(command).toString('base64')}`]);
    expect(await readFile(file, 'utf8')).toBe(`${command}\n`);
    await rm(file);
  });

  test('y offers the text, the JSON and the command line; money and offsets survive JSON', async () => {
    const mounted = await open();
    await sees(mounted, 'Engines');
    mounted.type('\t\t\t');
    await sees(mounted, 'labctl get kafka.group-lag');
    mounted.type('y');
    await sees(mounted, 'command line');
    mounted.type('j');
    await sees(mounted, 'Copied JSON');
    const [, , payload = ''] = mounted.screen.commands[0]?.split(';') ?? [];
    const reading: unknown = JSON.parse(Buffer.from(payload, 'base64').toString());
    expect(reading).toMatchObject({ status: 'ok', value: { groups: [{ lag: { atLeast: '4' } }, {}] } });
  });

  test('a copied command line means the stack that is shown', async () => {
    const mounted = await open({ profile: 'shop', commandOptions: '--profile shop' });
    await sees(mounted, 'Engines');
    mounted.type('y');
    await sees(mounted, 'command line');
    mounted.type('c');
    await sees(mounted, 'Copied command line');
    const [, , payload = ''] = mounted.screen.commands[0]?.split(';') ?? [];
    expect(Buffer.from(payload, 'base64').toString()).toBe('labctl get stack.health --profile shop');
  });

  test('a copy that cannot be written is said, and stays until dismissed', async () => {
    const mounted = await open({ copyFile: '/dev/null/nowhere' });
    await sees(mounted, 'Engines');
    mounted.type('y');
    await sees(mounted, 'command line');
    mounted.type('c');
    await sees(mounted, 'Could not write the copy file');
    mounted.type('x');
    await losesSight(mounted, 'Could not write');
  });
});
