import { kafkaNodes } from './kafka-nodes.ts';
import { mysqlNode } from './mysql-node.ts';
import type { NativeNode, NodeContext } from './native-node.ts';
import { redisNode } from './redis-node.ts';
import { registryNode } from './registry-node.ts';

/** The nodes by what their start depends on. */
export interface NodeSet {
  readonly controller: NativeNode;
  readonly brokers: readonly NativeNode[];
  readonly independent: readonly NativeNode[];
}

export function allNodes(context: NodeContext): NodeSet {
  return { ...kafkaNodes(context), independent: [mysqlNode(context), redisNode(context), registryNode(context)] };
}
