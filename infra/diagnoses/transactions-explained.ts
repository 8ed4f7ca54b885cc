import type { KafkaTransactions } from '../probes/kafka/transactions.ts';
import type { Text } from '../text.ts';
import type { LookedAt } from './aborted-stretches.ts';

const stretchesMax = 4;

/** What was looked at, what was explained, and what could not be seen. */
export function explainTransactions(value: KafkaTransactions, skipped: LookedAt): Text {
  const parts = [lookedAt(value), ...young(value), ...abortedText(skipped), ...unseen(value, skipped)];
  return { ko: parts.map(({ ko }) => ko).join(' '), en: parts.map(({ en }) => en).join(' ') };
}

function lookedAt({ partitions, open, held }: KafkaTransactions): Text {
  if (partitions.checked === 0) {
    return { ko: 'LSO를 읽을 수 있는 파티션이 없습니다.', en: 'there was no partition whose LSO could be read.' };
  }
  return {
    ko: `파티션 ${partitions.checked}개의 LSO와 HW를 비교했습니다: 열린 트랜잭션 ${open.length}개, 막힌 파티션 ${held.length}개.`,
    en: `compared LSO and high watermark of ${partitions.checked} partitions: ${open.length} transactions open, ${held.length} partitions held.`,
  };
}

/** Open, and not for long: the normal life of a transactional producer. */
function young({ held, hanging, open }: KafkaTransactions): readonly Text[] {
  if (
    held.length === 0 ||
    hanging.length > 0 ||
    open.some(({ openForMs }) => openForMs.known && openForMs.value >= 10_000)
  )
    return [];
  return [
    {
      ko: '열린 지 10초가 안 된 트랜잭션은 정상적인 쓰기로 봅니다.',
      en: 'transactions younger than 10 s are taken for ordinary writing.',
    },
  ];
}

/** Not delivered is not lost: the offsets of aborted records and markers are used up. */
function abortedText({ stretches, aborted, markers, offsets }: LookedAt): readonly Text[] {
  if (aborted === 0) return [];
  const named = stretches
    .slice(0, stretchesMax)
    .map(({ topic, partition, first, last, isWhole, readableTo, aborted: records }) => {
      const place = `${topic}/${partition} ${first}–${last}`;
      return isWhole && readableTo <= last
        ? {
            ko: `${place} (abort ${records}건, ${readableTo}부터 끝까지 전달될 것이 없으므로 남아 보이는 lag은 실제 지연이 아님)`,
            en: `${place} (${records} aborted; from ${readableTo} to the end nothing is deliverable, so the lag that shows there is none)`,
          }
        : { ko: `${place} (abort ${records}건)`, en: `${place} (${records} aborted)` };
    });
  const more = stretches.length - named.length;
  return [
    {
      ko: `정상 동작: 마지막 오프셋 ${offsets}개 가운데 abort된 레코드 ${aborted}건과 마커 ${markers}개는 오프셋만 차지하고 read_committed 컨슈머에게 전달되지 않습니다. 위치(position)가 건너뛴 듯 보여도 유실이 아닙니다: ${named.map(({ ko }) => ko).join(', ')}${more > 0 ? ` 외 ${more}곳` : ''}.`,
      en: `as it should be: of the last ${offsets} offsets ${aborted} hold aborted records and ${markers} hold markers, which use up offsets and are never delivered to read_committed consumers. A position that seems to skip has lost nothing: ${named.map(({ en }) => en).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    },
  ];
}

function unseen({ partitions, unsure, silent, held }: KafkaTransactions, skipped: LookedAt): readonly Text[] {
  const [partition] = partitions.unknown;
  const [doubtful] = unsure;
  const [coordinator] = silent;
  const nameless = held.find(({ producers }) => !producers.known);
  return [
    ...(partition === undefined
      ? []
      : [
          {
            ko: `${partitions.unknown.length}곳은 알 수 없습니다 (${partition.where}: ${partition.reason}).`,
            en: `${partitions.unknown.length} places are unknown (${partition.where}: ${partition.reason}).`,
          },
        ]),
    ...(coordinator === undefined
      ? []
      : [
          {
            ko: `코디네이터 ${coordinator.nodeId}의 트랜잭션은 알 수 없습니다 (${coordinator.reason}).`,
            en: `transactions of coordinator ${coordinator.nodeId} are unknown (${coordinator.reason}).`,
          },
        ]),
    ...(nameless === undefined || nameless.producers.known
      ? []
      : [
          {
            ko: `${nameless.topic}/${nameless.partition}을(를) 누가 막고 있는지 알 수 없습니다 (${nameless.producers.reason}).`,
            en: `who holds ${nameless.topic}/${nameless.partition} is unknown (${nameless.producers.reason}).`,
          },
        ]),
    ...(doubtful === undefined
      ? []
      : [
          {
            ko: `${doubtful.topic}/${doubtful.partition}의 프로듀서 ${doubtful.producerId}은(는) 멈춘 트랜잭션일 수 있으나 확인하지 못했습니다 (${doubtful.reason}).`,
            en: `producer ${doubtful.producerId} in ${doubtful.topic}/${doubtful.partition} may hang; it could not be confirmed (${doubtful.reason}).`,
          },
        ]),
    ...(skipped.unknown === 0
      ? []
      : [
          {
            ko: `파티션 ${skipped.unknown}개의 끝부분은 읽지 못해 abort 구간을 알 수 없습니다.`,
            en: `the ends of ${skipped.unknown} partitions could not be read: aborted stretches there are unknown.`,
          },
        ]),
  ];
}
