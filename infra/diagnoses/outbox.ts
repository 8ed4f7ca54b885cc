import { outboxBacklog } from '../probes/pipeline/outbox-backlog.ts';
import { notMapped, UnknownValue } from '../probes/reading.ts';
import type { Answer, Diagnosis } from './diagnosis.ts';
import { answerOf } from './outbox/answer.ts';
import { readOutbox } from './outbox/read.ts';
import { readValue } from './read-probe.ts';

/** What waits in the outbox and why: held keys, a relay that stands still, an order that was not kept. */
export const outbox: Diagnosis = {
  id: 'outbox',
  title: { ko: '아웃박스', en: 'Outbox' },
  question: {
    ko: '아웃박스에서 나가지 못하는 것이 있는가? 무엇이 붙잡고 있고, 순서는 지켜졌는가?',
    en: 'does anything not leave the outbox, what holds it back, and was the order kept?',
  },
  probes: ['outbox.backlog', 'workers.health'],
  narrowsBy: [],
  timeoutMs: 60_000,
  async ask(target, context): Promise<Answer> {
    if (target.roles.outbox === undefined) throw new UnknownValue(notMapped);
    const backlog = await readValue(outboxBacklog, target, context, { moving: false });
    return answerOf(backlog, await readOutbox(target, context));
  },
};
