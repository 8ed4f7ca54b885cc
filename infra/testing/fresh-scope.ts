import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type Scope, scopeOf } from '../contract/scope.ts';
import { prepareScope } from '../scope/prepare.ts';
import { removeScope } from '../scope/remove.ts';
import type { Endpoints } from '../stack/stack.ts';

/** A scope of its own for one test on real engines, prepared, and removed when the test ends. */
export async function freshScope(endpoints: Endpoints): Promise<Scope> {
  const scope = scopeOf(`test_${randomBytes(4).toString('hex')}`);
  onTestFinished(() => removeScope(endpoints, scope));
  await prepareScope(endpoints, scope);
  return scope;
}
