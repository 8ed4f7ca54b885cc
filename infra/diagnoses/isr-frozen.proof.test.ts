import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../clock.ts';
import { createNativeStack } from '../stack/native/native-stack.ts';
import { labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { isr } from './isr.ts';
import { diagnose } from './run.ts';

const stack = createNativeStack(inject('config'));
const victim = { node: 'kafka-2', nodeId: 2 } as const;

afterAll(() => stack.resume(victim.node));

test('a frozen broker: its connections stand, it answers nothing, and exactly its replicas are missed', async () => {
  const endpoints = inject('endpoints');
  const { name, topics } = await freshScope(endpoints);
  const lab = labTarget(endpoints, name);
  onTestFinished(() => lab.close());
  const target = { ...lab, roles: { ...lab.roles, topics: { events: topics.events }, groups: {} } };
  const asked = () => diagnose({ diagnosis: isr, target });
  await waitFor('a clean start', async () => (await asked()).status === 'clean', { timeoutMs: 30_000 });
  await stack.pause(victim.node);
  const found = await waitFor(
    'the others to give it up',
    async () => {
      const answer = await asked();
      // Until then nobody says that anything is lost.
      expect(answer.counts.leaderless ?? 0).toBe(0);
      return answer.counts['under-replicated'] === 6 ? answer : undefined;
    },
    { timeoutMs: 90_000, intervalMs: 250 },
  );
  expect(found.status).toBe('finding');
  expect(found.findings.map(({ key }) => key).sort()).toEqual(
    [0, 1, 2, 3, 4, 5].map((partition) => `isr.under-replicated.${topics.events}/${partition}`),
  );
  for (const { evidence } of found.findings) expect(evidence).toMatchObject([{ out_of_isr: String(victim.nodeId) }]);
  await stack.resume(victim.node);
  await waitFor('its way back', async () => (await asked()).status === 'clean', { timeoutMs: 90_000, intervalMs: 250 });
});
