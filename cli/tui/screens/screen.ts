import type { ComponentType } from 'react';
import type { Text } from '../../../infra/text.ts';
import type { Panel } from '../panels/panel.ts';
import type { Look } from '../theme.ts';

/** To add a screen: its folder, a line in screens/index.ts, and its key in keys.ts. */
export interface Screen {
  /** Also the id of the key action that opens it. */
  readonly id: string;
  readonly key: string;
  readonly title: Text;
  /** In the order Tab goes through them. */
  readonly panels: readonly Panel[];
  readonly Body: ComponentType<BodyProps>;
}

export interface BodyProps {
  readonly width: number;
  readonly height: number;
  readonly look: Look;
}
