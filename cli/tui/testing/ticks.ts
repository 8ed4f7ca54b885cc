import { dlqGroups } from '../../../infra/probes/dlq/groups.ts';
import type { ProbeId, ProbeValue } from '../../../infra/probes/index.ts';
import type { Finding } from '../../../infra/probes/probe.ts';
import type { Reading } from '../../../infra/probes/reading.ts';
import { createProbeStore, type ProbeStore, type Sample, type Tick } from '../../../infra/probes/store.ts';
import {
  lagWithoutLeaders,
  plantedFreshness,
  plantedLag,
  plantedOutbox,
  plantedStack,
  plantedWorkers,
} from './planted.ts';
import { plantedDlq, plantedDlqOfTwenty } from './planted-dlq.ts';

/** Ticks of a planted lab, committed into a real probe store. */

/** 2026-11-24, 14:03:22 in Seoul. */
export const plantedAtMs = Date.UTC(2026, 10, 24, 5, 3, 22);

interface Seen {
  readonly findings?: readonly Finding[];
  readonly numbers?: Readonly<Record<string, number>>;
}

export function read<Id extends ProbeId>(probeId: Id, value: ProbeValue<Id>, atMs: number, seen: Seen = {}): Sample {
  const reading: Reading<ProbeValue<Id>> = { status: 'ok', value, takenAtMs: atMs };
  return { probeId, reading, findings: seen.findings ?? [], numbers: seen.numbers ?? {} };
}

export function unread<Id extends ProbeId>(
  probeId: Id,
  reading: Omit<Extract<Reading<ProbeValue<Id>>, { status: 'unknown' }>, 'status'>,
): Sample {
  return { probeId, reading: { status: 'unknown', ...reading }, findings: [], numbers: {} };
}

export function healthyTick(atMs: number): Tick {
  const wave = 1 + Math.sin(atMs / 7_000) / 2;
  return {
    atMs,
    samples: [
      read('stack.health', plantedStack(), atMs),
      read('workers.health', plantedWorkers(), atMs),
      read('outbox.backlog', plantedOutbox(Math.round(4 * wave)), atMs, { numbers: { pending: Math.round(4 * wave) } }),
      read('kafka.group-lag', plantedLag(), atMs, { numbers: { 'lag.projector': 4 * wave, 'lag.invalidator': 0 } }),
      read('pipeline.freshness', plantedFreshness(), atMs, {
        numbers: { sentP99Ms: 41 * wave, appliedP99Ms: 96 * wave, cacheP99Ms: 102 * wave, oldestUnappliedMs: 300 },
      }),
      read('dlq.groups', plantedDlq(), atMs, { numbers: { perSecond: 0 } }),
    ],
  };
}

/** Twenty kinds of dead letters, three of which still arrive; two retries that nobody came back for. */
export function deadLettersTick(atMs: number): Tick {
  const value = plantedDlqOfTwenty();
  const healthy = healthyTick(atMs);
  const sample = read('dlq.groups', value, atMs, {
    findings: dlqGroups.judge(value),
    numbers: { perSecond: 1 + Math.sin(atMs / 7_000) },
  });
  return { atMs, samples: [...healthy.samples.filter(({ probeId }) => probeId !== 'dlq.groups'), sample] };
}

/** kafka-2 was killed: two partitions have no leader, the projector falls behind. */
export function brokerDownTick(atMs: number): Tick {
  const gone = { serves: false, reason: 'connect ECONNREFUSED 127.0.0.1:19094' } as const;
  return {
    atMs,
    samples: [
      read('stack.health', plantedStack({ 'kafka-2': gone }), atMs, {
        findings: [
          {
            key: 'engine.kafka-2',
            severity: 'critical',
            text: {
              ko: 'kafka-2가 응답하지 않습니다: 프로세스가 죽었습니다',
              en: 'kafka-2 does not answer: its process died',
            },
          },
        ],
      }),
      read('workers.health', plantedWorkers(), atMs),
      read('outbox.backlog', plantedOutbox(212), atMs, { numbers: { pending: 212 } }),
      read('kafka.group-lag', lagWithoutLeaders(), atMs, {
        findings: [
          {
            key: 'lag.projector',
            severity: 'warning',
            text: {
              ko: 'projector가 밀리고 있습니다: 3,033건 이상, 초당 +42',
              en: 'projector falls behind: at least 3,033 records, +42/s',
            },
          },
        ],
      }),
      read('pipeline.freshness', plantedFreshness(14_200), atMs, {
        numbers: { sentP99Ms: 9_000, appliedP99Ms: 14_000, cacheP99Ms: 13_500, oldestUnappliedMs: 14_200 },
      }),
    ],
  };
}

/** A store after these ticks, a second apart, the last one at `plantedAtMs`. */
export function storeAfter(ticks: readonly ((atMs: number) => Tick)[]): ProbeStore {
  const store = createProbeStore();
  for (const [index, tick] of ticks.entries()) store.commit(tick(plantedAtMs - (ticks.length - 1 - index) * 1_000));
  return store;
}

export const repeat = (times: number, tick: (atMs: number) => Tick) => new Array<typeof tick>(times).fill(tick);
