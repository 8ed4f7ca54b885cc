import { kafkaNodes } from './kafka-nodes.ts';
import { mysqlNode } from './mysql-node.ts';
import type { NativeNode, NodeContext } from './native-node.ts';
import { redisNode } from './redis-node.ts';
import { registryNode } from './registry-node.ts';

export function allNodes(context: NodeContext): readonly NativeNode[] {
  return [mysqlNode(context), redisNode(context), ...kafkaNodes(context), registryNode(context)];
}
