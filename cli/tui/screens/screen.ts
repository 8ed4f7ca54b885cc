import type { ComponentType } from 'react';
import type { Text } from '../../../infra/text.ts';
import type { CopyChoice } from '../dialogs/copy.ts';
import type { ActionId } from '../keys.ts';
import type { Panel } from '../panels/panel.ts';
import type { ConsoleState } from '../store/state.ts';
import type { Look } from '../theme.ts';

/** To add a screen: its folder, a line in screens/index.ts, and its key in keys.ts. */
export interface Screen {
  /** Also the id of the key action that opens it. */
  readonly id: string;
  readonly key: string;
  readonly title: Text;
  /** What it is made of besides panels. */
  readonly own?: OwnPanes;
  /** In the order Tab goes through them, after its own panes. */
  panels(state: ConsoleState): readonly Panel[];
  readonly Body: ComponentType<BodyProps>;
}

/** Panes that draw something else than a probe. Every function is asked while one of them has the focus, and is pure. */
export interface OwnPanes {
  readonly ids: readonly string[];
  /** The state after an action that means something of its own there; undefined: it means what it means everywhere. */
  act(state: ConsoleState, id: ActionId): ConsoleState | undefined;
  /** What Enter does. */
  open(state: ConsoleState): Opening;
  copies(state: ConsoleState): Copies;
  /** On the status line, and the line above the keys. */
  about(state: ConsoleState): { readonly crumb: string; readonly hint: string };
}

/** What Enter leads to. */
export type Opening =
  | { readonly ask: string }
  /** What `labctl trace` takes. */
  | { readonly trace: string }
  | { readonly say: Text }
  | 'copy'
  | 'enlarge';

export interface Copies {
  readonly title: Text;
  readonly choices: readonly CopyChoice[];
}

export interface BodyProps {
  readonly width: number;
  readonly height: number;
  readonly look: Look;
}
