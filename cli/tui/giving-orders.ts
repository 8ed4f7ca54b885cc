import type { Clock } from '../../infra/clock.ts';
import { messageOf } from '../../infra/errors.ts';
import type { Effects } from './controller.ts';
import { commandOf, type Order } from './orders.ts';
import { withDialog } from './store/act.ts';
import type { ConsoleStore } from './store/console-store.ts';
import { mayWrite, readingOnly, type Toast, writing } from './store/state.ts';
import { strings } from './strings.ts';

/** How the console changes the lab: under a lease that runs out, and each time after a yes. */
export interface GivingOrders {
  /** Asks for the yes. */
  confirm(order: Order): void;
  /** It was given. */
  run(order: Order): Promise<void>;
  takeOrGiveBack(): void;
}

interface GivingOptions {
  readonly store: ConsoleStore;
  readonly effects: Pick<Effects, 'order'>;
  readonly clock: Clock;
  readonly toast: (text: Toast['text'], tone: Toast['tone'], forMs?: number) => void;
}

/** Its end puts another message in its place. */
const runningToastMs = 10 * 60_000;

export function givingOrders({ store, effects, clock, toast }: GivingOptions): GivingOrders {
  return {
    confirm(order) {
      const state = store.get();
      if (state.profile !== 'lab') {
        toast(strings.onlyTheLab, 'critical');
        return;
      }
      const dialog = { kind: 'confirm', order, mayWrite: mayWrite(state, clock.now()) } as const;
      store.update((before) => withDialog(before, dialog));
    },
    async run(order) {
      const command = commandOf(order);
      store.update((state) => (mayWrite(state, clock.now()) ? state : writing(state, clock.now())));
      toast(strings.orderRuns(command), 'plain', runningToastMs);
      try {
        await effects.order(order.words, store.get().language);
        toast(strings.orderDone(command), 'plain');
      } catch (error) {
        toast(strings.orderFailed(command, messageOf(error)), 'critical');
      }
    },
    takeOrGiveBack() {
      const nowMs = clock.now();
      store.update((state) => (mayWrite(state, nowMs) ? readingOnly(state) : writing(state, nowMs)));
    },
  };
}
