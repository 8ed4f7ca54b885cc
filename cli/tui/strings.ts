import type { Text } from '../../infra/text.ts';

const text = (ko: string, en: string): Text => ({ ko, en });

/** The words of the console's frame. Panels keep theirs beside their rows, keys in the key table. */
export const strings = {
  readOnly: text('읽기 전용', 'READ-ONLY'),
  writes: (left: string): Text => text(`쓰기 ${left}`, `WRITE ${left}`),
  fault: (what: string, left: Text, more: number): Text => {
    const others = more === 0 ? '' : ` +${more}`;
    return text(`장애 ${what} ${left.ko}${others}`, `fault ${what} ${left.en}${others}`);
  },
  faultHealing: text('치유 중', 'healing'),
  noFaults: text('걸려 있는 장애가 없습니다', 'No fault is active'),
  faultsHint: text(
    '치유: 명령에서 fault heal --all · Esc 닫기',
    'to heal: fault heal --all in the palette · Esc close',
  ),
  confirmTitle: text('실행할까요?', 'Run this?'),
  confirmHint: text('y 실행 · n 취소', 'y run · n cancel'),
  confirmTakesLease: text(
    '지금은 읽기 전용입니다. y를 누르면 5분 동안 쓰기 권한도 얻습니다.',
    'The console is read-only. y also takes the right to write, for five minutes.',
  ),
  orderRuns: (command: string): Text => text(`실행 중: ${command}`, `Running: ${command}`),
  orderDone: (command: string): Text => text(`끝났습니다: ${command}`, `Done: ${command}`),
  orderFailed: (command: string, why: string): Text => text(`실패: ${command}: ${why}`, `Failed: ${command}: ${why}`),
  onlyTheLab: text('랩에서만 할 수 있습니다', 'this works on the lab only'),
  frozen: (age: Text): Text => text(`멈춤 ${age.ko}`, `FROZEN ${age.en}`),
  noData: text('데이터 없음', 'no data yet'),
  stale: (forHow: Text): Text => text(`${forHow.ko} 갱신 없음`, `no news ${forHow.en}`),

  tooSmall: (columns: number, rows: number): Text =>
    text(`40x12 이상 필요 (지금 ${columns}x${rows}) · q 종료`, `needs 40x12 (is ${columns}x${rows}) · q quits`),

  helpTitle: text('도움말', 'Help'),
  helpHint: text('/ 검색 · ↑↓ 이동 · Esc 닫기', '/ search · ↑↓ scroll · Esc close'),
  helpSearchHint: text('Enter 검색 확정 · Esc 검색 취소', 'Enter keep · Esc clear'),
  paletteTitle: text('명령', 'Commands'),
  paletteHint: text('↑↓ 선택 · Enter 실행 · Esc 닫기', '↑↓ choose · Enter run · Esc close'),
  nothingFound: text('맞는 항목이 없습니다', 'nothing matches'),

  copyTitle: text('복사', 'Copy'),
  copyHint: text('글자 또는 Enter로 복사 · Esc 닫기', 'its letter or Enter copies · Esc close'),
  copyValue: text('보이는 값', 'what it shows'),
  copyJson: text('JSON', 'JSON'),
  copyCommand: text('명령 줄', 'command line'),
  copiedCommand: text('검증 명령', 'the command'),
  copyTrace: text('추적 명령', 'the command that traces it'),
  askAll: text('진단을 모두 물음', 'ask every diagnosis'),
  askHere: text('진단 화면(4)에서 묻습니다', 'diagnoses are asked on screen 4'),
  traceAsking: text('이벤트를 찾는 중…', 'looking for the event…'),
  traceHint: text('↑↓ 이동 · y 명령 복사 · Esc 닫기', '↑↓ scroll · y copy the command · Esc close'),
  copied: (what: Text, file: string): Text =>
    text(
      `복사했습니다: ${what.ko}. 터미널이 막으면 ${file} 에 있습니다`,
      `Copied ${what.en}. If your terminal blocks it: ${file}`,
    ),
  copyFailed: (why: string): Text => text(`파일에 쓰지 못했습니다: ${why}`, `Could not write the copy file: ${why}`),

  proofTitle: text('검증', 'Prove'),
  proofHint: text('↑↓ 선택 · y 명령 복사 · Esc 닫기', '↑↓ choose · y copy the command · Esc close'),
  proofAsking: text('명령을 준비하는 중…', 'looking up the commands…'),
  proofNothingRead: text('아직 읽은 값이 없습니다', 'nothing has been read yet'),
  proofTaken: (probeId: string, at: string): Text =>
    text(
      `${probeId} — ${at}에 읽은 값 (이 컴퓨터의 시계). 같은 값을 엔진의 도구로 보려면:`,
      `${probeId}, read at ${at} by this machine's clock. The engine's own tools give the same numbers:`,
    ),

  startingUp: text('엔진을 켜는 중', 'Starting the engines'),
  startUpCrumb: text('시작', 'start'),
  startUpFailed: text('엔진을 켜지 못했습니다', 'The engines did not start'),
  startUpFetched: text('내려받기', 'Fetching'),
  startUpNodes: text('엔진', 'Engines'),
  startUpWaiting: text('대기', 'waiting'),
  startUpStarting: text('켜는 중', 'starting'),
  startUpReady: text('응답함', 'answers'),
  startUpStopping: text('끄는 중', 'stopping'),
  startUpStopped: text('꺼짐', 'stopped'),
  startUpGoesOn: text(
    '모두 응답하면 개요로 넘어갑니다 · 0 지금 개요 보기',
    'Goes on to the Overview when all answer · 0 shows it now',
  ),
  startUpUsual: text(
    '처음에는 엔진을 내려받아 몇 분, 그다음부터는 몇 초 걸립니다',
    'The first time fetches the engines and takes minutes, later starts take seconds',
  ),

  panelWaiting: text('첫 측정을 기다리는 중…', 'waiting for the first reading…'),
  panelNotMapped: text('이 대상에는 없는 항목입니다 (연결되지 않음)', 'this target has none (not mapped)'),
  panelNotPermitted: text('이 계정에는 읽을 권한이 없습니다', 'this account may not read it'),
  panelUnknown: (forHow: Text): Text => text(`${forHow.ko} 알 수 없음`, `unknown ${forHow.en}`),
  panelTry: (step: Text): Text => text(`해결: ${step.ko}`, `try: ${step.en}`),
  panelLast: (age: Text): Text => text(`마지막으로 읽은 값 (${age.ko})`, `last known value (${age.en})`),
  panelNeverRead: text('아직 한 번도 읽지 못했습니다', 'never read so far'),
  panelNotRead: (command: string): Text =>
    text(`물을 때만 읽습니다: ${command}`, `read only when asked for: ${command}`),
  morePanels: (hidden: number): Text =>
    text(`패널 ${hidden}개 더`, hidden === 1 ? '1 more panel' : `${hidden} more panels`),
  moreLines: (hidden: number): Text => text(`${hidden}줄 더 ↓`, `${hidden} more ↓`),
  problems: (problems: number): Text =>
    text(`문제 ${problems}건`, problems === 1 ? '1 problem' : `${problems} problems`),
  moreProblems: (hidden: number): Text => text(`${hidden}줄 더 ↓`, `${hidden} more lines ↓`),
  allDown: text(
    '엔진이 모두 응답하지 않습니다. 이 랩의 엔진이라면 labctl up 으로 켭니다',
    'No engine answers. If they are of this lab, labctl up starts them',
  ),
  notYet: text('아직 볼 값이 없습니다', 'there is nothing to copy yet'),
} as const;
