import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { known } from '../../infra/probes/reading.ts';
import type { Ask } from './asking.ts';
import { diagnosing, never } from './testing/diagnosing.ts';
import { expectWhole, losesSight, open, sees } from './testing/opened.ts';
import { lagOfGroups, plantedGroup } from './testing/planted.ts';
import { plantedAnswer, plantedDiagnoses } from './testing/planted-diagnoses.ts';
import { deadLettersTick, healthyTick, plantedAtMs, read, repeat, storeAfter } from './testing/ticks.ts';

describe('asking', () => {
  test('Enter asks the chosen one, Esc calls it off and keeps what was known', async () => {
    const asked: string[] = [];
    const ended: string[] = [];
    const ask: Ask = (id, { signal }) => {
      asked.push(id);
      signal.addEventListener('abort', () => ended.push(id));
      return never(id, { subject: {}, signal, onProgress: () => {} });
    };
    const mounted = await diagnosing({ ask });
    await sees(mounted, 'not asked yet');
    mounted.type('j\r');
    await sees(mounted, 'Esc calls it off');
    mounted.type('j\r');
    mounted.type('j\r');
    await sees(mounted, 'waits for its turn');
    expect(asked).toEqual(['loss', 'projection']);
    mounted.type('k');
    await sees(mounted, 'labctl diagnose projection');
    mounted.type('\u001b');
    await mounted.until('the next in turn', () => asked.length === 3);
    expect(asked).toEqual(['loss', 'projection', 'cache']);
    expect(ended).toEqual(['projection']);
    mounted.type('q');
    await mounted.closed;
    expect(ended).toEqual(['projection', 'loss', 'cache']);
  });

  test('while it is asked the screen stays live and every key works', async () => {
    const mounted = await diagnosing({ ask: never });
    await sees(mounted, 'not asked yet');
    mounted.type('A');
    await sees(mounted, 'waits for its turn');
    mounted.type('3');
    await sees(mounted, '[3 Lag');
    mounted.store.commit(deadLettersTick(plantedAtMs));
    await sees(mounted, '48 new dead letters');
    mounted.type('4');
    await sees(mounted, 'waits for its turn');
  });
});

