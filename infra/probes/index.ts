import { dlqGroups } from './dlq-groups.ts';
import { kafkaConsumerConfig } from './kafka-consumer-config.ts';
import { kafkaGroupLag } from './kafka-group-lag.ts';
import { kafkaRebalances } from './kafka-rebalances.ts';
import { outboxBacklog } from './outbox-backlog.ts';
import { pipelineFreshness } from './pipeline-freshness.ts';
import type { Probe } from './probe.ts';
import { stackHealth } from './stack-health.ts';
import { workersHealth } from './workers-health.ts';

/** Every probe by its id: one line each. Importing it loads no engine client. */
export const probesById = {
  'stack.health': stackHealth,
  'workers.health': workersHealth,
  'outbox.backlog': outboxBacklog,
  'kafka.group-lag': kafkaGroupLag,
  'kafka.rebalances': kafkaRebalances,
  'kafka.consumer-config': kafkaConsumerConfig,
  'pipeline.freshness': pipelineFreshness,
  'dlq.groups': dlqGroups,
};

export type ProbeId = keyof typeof probesById;
/** The type of a probe's value, by its id. */
export type ProbeValue<Id extends ProbeId> = (typeof probesById)[Id] extends Probe<infer Value> ? Value : never;

export const probes: readonly Probe<unknown>[] = Object.values(probesById);
