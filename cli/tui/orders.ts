import { dependencies } from '../../infra/contract/switches.ts';
import { nodeNames } from '../../infra/stack/stack.ts';
import type { Text } from '../../infra/text.ts';

/**
 * What the console can do to the lab. Each is a command line of labctl, shown before it is run and run as a process of its
 * own, so that closing the console stops nothing. To add one: a line here.
 */
export interface Order {
  /** What follows `labctl`. */
  readonly words: readonly string[];
  readonly about: Text;
}

/** Long enough to see what happens, short enough to wait for. */
const time = '30s';

const order = (command: string, ko: string, en: string): Order => ({ words: command.split(' '), about: { ko, en } });

const nodeOrders: readonly Order[] = nodeNames.flatMap((node) => [
  order(
    `fault kill ${node} --for ${time}`,
    `${node}: SIGKILL로 죽이고 ${time} 뒤 다시 시작`,
    `SIGKILL ${node}; it is started again after ${time}`,
  ),
  order(
    `fault pause ${node} --for ${time}`,
    `${node}: SIGSTOP으로 멈추고 ${time} 뒤 계속`,
    `freeze ${node} with SIGSTOP; it goes on after ${time}`,
  ),
  order(
    `fault stop ${node} --for ${time}`,
    `${node}: 정상 종료하고 ${time} 뒤 다시 시작`,
    `stop ${node} in order; it is started again after ${time}`,
  ),
  order(`fault restart ${node}`, `${node}: 재시작`, `restart ${node}`),
]);

/** Looks and changes nothing: shown in a dialog, without a yes. */
export const faultListLook: Order = order('fault list', '걸려 있는 장애를 보임', 'show the active faults');

export const orders: readonly Order[] = [
  order('fault heal --all', '걸려 있는 장애를 모두 치유', 'heal every active fault'),
  order('load 20/s', '데모 이체를 초당 20건으로', 'demo transfers at 20 a second'),
  order('load 200/s', '데모 이체를 초당 200건으로', 'demo transfers at 200 a second'),
  order('load stop', '데모 이체를 끝냄', 'end the demo transfers'),
  ...nodeOrders,
  order(
    `fault freeze-followers --for ${time}`,
    `리더 하나만 남기고 브로커를 ${time} 동안 멈춤`,
    `freeze every broker but one that leads, for ${time}`,
  ),
  order(
    `fault slow balance-projector --by 200ms --for ${time}`,
    `프로젝터가 레코드마다 200ms 기다림, ${time} 동안`,
    `the projector waits 200ms at each record, for ${time}`,
  ),
  ...dependencies.map((name) =>
    order(`fault dependency ${name} --for ${time}`, `${name}을(를) ${time} 동안 끔`, `switch ${name} off for ${time}`),
  ),
  order(
    `fault bug BalanceAdjusted --for ${time}`,
    `BalanceAdjusted 핸들러에 ${time} 동안 버그`,
    `a bug in the handler of BalanceAdjusted, for ${time}`,
  ),
  order(
    `fault poison 5% --for ${time}`,
    `이체의 5%를 해독할 수 없게, ${time} 동안`,
    `5% of the transfers cannot be decoded, for ${time}`,
  ),
  order(
    `fault mysql-latency 200ms --for ${time}`,
    `mysql-proxy를 지나는 왕복에 200ms, ${time} 동안`,
    `200ms more for each round trip through mysql-proxy, for ${time}`,
  ),
  order(
    `fault mysql-cut --for ${time}`,
    `mysql-proxy를 지나는 연결을 ${time} 동안 끊음`,
    `cut every connection through mysql-proxy, for ${time}`,
  ),
];

export const commandOf = ({ words }: Order): string => `labctl ${words.join(' ')}`;
