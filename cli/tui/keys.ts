import type { Text } from '../../infra/text.ts';
import { screenBindings } from './screen-bindings.ts';

/**
 * Every key of the console, once. The footer, the help (`?`) and the palette (`:`) are made from this table, and the
 * dispatcher looks presses up in it. To add a key: a line here, and its case in store/act.ts or in the effects.
 */
export interface KeyBinding {
  readonly id: ActionId;
  /** Names of presses, see input/presses.ts. */
  readonly presses: readonly string[];
  /** The key as people read it. */
  readonly key: string;
  /** A word or two: footer and palette. */
  readonly title: Text;
  /** A sentence: help. */
  readonly about: Text;
  readonly group: KeyGroup;
  /** Place in the footer; the highest number goes first when there is too little room. Absent: not in the footer. */
  readonly footer?: number;
  /** The screen it is for: elsewhere it does nothing, and is not in the footer. */
  readonly screen?: string;
}

export type ActionId =
  | 'help'
  | 'palette'
  | 'next-panel'
  | 'previous-panel'
  | 'open'
  | 'enlarge'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom'
  | 'freeze'
  | 'prove'
  | 'copy'
  | 'language'
  | 'overview'
  | 'lag-dlq'
  | 'diagnose'
  | 'ask'
  | 'ask-all'
  | 'dismiss'
  | 'back'
  | 'write'
  | 'suspend'
  | 'quit';

export type KeyGroup = 'look' | 'diagnose' | 'panel' | 'console';

export const groupTitles: Readonly<Record<KeyGroup, Text>> = {
  look: { ko: '보기', en: 'Looking' },
  diagnose: { ko: '진단', en: 'Diagnose' },
  panel: { ko: '선택한 패널', en: 'The focused panel' },
  console: { ko: '콘솔', en: 'The console' },
};

