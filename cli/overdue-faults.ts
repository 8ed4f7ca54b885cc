import { faultsFolder, leaseIds } from '../infra/faults/folder.ts';
import type { Overdue } from '../infra/faults/overdue.ts';
import { stateDirOf } from '../infra/state-dir.ts';
import type { Text } from '../infra/text.ts';
import type { Context } from './context.ts';

/** Commands that see to the leases themselves. */
const seeToIt = new Set(['up', 'start', 'down', 'fault heal']);

/**
 * Every command first heals what expired while no healer was alive, and gives a healer to what has lost its own. Where
 * no fault is active it costs one look into a folder. It never keeps the command from its work.
 */
export async function healOverdueFaults(path: readonly string[], context: Context): Promise<void> {
  if (seeToIt.has(path.join(' ')) || leaseIds(faultsFolder(stateDirOf(context.env))).length === 0) return;
  try {
    const [{ healOverdue }, { faultLabOf }] = await Promise.all([
      import('../infra/faults/overdue.ts'),
      import('./fault-order.ts'),
    ]);
    for (const overdue of await healOverdue(await faultLabOf(context))) context.say(overdueText(overdue));
  } catch (error) {
    const { messageOf } = await import('../infra/errors.ts');
    context.say({
      ko: `걸려 있는 장애를 살피지 못했습니다: ${messageOf(error)}`,
      en: `the active faults could not be looked after: ${messageOf(error)}`,
    });
  }
}

function overdueText(overdue: Overdue): Text {
  if (overdue.found === 'neglected') {
    const why = overdue.error instanceof Error ? overdue.error.message : String(overdue.error);
    return {
      ko: `장애 ${overdue.id}을(를) 살피지 못했습니다: ${why}`,
      en: `fault ${overdue.id} could not be looked after: ${why}`,
    };
  }
  const { id, kind, target, failure } = overdue.lease;
  const name = `${kind} ${target} (${id})`;
  if (overdue.found === 'unguarded') {
    return {
      ko: `장애 ${name}: 치유 프로세스가 죽어 있어 새로 붙였습니다`,
      en: `fault ${name}: its healer was dead; it has a new one`,
    };
  }
  const result = overdue.found === 'due' ? overdue.result : undefined;
  if (result !== undefined && result.state !== 'failed') {
    return {
      ko: `장애 ${name}: 치유 프로세스 없이 시간이 지나 지금 치유했습니다`,
      en: `fault ${name}: it had expired without a living healer, and is healed now`,
    };
  }
  const last = result?.state === 'failed' ? result.lease.failure : failure;
  const error = last?.error ?? '';
  return {
    ko: `장애 ${name}: 시간이 지났지만 치유하지 못했습니다: ${error} (다시: labctl fault heal ${id})`,
    en: `fault ${name}: it has expired and could not be healed: ${error} (again: labctl fault heal ${id})`,
  };
}
