import { dlqGroups } from '../probes/dlq/groups.ts';
import type { Answer, Diagnosis, DiagnosisFinding } from './diagnosis.ts';
import { readValue } from './read-probe.ts';

/** What died, of what, and whether it still dies. */
export const dlq: Diagnosis = {
  id: 'dlq',
  title: { ko: '데드 레터', en: 'Dead letters' },
  question: { ko: '무엇이 왜 DLQ로 갔고, 지금도 가고 있는가?', en: 'what went to the DLQ, why, and does it still?' },
  probes: ['dlq.groups'],
  narrowsBy: [],
  timeoutMs: 15_000,
  async ask(target, context): Promise<Answer> {
    const value = await readValue(dlqGroups, target, context);
    const findings = value.groups.map(
      (group): DiagnosisFinding => ({
        key: `dlq.${group.fingerprint}`,
        kind: group.class,
        severity: group.perMinute.now > 0 ? 'critical' : 'warning',
        text: {
          ko: `${group.class} · ${group.exception}: ${group.rows}건, 최근 1분 ${group.perMinute.now}건 (예: ${group.newestMessage})`,
          en: `${group.class} · ${group.exception}: ${group.rows} rows, ${group.perMinute.now} in the last minute (such as: ${group.newestMessage})`,
        },
        evidence: [
          {
            fingerprint: group.fingerprint,
            newest_id: String(group.newestId),
            rows: group.rows,
            copies: String(group.copies),
            event_type: group.eventType,
          },
        ],
      }),
    );
    return {
      status: findings.length > 0 ? 'finding' : 'clean',
      counts: { deadLetters: value.deadLetters.rows, groups: value.groups.length, lastMinute: value.lastMinute },
      findings,
      explanation: {
        ko: `DLQ 색인의 행을 원인별로 묶었습니다: ${value.deadLetters.rows}건, ${value.groups.length}가지 원인`,
        en: `the rows of the DLQ's index by what they died of: ${value.deadLetters.rows} ${value.deadLetters.rows === 1 ? 'row' : 'rows'}, ${value.groups.length} ${value.groups.length === 1 ? 'cause' : 'causes'}`,
      },
      next: findings.slice(0, 1).map(() => ({
        text: { ko: '하나를 통째로 보기', en: 'look at one of them whole' },
        command: `labctl dlq show ${value.groups[0]?.newestId}`,
      })),
    };
  },
};
