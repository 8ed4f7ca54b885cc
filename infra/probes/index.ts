import type { KafkaGroupLag } from './kafka-group-lag.ts';
import type { OutboxBacklog } from './outbox-backlog.ts';
import type { PipelineFreshness } from './pipeline-freshness.ts';
import type { StackHealth } from './stack-health.ts';
import type { WorkersHealth } from './workers-health.ts';

interface ProbeValues {
  'stack.health': StackHealth;
  'workers.health': WorkersHealth;
  'outbox.backlog': OutboxBacklog;
  'kafka.group-lag': KafkaGroupLag;
  'pipeline.freshness': PipelineFreshness;
}

export type ProbeId = keyof ProbeValues;
/** The type of a probe's value, by its id. */
export type ProbeValue<Id extends ProbeId> = ProbeValues[Id];
