import type { Target } from '../../target.ts';

/**
 * Which topics a measurement of a cluster is about: in the lab those of its scope, because several scopes share its
 * brokers; on any other stack, and where no topic is mapped, every topic there is (null).
 */
export function watchedTopics({ profile, roles }: Pick<Target, 'profile' | 'roles'>): readonly string[] | null {
  const mapped = [...Object.values(roles.topics), ...Object.values(roles.groups).map(({ topic }) => topic)];
  return profile !== 'lab' || mapped.length === 0 ? null : [...new Set(mapped)];
}

/** Kafka's own topics: where these have no leader no group commits, and no transaction begins or ends. */
export const internalTopics = ['__consumer_offsets', '__transaction_state'] as const;

/** `a/0, a/1, b/3 and 12 more`. */
export function partitionNames(
  partitions: readonly { readonly topic: string; readonly partition: number }[],
  most = 6,
): { readonly ko: string; readonly en: string } {
  const names = partitions.slice(0, most).map(({ topic, partition }) => `${topic}/${partition}`);
  const more = partitions.length - names.length;
  const listed = names.join(', ');
  return more === 0 ? { ko: listed, en: listed } : { ko: `${listed} 외 ${more}개`, en: `${listed} and ${more} more` };
}