describe('a finding', () => {
  test('Enter on a finding shows where its event is; y copies the command', async () => {
    const traced: string[] = [];
    const answer = Promise.withResolvers<readonly string[]>();
    const trace = (what: string) => {
      traced.push(what);
      return answer.promise;
    };
    const mounted = await diagnosing({ trace });
    await sees(mounted, 'not asked yet');
    mounted.type('j\r');
    await sees(mounted, '3 findings');
    mounted.type('\t');
    mounted.type('j');
    await sees(mounted, 'Enter: labctl trace tx-2:7');
    mounted.type('\r');
    await sees(mounted, 'looking for the event');
    expect(traced).toEqual(['tx-2:7']);
    answer.resolve(['ledger      row 8 committed', `outbox      SENT ${'word '.repeat(40)}end`]);
    await sees(mounted, 'row 8 committed');
    await sees(mounted, 'end');
    expect(mounted.screen.overflows).toBe(0);
    mounted.type('y');
    await sees(mounted, 'Copied command line');
    expect(mounted.screen.commands).toEqual([`52;c;${Buffer.from('labctl trace tx-2:7').toString('base64')}`]);
  });

  test('a trace that fails says why', async () => {
    const mounted = await diagnosing({
      trace: async () => {
        throw new Error('no event is called tx-1:7');
      },
    });
    await sees(mounted, 'not asked yet');
    mounted.type('j\r');
    await sees(mounted, '3 findings');
    mounted.type('\t');
    mounted.type('\r');
    await sees(mounted, 'no event is called tx-1:7');
    mounted.type('\u001b');
    await losesSight(mounted, 'no event is called');
  });

  test.each([
    ['c', 'labctl diagnose loss --key tx-1:7'],
    ['t', 'labctl trace tx-1:7'],
    ['v', /^tx-1:7 is in the ledger only\n {2}dedup_key=tx-1:7 /],
    ['j', /"dedup_key": "tx-1:7"/],
    ['m', /^### critical: tx-1:7 .*\n\nlost · effect journal [\s\S]*\| dedup_key \| account_id/],
  ])('y %s copies of a finding %j', async (letter, expected) => {
    const mounted = await diagnosing();
    await sees(mounted, 'not asked yet');
    mounted.type('j\r');
    await sees(mounted, '3 findings');
    mounted.type('\t');
    await sees(mounted, 'Enter: labctl trace');
    mounted.type('y');
    await sees(mounted, 'markdown');
    mounted.type(letter);
    await sees(mounted, 'Copied');
    const [, , payload = ''] = mounted.screen.commands[0]?.split(';') ?? [];
    const copied = Buffer.from(payload, 'base64').toString();
    if (typeof expected === 'string') expect(copied).toBe(expected);
    else expect(copied).toMatch(expected);
  });
});

describe('getting about', () => {
  test('the palette finds a diagnosis, opens the screen and asks it, in either layout', async () => {
    const asked: string[] = [];
    const ask: Ask = async (id) => {
      asked.push(id);
      return plantedAnswer(id);
    };
    const mounted = await diagnosing({ screen: '0', ask });
    await sees(mounted, 'Engines');
    mounted.type(':');
    await sees(mounted, '┏━ Commands');
    mounted.type('diagnose lag');
    await sees(mounted, ': diagnose lag');
    mounted.type('\r');
    await sees(mounted, 'labctl ▸ Diagnose ▸ Lag');
    await sees(mounted, '10,204 ledger rows');
    expect(asked).toEqual(['lag']);
    mounted.type('ㄲ');
    await mounted.until('all of them', () => asked.length === plantedDiagnoses.length + 1);
  });

  test('r elsewhere asks nothing, and says where', async () => {
    const mounted = await diagnosing({ screen: '0' });
    await sees(mounted, 'Engines');
    mounted.type('r');
    await sees(mounted, 'diagnoses are asked on screen 4');
  });

  test('Tab goes on to the live evidence; + enlarges the answer; the numbers there can be proved', async () => {
    const mounted = await diagnosing();
    await sees(mounted, 'not asked yet');
    mounted.type('j\r');
    await sees(mounted, '3 findings');
    mounted.type('\t+');
    await losesSight(mounted, 'Outbox backlog');
    expectWhole(mounted);
    mounted.type('\u001b');
    mounted.type('\t');
    await sees(mounted, 'labctl get outbox.backlog');
    await sees(mounted, '┏━ ✓ Outbox backlog');
    expectWhole(mounted);
  });
});

test('in a row of dead letters Enter traces the newest of its kind; the cursor follows the kind', async () => {
  const traced: string[] = [];
  const trace = async (what: string) => {
    traced.push(what);
    return ['it waits on retry.1m'];
  };
  const store = storeAfter(repeat(3, deadLettersTick));
  const mounted = await open({ store, screen: '3', size: { columns: 160, rows: 45 }, trace });
  await sees(mounted, 'DecodeError');
  // In trouble, it has the focus without being chosen.
  await sees(mounted, 'labctl get dlq.groups');
  await mounted.until('the cursor', (shown) => /┃› {2}\S|┃›! /.test(shown));
  mounted.type('j');
  mounted.type('\r');
  await sees(mounted, 'it waits on retry.1m');
  expect(traced).toEqual([expect.stringMatching(/^tx-\d+:7$/)]);
  for (const row of mounted.screen.rows()) expect(stringWidth(row)).toBe(160);
});

test.each([
  ['en', 'Consumer lag'],
  ['ko', '컨슈머 지연'],
] as const)(
  'in a row of lag Enter traces what waits first; the cursor stays while offsets move (%s)',
  async (language, title) => {
    const traced: string[] = [];
    const trace = async (what: string) => {
      traced.push(what);
      return ['waiting for its consumer'];
    };
    const store = storeAfter(repeat(3, healthyTick));
    const mounted = await open({ store, screen: '3', size: { columns: 160, rows: 45 }, trace, language });
    await sees(mounted, title);
    for (let presses = 0; presses < 12 && !mounted.text().includes('labctl get kafka.group-lag'); presses++) {
      const before = mounted.text();
      mounted.type('\t');
      await mounted.until('the next panel', (shown) => shown !== before);
    }
    await mounted.until('the cursor', (shown) => /┃›✓ projector/.test(shown));
    mounted.type('j');
    await mounted.until('the cursor below', (shown) => /┃›✓ invalidator/.test(shown));
    const moved = plantedGroup('invalidator', [known(0n), known(40n)]);
    const lag = lagOfGroups([plantedGroup('projector', [known(7n)]), moved]);
    store.commit({ atMs: plantedAtMs + 1_000, samples: [read('kafka.group-lag', lag, plantedAtMs + 1_000)] });
    await mounted.until('the new lag', (shown) => /┃›✓ invalidator +40/.test(shown));
    mounted.type('y');
    await sees(mounted, 'labctl trace account.balance.v1/1/1000');
    mounted.type('t');
    const copied = Buffer.from('labctl trace account.balance.v1/1/1000').toString('base64');
    await mounted.until('the copy', () => mounted.screen.commands.includes(`52;c;${copied}`));
    mounted.type('\r');
    await sees(mounted, 'waiting for its consumer');
    expect(traced).toEqual(['account.balance.v1/1/1000']);
    for (const row of mounted.screen.rows()) expect(stringWidth(row)).toBe(160);
  },
);