export const keyTable: readonly KeyBinding[] = [
  ...screenBindings,
  {
    id: 'next-panel',
    presses: ['tab'],
    key: 'Tab',
    title: { ko: '패널', en: 'panel' },
    about: { ko: '다음 패널을 선택합니다', en: 'Focus the next panel' },
    group: 'look',
    footer: 3,
  },
  {
    id: 'previous-panel',
    presses: ['shift-tab'],
    key: 'Shift-Tab',
    title: { ko: '이전 패널', en: 'previous panel' },
    about: { ko: '이전 패널을 선택합니다', en: 'Focus the previous panel' },
    group: 'look',
  },
  {
    id: 'open',
    presses: ['enter'],
    key: 'Enter',
    title: { ko: '열기', en: 'open' },
    about: {
      ko: '› 가 있는 행에서는 그 이벤트가 어디 있는지, 없으면 패널을 크게 봅니다',
      en: 'On a row with › show where that event is; without one, enlarge the panel',
    },
    group: 'panel',
    footer: 8,
  },
  {
    id: 'enlarge',
    presses: ['+'],
    key: '+',
    title: { ko: '크게', en: 'enlarge' },
    about: {
      ko: '선택한 패널을 화면 전체로 키우거나 되돌립니다',
      en: 'Give the focused panel the whole screen, or take it back',
    },
    group: 'panel',
    footer: 4,
  },
  {
    id: 'up',
    presses: ['up', 'k'],
    key: '↑ k',
    title: { ko: '위로', en: 'up' },
    about: { ko: '윗줄로 갑니다', en: 'Up a row, or scroll up a line' },
    group: 'panel',
  },
  {
    id: 'down',
    presses: ['down', 'j'],
    key: '↓ j',
    title: { ko: '아래로', en: 'down' },
    about: { ko: '아랫줄로 갑니다', en: 'Down a row, or scroll down a line' },
    group: 'panel',
  },
  {
    id: 'page-up',
    presses: ['page-up', 'ctrl-u'],
    key: 'PgUp',
    title: { ko: '한 쪽 위로', en: 'page up' },
    about: { ko: '한 쪽 위로 넘깁니다 (Ctrl-U도 됩니다)', en: 'Scroll up a page (Ctrl-U does too)' },
    group: 'panel',
  },
  {
    id: 'page-down',
    presses: ['page-down', 'ctrl-d'],
    key: 'PgDn',
    title: { ko: '한 쪽 아래로', en: 'page down' },
    about: { ko: '한 쪽 아래로 넘깁니다 (Ctrl-D도 됩니다)', en: 'Scroll down a page (Ctrl-D does too)' },
    group: 'panel',
  },
  {
    id: 'top',
    presses: ['home', 'g'],
    key: 'Home',
    title: { ko: '맨 위', en: 'top' },
    about: { ko: '맨 위로 갑니다 (g도 됩니다)', en: 'Go to the first line (g does too)' },
    group: 'panel',
  },
  {
    id: 'bottom',
    presses: ['end', 'G'],
    key: 'End',
    title: { ko: '맨 아래', en: 'bottom' },
    about: { ko: '맨 아래로 갑니다 (G도 됩니다)', en: 'Go to the last line (G does too)' },
    group: 'panel',
  },
  {
    id: 'prove',
    presses: ['p'],
    key: 'p',
    title: { ko: '검증', en: 'prove' },
    about: {
      ko: '같은 값을 엔진의 도구로 직접 확인하는 명령을 보여 줍니다',
      en: "Show the engine's own commands that give the same numbers",
    },
    group: 'panel',
    footer: 5,
  },
  {
    id: 'copy',
    presses: ['y'],
    key: 'y',
    title: { ko: '복사', en: 'copy' },
    about: {
      ko: '선택한 패널이나 발견의 값, JSON, 명령 줄 중 하나를 복사합니다',
      en: 'Copy the focused panel or finding: its text, its JSON, or the command line for it',
    },
    group: 'panel',
    footer: 6,
  },
  {
    id: 'freeze',
    presses: ['space'],
    key: 'Space',
    title: { ko: '멈춤', en: 'freeze' },
    about: {
      ko: '화면을 멈추거나 다시 움직입니다. 수집은 계속됩니다',
      en: 'Freeze the view or let it go on; collecting never stops',
    },
    group: 'look',
    footer: 2,
  },
  {
    id: 'language',
    presses: ['L'],
    key: 'L',
    title: { ko: 'English', en: '한국어' },
    about: { ko: '영어로 바꿉니다 (switch to English)', en: 'Switch to Korean (한국어로 바꿉니다)' },
    group: 'console',
    footer: 7,
  },
  {
    id: 'write',
    presses: ['W'],
    key: 'W',
    title: { ko: '쓰기', en: 'write' },
    about: {
      ko: '랩을 바꿀 수 있는 권한을 5분 동안 얻거나 돌려줍니다. 바꿀 때마다 다시 묻습니다',
      en: 'Take the right to change the lab for five minutes, or give it back; each change is asked for',
    },
    group: 'console',
  },
  {
    id: 'palette',
    presses: [':'],
    key: ':',
    title: { ko: '명령', en: 'commands' },
    about: { ko: '명령을 이름으로 찾아 실행합니다', en: 'Find a command by its name, in either language' },
    group: 'console',
    footer: 1,
  },
  {
    id: 'help',
    presses: ['?'],
    key: '?',
    title: { ko: '도움말', en: 'help' },
    about: { ko: '이 도움말을 엽니다. / 로 검색합니다', en: 'Open this help; / searches it' },
    group: 'console',
    footer: 0,
  },
  {
    id: 'dismiss',
    presses: ['x'],
    key: 'x',
    title: { ko: '알림 지우기', en: 'dismiss' },
    about: { ko: '아래 줄의 알림을 지웁니다', en: 'Dismiss the message in the line above the keys' },
    group: 'console',
  },
  {
    id: 'back',
    presses: ['esc'],
    key: 'Esc',
    title: { ko: '뒤로', en: 'back' },
    about: {
      ko: '한 단계 뒤로 갑니다. 묻고 있던 진단은 그만둡니다. 콘솔을 끝내지는 않습니다',
      en: 'One step back; calls off what is being asked; it never closes the console',
    },
    group: 'console',
  },
  {
    id: 'suspend',
    presses: ['ctrl-z'],
    key: 'Ctrl-Z',
    title: { ko: '잠시 나가기', en: 'suspend' },
    about: { ko: '셸로 잠시 나갑니다. fg로 돌아옵니다', en: 'Leave to the shell for a while; fg brings it back' },
    group: 'console',
  },
  {
    id: 'quit',
    presses: ['q', 'ctrl-c'],
    key: 'q',
    title: { ko: '종료', en: 'quit' },
    about: {
      ko: '콘솔을 닫습니다. 엔진과 작업은 계속 돕니다 (Ctrl-C도 됩니다)',
      en: 'Close the console; engines and workload go on (Ctrl-C does too)',
    },
    group: 'console',
    footer: 0,
  },
];

const bindingOfPress = new Map(keyTable.flatMap((binding) => binding.presses.map((press) => [press, binding])));

export const bindingOf = (press: string): KeyBinding | undefined => bindingOfPress.get(press);
