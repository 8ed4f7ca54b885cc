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

/** Both ends included. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

export const slotCount = 16_384;

/** The view in the replies of CLUSTER NODES, CLUSTER INFO and INFO replication. @throws Error where none of the nodes is `myself`. */
export function parseView(nodes: string, clusterInfo: string, replication: string): ClusterView {
  const members = nodes.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parseMember(line.trim())]));
  const self = members.find(({ flags }) => flags.includes('myself'));
  if (self === undefined) throw new Error('CLUSTER NODES names no node "myself"');
  const info = fieldsOf(clusterInfo);
  const isReplica = fieldsOf(replication).get('role') === 'slave';
  return {
    self,
    members,
    isOk: info.get('cluster_state') === 'ok' && Number(info.get('cluster_slots_ok')) === slotCount,
    isLinked: isReplica && fieldsOf(replication).get('master_link_status') === 'up',
  };
}

/**
 * `<id> <ip:port@bus> <flags> <master> <ping-sent> <pong-recv> <config-epoch> <link-state> <slot> …`; a slot on its way
 * elsewhere is `[93-<-id]` and also stands in a range of its owner.
 */
function parseMember(line: string): ClusterMember {
  const [id = '', , flags = '', master = '-', , , epoch = '0', link = '', ...slots] = line.split(' ');
  return {
    id,
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

/** `name:value` lines. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => line.trim());
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
