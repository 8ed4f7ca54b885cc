import stringWidth from 'string-width';
import { afterEach, expect, vi } from 'vitest';
import { type Mounted, type MountOptions, mount } from './mount.tsx';
import { healthyTick, repeat, storeAfter } from './ticks.ts';

// Drawing takes milliseconds; a machine busy with engines may still need seconds for it.
vi.setConfig({ testTimeout: 30_000 });

const opened: Mounted[] = [];

/** The console over half a minute of a healthy lab, unless told otherwise; closed after the test. */
export async function open(options: MountOptions = {}): Promise<Mounted> {
  const mounted = await mount({ store: storeAfter(repeat(30, healthyTick)), ...options });
  opened.push(mounted);
  return mounted;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((mounted) => mounted.close()));
});

export const sees = (mounted: Mounted, text: string): Promise<void> =>
  mounted.until(`"${text}"`, (shown) => shown.includes(text));

export const losesSight = (mounted: Mounted, text: string): Promise<void> =>
  mounted.until(`no "${text}"`, (shown) => !shown.includes(text));

/** Rows exactly as wide as the screen, nothing lost beyond its edge, every panel's frame drawn to its end. */
export function expectWhole({ screen }: Mounted): void {
  expect(screen.overflows).toBe(0);
  for (const row of screen.rows()) expect(stringWidth(row)).toBe(screen.size.columns);
  const corners = (all: string): number =>
    screen
      .rows()
      .join('')
      .split(new RegExp(`[${all}]`)).length - 1;
  expect(corners('╭┏')).toBe(corners('╮┓'));
  expect(corners('╭┏')).toBe(corners('╰┗'));
  expect(corners('╭┏')).toBe(corners('╯┛'));
}
