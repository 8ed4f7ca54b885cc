import { hashTagOf, slotOf } from '../../redis/slot.ts';
import { printable } from '../../text.ts';

/** A key as it was counted, with its place. */
export interface HotKey {
  readonly key: string;
  readonly slot: number;
  readonly hashTag: string | undefined;
  readonly perSecond: number;
  /** Of all that was counted, 0 … 1. */
  readonly share: number;
  /** The node that serves it; undefined where no cluster serves the cache. */
  readonly node: string | undefined;
}

export interface HotSlot {
  readonly slot: number;
  readonly perSecond: number;
  readonly share: number;
}

export const hotKeyOf = (key: string, perSecond: number, share: number, node: string | undefined): HotKey => ({
  key: printable(key).slice(0, 200),
  slot: slotOf(key),
  hashTag: hashTagOf(key),
  perSecond,
  share,
  node,
});
