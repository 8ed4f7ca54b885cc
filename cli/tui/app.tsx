import { Box, type SuspendTerminal, useApp, useInput, usePaste, useStdin } from 'ink';
import { useEffect } from 'react';
import { say } from '../../infra/text.ts';
import type { Controller } from './controller.ts';
import { DialogBox } from './dialogs/dialog-box.tsx';
import { footer, messageLine, screensBar } from './frame/bars.ts';
import { statusLine } from './frame/status-line.ts';
import { pressesOf } from './input/presses.ts';
import { commandFor } from './panels/panel.ts';
import { consoleRows, drawingOf, enlargedLines, isCompact, isOnePanel, isUseless } from './screens/enlarged.ts';
import { focusedPanel, ownPanesIn } from './screens/focus.ts';
import type { Screen } from './screens/screen.ts';
import { startUpLines } from './screens/start-up.ts';
import type { ConsoleState } from './store/state.ts';
import { useConsole } from './store/use-console.ts';
import { strings } from './strings.ts';
import type { Look } from './theme.ts';
import { Draw } from './ui/draw.tsx';
import { cut, line } from './ui/line.ts';

export interface AppProps {
  readonly screens: readonly Screen[];
  readonly controller: Controller;
  readonly look: Look;
  /** Hands out the way to give the terminal away for a while, which Ink keeps inside the tree. */
  readonly onTerminal?: (suspend: SuspendTerminal) => void;
}

/** The frame around every screen, and the one place where input arrives. */
export function App({ screens, controller, look, onTerminal }: AppProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onTerminal?.(suspendTerminal), [onTerminal, suspendTerminal]);
  // Without a terminal on stdin there are no keys, and asking Ink for them throws.
  const { isRawModeSupported } = useStdin();
  useInput((input, key) => controller.press(pressesOf(input, key)), { isActive: isRawModeSupported });
  usePaste((text) => controller.paste(text), { isActive: isRawModeSupported });
  const state = useConsole((whole) => whole);
  const { columns, rows } = state.size;
  if (isUseless(state.size)) {
    const notice = cut(line(say(strings.tooSmall(columns, rows), state.language)), columns);
    return <Draw lines={[notice]} width={columns} look={look} />;
  }
  const screen = screens.find(({ id }) => id === state.screenId);
  if (screen === undefined) return null;
  const top = [statusLine(state, crumbsOf(state, screen)), screensBar(screens, state)];
  const bottom = [messageLine(state, hintOf(state, screen)), keysOf(state)];
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Draw lines={top} width={columns} look={look} />
      <Box width={columns} height={rows - consoleRows} flexShrink={0}>
        <Body state={state} screen={screen} look={look} />
      </Box>
      <Draw lines={bottom} width={columns} look={look} />
      <DialogBox look={look} />
    </Box>
  );
}

function Body({ state, screen, look }: { readonly state: ConsoleState; readonly screen: Screen; readonly look: Look }) {
  const { size, language, nowMs, startUp, startUpShown } = state;
  const width = size.columns;
  const height = size.rows - consoleRows;
  if (startUpShown) {
    return <Draw lines={startUpLines(startUp, { width, height, language, nowMs })} width={width} look={look} />;
  }
  const panel = focusedPanel(screen, state);
  if (isOnePanel(state) && panel !== undefined) {
    const area = { columns: width, rows: height, scroll: state.scroll };
    return <Draw lines={enlargedLines(panel, drawingOf(state, panel.id), area)} width={width} look={look} />;
  }
  return <screen.Body width={width} height={height} look={look} />;
}

function crumbsOf(state: ConsoleState, screen: Screen): readonly string[] {
  const { language, startUpShown } = state;
  if (startUpShown) return [say(strings.startUpCrumb, language)];
  const own = ownPanesIn(screen, state)?.about(state);
  if (own !== undefined) return [say(screen.title, language), own.crumb];
  const panel = isOnePanel(state) ? focusedPanel(screen, state) : undefined;
  return [say(screen.title, language), ...(panel === undefined ? [] : [say(panel.title, language)])];
}

/** What the focused panel is on the command line: the console teaches the CLI as it goes. */
function hintOf(state: ConsoleState, screen: Screen): string {
  const { language, startUpShown } = state;
  if (startUpShown) return say(strings.startUpUsual, language);
  const own = ownPanesIn(screen, state)?.about(state);
  if (own !== undefined) return own.hint;
  const panel = focusedPanel(screen, state);
  return panel === undefined ? '' : `${say(panel.title, language)} · ${commandFor(panel.probeId)} -w`;
}

const keysOf = ({ language, size, screenId }: ConsoleState) =>
  isCompact(size) ? line(' ? : q', 'muted') : footer(language, size.columns, screenId);
