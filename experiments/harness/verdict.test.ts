import { describe, expect, test } from 'vitest';
import { type ArmFacts, judgeArmFacts, judgeRun, worstCheck } from './verdict.ts';

test('the worst check wins, and nothing checked is unknown', () => {
  expect(worstCheck(['pass', 'pass'])).toBe('pass');
  expect(worstCheck(['pass', 'unknown'])).toBe('unknown');
  expect(worstCheck(['unknown', 'fail', 'pass'])).toBe('fail');
  expect(worstCheck([])).toBe('unknown');
});

describe('an arm', () => {
  const clean: ArmFacts = { expects: 'clean', anomalies: [], guards: ['pass', 'pass'], witnessed: true };
  const anomaly: ArmFacts = { expects: 'anomaly', anomalies: ['fail'], guards: ['pass'], witnessed: true };

  test.each<[string, ArmFacts, string]>([
    ['all guards pass and witnessed', clean, 'held'],
    ['a guard failed', { ...clean, guards: ['pass', 'fail'] }, 'breached'],
    ['a guard failed, and a witness is missing too', { ...clean, guards: ['fail'], witnessed: false }, 'breached'],
    ['a guard could not be judged', { ...clean, guards: ['pass', 'unknown'] }, 'unknown'],
    ['a witness is missing', { ...clean, witnessed: false }, 'unknown'],
    ['nothing was checked', { ...clean, guards: [] }, 'unknown'],
    ['the anomaly appeared', anomaly, 'reproduced'],
    ['the anomaly did not appear', { ...anomaly, anomalies: ['pass'] }, 'not-reproduced'],
    ['one of two anomalies did not appear', { ...anomaly, anomalies: ['fail', 'pass'] }, 'not-reproduced'],
    ['the anomaly appeared without its witness', { ...anomaly, witnessed: false }, 'unknown'],
    ['the anomaly could not be judged', { ...anomaly, anomalies: ['unknown'] }, 'unknown'],
    ['something else broke beside the anomaly', { ...anomaly, guards: ['fail'] }, 'breached'],
    ['no check is named as the anomaly', { ...anomaly, anomalies: [] }, 'unknown'],
  ])('%s', (_, facts, verdict) => {
    expect(judgeArmFacts(facts)).toBe(verdict);
  });
});

test('a run is as good as its worst arm', () => {
  const finished = { interrupted: false };
  expect(judgeRun(['held', 'reproduced'], finished)).toBe('pass');
  expect(judgeRun(['held', 'unknown'], finished)).toBe('unknown');
  expect(judgeRun(['unknown', 'breached'], finished)).toBe('fail');
  expect(judgeRun(['not-reproduced'], finished)).toBe('fail');
  expect(judgeRun([], finished)).toBe('unknown');
  expect(judgeRun(['held'], { interrupted: true })).toBe('interrupted');
});
