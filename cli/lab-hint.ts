import type { Target } from '../infra/target.ts';
import type { Text } from '../infra/text.ts';
import type { Context } from './context.ts';

/** Of the lab only; whoever named a stack of their own is not told to start this one. */
const isDown: Text = {
  ko: '랩이 꺼져 있습니다. 시작하려면: labctl up',
  en: 'the lab is down. To start it: labctl up',
};

/** What could not be read is said by its reason; that the lab was never started is the likeliest one. */
export async function sayIfDown({ say }: Pick<Context, 'say'>, { stack }: Pick<Target, 'stack'>): Promise<void> {
  const nodes = (await stack?.status().catch(() => undefined)) ?? [];
  if (nodes.length > 0 && nodes.every(({ state }) => state === 'stopped')) say(isDown);
}
