import { parseInfo } from '../info.ts';

/** What one node of a Redis Cluster says of itself and of the others. */
export interface ClusterView {
  readonly self: ClusterMember;
  /** Everybody it knows, itself included. */
  readonly members: readonly ClusterMember[];
  /** Its own judgement: cluster_state ok and all 16384 slots served. */
  readonly isOk: boolean;
  /** Of a replica: it is in step with its master. */
  readonly isLinked: boolean;
}

export interface ClusterMember {
  readonly id: string;
  /** master, slave, myself, fail, fail?, handshake, noaddr, … */
  readonly flags: readonly string[];
  readonly masterId: string | undefined;
  readonly configEpoch: number;
  readonly isConnected: boolean;
  readonly slots: readonly SlotRange[];
}

/** A member with what CLUSTER NODES says beyond its place in the cluster. */
export interface ListedMember extends ClusterMember {
  readonly host: string;
  readonly port: number;
  /** Slots on their way: from here to another node, or from another node to here. */
  readonly moving: readonly { readonly slot: number; readonly to?: string; readonly from?: string }[];
}

/** Both ends included. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

export const slotCount = 16_384;

/** The view in the replies of CLUSTER NODES, CLUSTER INFO and INFO replication. @throws Error where none of the nodes is `myself`. */
export function parseView(nodes: string, clusterInfo: string, replication: string): ClusterView {
  const members = parseMembers(nodes);
  const self = members.find(({ flags }) => flags.includes('myself'));
  if (self === undefined) throw new Error('CLUSTER NODES names no node "myself"');
  const info = parseInfo(clusterInfo);
  const isReplica = parseInfo(replication).get('role') === 'slave';
  return {
    self,
    members,
    isOk: info.get('cluster_state') === 'ok' && Number(info.get('cluster_slots_ok')) === slotCount,
    isLinked: isReplica && parseInfo(replication).get('master_link_status') === 'up',
  };
}

/** The reply of CLUSTER NODES. */
export function parseMembers(nodes: string): readonly ListedMember[] {
  return nodes.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parseMember(line.trim())]));
}

/**
 * `<id> <ip:port@bus> <flags> <master> <ping-sent> <pong-recv> <config-epoch> <link-state> <slot> …`; a slot on its way
 * elsewhere is `[93->-id]`, one on its way here `[93-<-id]`; it also stands in a range of its owner. The address may be
 * followed by `,hostname`, and is without a host where the node does not know its own yet.
 */
function parseMember(line: string): ListedMember {
  const [id = '', address = '', flags = '', master = '-', , , epoch = '0', link = '', ...slots] = line.split(' ');
  const place = address.split('@')[0] ?? '';
  const colon = place.lastIndexOf(':');
  return {
    id,
    host: place.slice(0, Math.max(0, colon)),
    port: Number(place.slice(colon + 1)),
    moving: slots.flatMap((text) => {
      const [, slot, way, other = ''] = /^\[(\d+)-([<>])-(\w+)\]$/.exec(text) ?? [];
      if (slot === undefined) return [];
      return [{ slot: Number(slot), ...(way === '>' ? { to: other } : { from: other }) }];
    }),
    flags: flags.split(','),
    masterId: master === '-' ? undefined : master,
    configEpoch: Number(epoch),
    isConnected: link === 'connected',
    slots: slots
      .filter((slot) => !slot.startsWith('['))
      .map((slot) => {
        const [from = '', to = from] = slot.split('-');
        return { from: Number(from), to: Number(to) };
      }),
  };
}
