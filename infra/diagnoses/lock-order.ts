import { type Deadlock, type DeadlockSide, placeOf } from '../mysql/deadlock-text.ts';
import { keyText, type PrintedLock } from '../mysql/lock-text.ts';
import { printable, type Text } from '../text.ts';

/** What would have kept this deadlock from happening, in terms of the rows and statements that it was about. */
export function remedyOf(deadlock: Deadlock): Text {
  switch (deadlock.class) {
    case 'AB-BA':
      return orderRemedy(deadlock);
    case 'duplicate key': {
      const [first, second] = inOrder(deadlock.sides);
      const keys = [first, second].map((place) => (place === undefined ? '?' : shortName(place))).join(' → ');
      return {
        ko: `같은 키를 서로 다른 순서로 삽입함: 배치 안에서 키를 정렬해 삽입 (${keys})`,
        en: `the same keys are inserted in opposite orders: sort the keys within a batch (${keys})`,
      };
    }
    case 'gap and insert intention':
      return {
        ko: '없는 행을 잠그면 갭 락이 남아 서로의 INSERT를 막음: READ COMMITTED로 바꾸거나, 잠그고 읽는 대신 바로 INSERT하고 중복 키를 처리',
        en: "locking a row that is not there leaves a gap lock in the way of the other's insert: use READ COMMITTED, or insert at once and handle the duplicate key",
      };
    case 'lock upgrade':
      return {
        ko: '공유 락을 쥔 채 배타 락으로 올리려 함: 처음부터 FOR UPDATE로 읽기',
        en: 'both hold the row shared and want it exclusively: read it FOR UPDATE in the first place',
      };
    case 'other':
      return {
        ko: '양쪽이 잠근 행과 문장을 비교해 잠그는 순서를 하나로 맞추기',
        en: 'compare the rows and statements of the sides, and take the locks in one order',
      };
  }
}

function orderRemedy({ sides }: Deadlock): Text {
  const [first, second] = inOrder(sides);
  const against = sides.find((side) => takesBackwards(side));
  if (first === undefined || second === undefined || against === undefined) {
    return {
      ko: '양쪽이 행을 엇갈린 순서로 잠금: 모든 트랜잭션이 같은 순서로 잠그게 하기',
      en: 'the sides lock rows in opposite orders: let every transaction lock them in the same one',
    };
  }
  const order = `${shortName(first)} → ${shortName(second)}`;
  const session = against.threadId ?? against.trxId;
  return {
    ko: `락 순서가 엇갈림: ${order} 순서로 통일하면 일어나지 않음. 반대로 잠근 쪽은 세션 ${session}`,
    en: `the lock order is not consistent: with ${order} everywhere it cannot happen. Session ${session} takes them the other way round`,
  };
}

/** What the sides wait for, in the order in which all of them should take it: by table, then by key. */
function inOrder(sides: readonly DeadlockSide[]): readonly PrintedLock[] {
  const waited = sides.flatMap(({ waitsFor }) => waitsFor ?? []);
  const places = new Map(waited.map((lock) => [placeOf(lock), lock]));
  return [...places.values()].sort(compare);
}

/** It holds something that comes after what it waits for. */
function takesBackwards({ holds, waitsFor }: DeadlockSide): boolean {
  return waitsFor !== undefined && holds.some((held) => compare(held, waitsFor) > 0);
}

const natural = new Intl.Collator('en', { numeric: true });

function compare(a: PrintedLock, b: PrintedLock): number {
  const byTable = natural.compare(`${a.schema}.${a.table}.${a.index}`, `${b.schema}.${b.table}.${b.index}`);
  return byTable === 0 ? compareKeys(firstKey(a), firstKey(b)) : byTable;
}

/** `-5` lies before `3`, which the collator does not know. */
function compareKeys(a: string, b: string): number {
  const numbers = /^-?\d+$/;
  if (!numbers.test(a) || !numbers.test(b)) return natural.compare(a, b);
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const firstKey = ({ keys }: PrintedLock): string => (keys[0] === undefined ? '' : keyText(keys[0]));

/** `account (7)`. */
const shortName = (lock: PrintedLock): string => printable(`${lock.table} (${firstKey(lock)})`);
