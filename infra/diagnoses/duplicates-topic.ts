import { headerNames, headerText } from '../contract/headers.ts';
import { messageOf } from '../errors.ts';
import { UnknownValue } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { AskContext, DiagnosisFinding } from './diagnosis.ts';

export interface TopicAnswer {
  /** Records looked at: the newest ones, at most `recordsMax`. */
  readonly checked: number;
  readonly doubled: number;
  readonly findings: readonly DiagnosisFinding[];
}

/** About 50 MB of keys; what lies further back is not looked at. */
const recordsMax = 200_000;
const progressEvery = 10_000;
const keyLengthMax = 200;

/**
 * Events that stand at two offsets, told by the dedup_key in their headers. They may have been sent twice and applied
 * once: so it is asked only where nothing stronger is mapped.
 * @throws UnknownValue when a partition cannot be read.
 */
export async function topicDuplicates(
  target: Target,
  topic: string,
  {
    keys,
    keep,
    context,
  }: { readonly keys: readonly string[] | undefined; readonly keep: number; readonly context: AskContext },
): Promise<TopicAnswer> {
  const [{ kafkaClient }, { scanTopic }] = await Promise.all([
    import('../kafka/client.ts'),
    import('../kafka/scan.ts'),
  ]);
  const { from, records } = await newestRecords(target, topic);
  const wanted = keys === undefined ? undefined : new Set(keys);
  const places = new Map<string, string>();
  const copies = new Map<string, string[]>();
  let checked = 0;
  try {
    const { kafka: brokers = [], kafkaSecurity: security } = target.endpoints;
    const kafka = kafkaClient({ brokers, security, clientId: 'labctl' });
    for await (const { partition, offset, headers } of scanTopic(kafka, topic, from)) {
      context.signal.throwIfAborted();
      checked += 1;
      if (checked % progressEvery === 0) {
        context.onProgress({ what: { ko: '토픽의 레코드', en: 'records of the topic' }, done: checked, of: records });
      }
      const key = headerText(headers, headerNames.dedupKey)?.slice(0, keyLengthMax);
      if (key === undefined || wanted?.has(key) === false) continue;
      const place = `${partition}/${offset}`;
      const first = places.get(key);
      if (first === undefined) places.set(key, place);
      else copies.set(key, [...(copies.get(key) ?? [first]), place]);
    }
  } catch (error) {
    throw error instanceof UnknownValue ? error : new UnknownValue(messageOf(error));
  }
  const findings = [...copies].slice(0, keep).map(([key, at]) => findingOf(topic, key, at));
  return { checked, doubled: copies.size, findings };
}

/** Where each partition's share of the newest records begins. */
async function newestRecords(
  { kafka }: Target,
  topic: string,
): Promise<{ readonly from: ReadonlyMap<number, bigint>; readonly records: number }> {
  const part = (await kafka.offsets([topic], ['logStart', 'highWatermark'])).get(topic);
  if (part === undefined || !part.known) throw new UnknownValue(part?.reason ?? 'the topic is not there');
  const from = new Map<number, bigint>();
  let records = 0n;
  const share = BigInt(Math.floor(recordsMax / Math.max(1, part.value.length)));
  for (const { partition, offsets } of part.value) {
    const { logStart, highWatermark } = offsets;
    if (!logStart.known) throw new UnknownValue(logStart.reason);
    if (!highWatermark.known) throw new UnknownValue(highWatermark.reason);
    const newest = highWatermark.value - share;
    const start = newest > logStart.value ? newest : logStart.value;
    if (start === highWatermark.value) continue;
    from.set(partition, start);
    records += highWatermark.value - start;
  }
  return { from, records: Number(records) };
}

function findingOf(topic: string, dedupKey: string, places: readonly string[]): DiagnosisFinding {
  return {
    key: `twice-in-topic.${dedupKey}`,
    kind: 'twice-in-topic',
    severity: 'warning',
    text: {
      ko: `${dedupKey}이(가) 토픽에 ${places.length}번 있음 (${places.join(', ')})`,
      en: `${dedupKey} is in the topic ${places.length} times (${places.join(', ')})`,
    },
    rung: 'topic scan by dedup_key',
    evidence: places.map((place) => {
      const [partition = '', offset = ''] = place.split('/');
      return { topic, partition: Number(partition), offset };
    }),
    trace: dedupKey,
  };
}
