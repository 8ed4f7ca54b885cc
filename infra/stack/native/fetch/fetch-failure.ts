import { EngineError, type Words } from '../../../errors.ts';
import type { Text } from '../../../text.ts';

/** apt, tar, dpkg-deb and Java, each in its own words. */
const diskIsFull = /No space left on device|enough free space|Disk quota exceeded/i;

const goesOn: Text = {
  ko: '다시 실행하십시오: labctl up (이미 받은 것은 남아 있어 이어서 받습니다)',
  en: 'then labctl up again: what was downloaded is kept, and it goes on from there',
};

/**
 * A tool that could not fetch or unpack, as an error of the machine. A full disk is told from a network that does not
 * answer, because each wants another cure.
 */
export function fetchFailure(
  what: Text,
  { said, tools, cure }: { readonly said: string; readonly tools: string; readonly cure: Words },
): EngineError {
  if (diskIsFull.test(tools)) {
    return new EngineError(
      'machine',
      { ko: `${what.ko}: 디스크가 가득 찼습니다`, en: `${what.en}: the disk is full` },
      {
        why: said,
        code: 'ENOSPC',
        tryThis: [
          {
            ko: '공간을 비우거나 LABCTL_CACHE_DIR로 더 넓은 곳을 지정하십시오',
            en: 'free some space, or name a roomier place with LABCTL_CACHE_DIR',
          },
          goesOn,
        ],
      },
    );
  }
  return new EngineError('machine', what, { why: said, tryThis: [cure, goesOn] });
}
