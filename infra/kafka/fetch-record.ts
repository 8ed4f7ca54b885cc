import { EngineError } from '../errors.ts';
import type { ScannedRecord } from './decode-records.ts';
import type { PlaceContent, RecordPlace } from './read-records.ts';
import type { KafkaReader } from './reader.ts';

/**
 * Reads the record at one offset whole, joining no group.
 * @throws EngineError when the topic, the partition or its leader is missing, or Kafka cannot be asked.
 */
export async function fetchRecord(reader: KafkaReader, place: RecordPlace): Promise<PlaceContent<ScannedRecord>> {
  const [content] = await reader.recordsAt([place], { keep: (record: ScannedRecord) => record });
  if (content?.known) return content.value;
  const { topic, partition, offset } = place;
  throw new EngineError(
    'kafka',
    {
      ko: `${topic} 파티션 ${partition}의 오프셋 ${offset}을 읽지 못했습니다`,
      en: `offset ${offset} of ${topic}, partition ${partition}, cannot be read`,
    },
    { why: content?.reason ?? 'not in the answer', tryThis: ['labctl status'] },
  );
}
