import { hashTagOf, slotOf } from '../slot.ts';
import type { ListedMember } from './cluster-view.ts';

/** Where a key is, or would be, in a Redis Cluster. */
export interface KeyPlace {
  readonly key: string;
  readonly slot: number;
  /** What stands in its braces and alone decides over the slot; undefined: the whole key does. */
  readonly hashTag: string | undefined;
  /** `host:port` of the master; undefined: nobody serves the slot, or there is no cluster. */
  readonly node: string | undefined;
  /** The slot is on its way to another node. */
  readonly isMoving: boolean;
}

/** May these keys stand in one multi-key command, transaction or script? */
export interface KeysTogether {
  readonly places: readonly KeyPlace[];
  /**
   * together: one slot. moving: one slot, but it is being moved, and a command that finds a part of its keys on either
   * side gets TRYAGAIN. apart: CROSSSLOT, even where one node serves both slots.
   */
  readonly verdict: 'together' | 'moving' | 'apart';
}

export function keysTogether(keys: readonly string[], members: readonly ListedMember[]): KeysTogether {
  const places = keys.map((key) => placeOf(key, members));
  const slots = new Set(places.map(({ slot }) => slot));
  const verdict = slots.size > 1 ? 'apart' : places.some(({ isMoving }) => isMoving) ? 'moving' : 'together';
  return { places, verdict };
}

function placeOf(key: string, members: readonly ListedMember[]): KeyPlace {
  const slot = slotOf(key);
  const owner = ownerOf(slot, members);
  return {
    key,
    slot,
    hashTag: hashTagOf(key),
    node: owner === undefined ? undefined : `${owner.host}:${owner.port}`,
    isMoving: members.some(({ moving }) => moving.some((one) => one.slot === slot)),
  };
}

export function ownerOf(slot: number, members: readonly ListedMember[]): ListedMember | undefined {
  return members.find(({ slots }) => slots.some(({ from, to }) => slot >= from && slot <= to));
}
