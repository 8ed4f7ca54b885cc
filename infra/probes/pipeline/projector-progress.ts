import { EngineError } from '../../errors.ts';
import type { Target } from '../../target.ts';

/** By partition of the topic of events; a partition of which either offset is unknown is left out. */
export type ProjectorProgress = ReadonlyMap<number, { readonly committed: bigint; readonly logStart: bigint }>;

/**
 * How far the projector's group had come. Read before the rows are: what it has committed past is in every later moment of
 * the database. Empty where Kafka cannot tell.
 */
export async function readProjectorProgress({ kafka, endpoints, roles }: Target): Promise<ProjectorProgress> {
  const group = roles.groups.projector;
  if (group === undefined || endpoints.kafka === undefined) return new Map();
  try {
    const commits = (await kafka.committed([group.groupId])).get(group.groupId);
    const offsets = (await kafka.offsets([group.topic], ['logStart'])).get(group.topic);
    const progress = new Map<number, { committed: bigint; logStart: bigint }>();
    if (commits?.known !== true || offsets?.known !== true) return progress;
    const committed = commits.value.get(group.topic);
    for (const { partition, offsets: at } of offsets.value) {
      const commit = committed?.get(partition);
      if (commit?.known === false || !at.logStart.known) continue;
      progress.set(partition, { committed: commit?.value ?? 0n, logStart: at.logStart.value });
    }
    return progress;
  } catch (error) {
    if (error instanceof EngineError) return new Map();
    throw error;
  }
}
