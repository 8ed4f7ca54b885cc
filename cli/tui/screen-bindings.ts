import type { KeyBinding } from './keys.ts';

/** The part of the key table that opens screens, and what works on one screen only. */
export const screenBindings: readonly KeyBinding[] = [
  {
    id: 'overview',
    presses: ['0'],
    key: '0',
    title: { ko: '개요', en: 'overview' },
    about: { ko: '개요 화면으로 갑니다', en: 'Go to the Overview screen' },
    group: 'look',
  },
  {
    id: 'lag-dlq',
    presses: ['3'],
    key: '3',
    title: { ko: '지연·DLQ·ISR·샤드', en: 'lag, DLQ, ISR, shards' },
    about: {
      ko: '지연, 데드 레터, 복제와 샤드 화면으로 갑니다',
      en: 'Go to the screen of lag, dead letters, replicas and shards',
    },
    group: 'look',
  },
  {
    id: 'diagnose',
    presses: ['4'],
    key: '4',
    title: { ko: '진단', en: 'diagnose' },
    about: { ko: '진단 화면으로 갑니다: 물어보고 해당하는 행까지 봅니다', en: 'Go to Diagnose: ask, and see the rows' },
    group: 'look',
  },
  {
    id: 'ask',
    presses: ['r'],
    key: 'r',
    title: { ko: '묻기', en: 'ask' },
    about: {
      ko: '고른 진단을 묻습니다. Esc로 그만둡니다 (목록에서는 Enter도 됩니다)',
      en: 'Ask the chosen diagnosis; Esc calls it off (in the list, Enter asks too)',
    },
    group: 'diagnose',
    footer: 1,
    screen: 'diagnose',
  },
  {
    id: 'ask-all',
    presses: ['R', 'A'],
    key: 'R',
    title: { ko: '모두 묻기', en: 'ask all' },
    about: {
      ko: '진단을 모두 묻습니다. 한 번에 두 개씩 (A도 됩니다)',
      en: 'Ask every diagnosis, two at a time (A does too)',
    },
    group: 'diagnose',
    footer: 3,
    screen: 'diagnose',
  },
];
