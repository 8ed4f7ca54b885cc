import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../infra/package-root.ts';
import { failpoints, numbers, outboxRelay } from './E-001-outbox-relay.ts';
import { planOf } from './harness/define.ts';

const document = readFileSync(join(packageRoot, outboxRelay.document), 'utf8');

describe('the document', () => {
  test('has the six headings, Korean first', () => {
    const headings = [...document.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      '1. 목적 Purpose',
      '2. 준비 Preparation',
      '3. 실행 단계 Steps',
      '4. 기대 결과(정량) Expected result',
      '5. 복구/정리 Recovery and clean-up',
      '6. 관측 포인트 What to observe',
    ]);
  });

  test('gives every constant of the code, with its value on the same line', () => {
    for (const [name, value] of Object.entries(numbers)) {
      const said = document.split('\n').filter((line) => new RegExp(`\\b${name}\\b`).test(line));
      const values = said.map((line) => figuresIn(line.includes('Max)') ? `${line} ${nextCells(line)}` : line));
      expect(said.length, `${name} is in the document`).toBeGreaterThan(0);
      for (const figures of values) expect(figures, `${name} where the document names it`).toContain(value);
    }
  });

  test('says no number in its tables that the code does not have', () => {
    const known = new Set<number>(Object.values(numbers));
    const cells = document
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .flatMap((line) => line.split('|').slice(-3))
      .filter((cell) => /\d/.test(cell));
    expect(cells.length).toBeGreaterThan(20);
    for (const figure of cells.flatMap(figuresIn)) expect(known, `${figure} in a table`).toContain(figure);
  });

  test('names every failpoint and arm', () => {
    for (const name of [...Object.values(failpoints), ...outboxRelay.arms.map((arm) => arm.name)]) {
      expect(document).toContain(name);
    }
  });
});

/** The column that says 0 stands in the rows below the constant's heading. */
function nextCells(heading: string): string {
  const lines = document.split('\n');
  return lines.slice(lines.indexOf(heading) + 2, lines.indexOf(heading) + 3).join(' ');
}

function figuresIn(text: string): readonly number[] {
  return [...text.matchAll(/(?<![\w-])\d[\d,]*(?![\w,])/g)].map(([figure]) => Number(figure.replaceAll(',', '')));
}

describe('the plan', () => {
  const size = { fast: true, token: 'abcdef', index: 1 };
  const killed = outboxRelay.arms.find(({ name }) => name === 'b-killed');
  const failpointsOf = (seed: number) => {
    if (killed === undefined) throw new Error('no arm b-killed');
    return planOf(killed, { ...size, seed }).services.map((spec) => spec.failpoints);
  };

  test('is decided by the seed alone', () => {
    expect(failpointsOf(7)).toEqual(failpointsOf(7));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => JSON.stringify(failpointsOf(seed)))).size).toBeGreaterThan(
      15,
    );
  });

  test('kills each carrier as often as said, at a pass that a fast run certainly reaches', () => {
    // With full batches a fast run passes each point at least this often; smaller batches only make it more.
    const passesMin = (2 * numbers.transfersFast) / numbers.batchSize;
    for (let seed = 0; seed < 200; seed++) {
      const [relay, projector, invalidator, reader] = failpointsOf(seed);
      expect(reader).toBeUndefined();
      for (const incarnations of [relay, projector, invalidator]) {
        expect(incarnations).toHaveLength(numbers.killsPerWorker);
        const passes = incarnations?.flatMap((plans) => plans.map(({ pass }) => pass)) ?? [];
        expect(passes.reduce((sum, pass) => sum + pass, 0)).toBeLessThan(passesMin);
      }
    }
  });

  test('runs with the numbers of the document', () => {
    const optionsOf = (index: number) => {
      const arm = outboxRelay.arms[index];
      if (arm === undefined) throw new Error(`no arm ${index}`);
      const { services, workload } = planOf(arm, { ...size, seed: 1 });
      return [...services, workload].map(({ worker, options }) => ({ worker, ...options }));
    };
    const { batchSize, transfersFast: count, accountsFast: accounts, readsPerSecondFast: readsPerSecond } = numbers;
    for (const [index, concurrency] of [
      numbers.writerConcurrency,
      numbers.writerConcurrency,
      numbers.steadyConcurrency,
    ].entries()) {
      const trace = index === 2;
      expect(optionsOf(index)).toMatchObject([
        { worker: 'outbox-relay', batchSize, trace },
        { worker: 'balance-projector', batchSize, trace },
        { worker: 'cache-invalidator', batchSize, trace },
        { worker: 'balance-reader', readsPerSecond, accounts },
        { worker: 'transfer-writer', count, accounts, concurrency },
      ]);
    }
    expect(optionsOf(2).at(-1)).toMatchObject({ transfersPerSecond: numbers.steadyTransfersPerSecond });
    expect(optionsOf(0).at(-1)).not.toHaveProperty('transfersPerSecond');
  });

  test('is ten times as large in full size, with the same kills and the same rate', () => {
    for (const arm of outboxRelay.arms) {
      const fast = planOf(arm, { ...size, seed: 1 });
      const full = planOf(arm, { ...size, seed: 1, fast: false });
      expect(full.transfers).toBe(10 * fast.transfers);
      expect(full.accounts.count).toBe(10 * fast.accounts.count);
      expect(full.services.map((spec) => spec.failpoints)).toEqual(fast.services.map((spec) => spec.failpoints));
      expect(full.workload.options.transfersPerSecond).toBe(fast.workload.options.transfersPerSecond);
    }
  });
});
