import type { RecordPlace } from './read-records.ts';

/** A record's place in one word, as `labctl trace` takes it: `<topic>/<partition>/<offset>`. */
export const placeName = ({ topic, partition, offset }: RecordPlace): string => `${topic}/${partition}/${offset}`;

/** Kafka's own rule for topic names; what it forbids, the slash among it, ends one. Numbers fit Kafka's own. */
const form = /^([\w.-]{1,249})\/(\d{1,10})\/(\d{1,19})$/;
const [partitionMax, offsetMax] = [2 ** 31 - 1, 2n ** 63n - 1n];

/** @returns undefined for a word that names no place. */
export function placeNamed(word: string): RecordPlace | undefined {
  const [, topic, partition, offset] = form.exec(word) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  if (Number(partition) > partitionMax || BigInt(offset) > offsetMax) return undefined;
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}
