/** Outer rows and columns of the three parts of the screen. */
export interface Places {
  readonly wide: boolean;
  readonly list: { readonly width: number; readonly height: number };
  readonly answer: { readonly width: number; readonly height: number };
  readonly panels: { readonly width: number; readonly height: number };
}

export interface PlaceOptions {
  readonly width: number;
  readonly height: number;
  /** Which part has the focus: it gets more rows where there are few. */
  readonly focus: 'list' | 'answer' | 'panels';
  readonly diagnoses: number;
  readonly panels: number;
}

/** From this width on the list stands beside the answer. */
const wideFrom = 120;
const frameRows = 2;
const listRowsMin = 5;

export function placesIn({ width, height, focus, diagnoses, panels }: PlaceOptions): Places {
  const wide = width >= wideFrom;
  const share = (part: number, least: number): number => Math.max(least, Math.floor(height * part));
  if (wide) {
    const listWidth = Math.floor(width * 0.42);
    const panelRows = panels === 0 ? 0 : share(focus === 'panels' ? 0.6 : 0.35, Math.min(panels, height));
    return {
      wide,
      list: { width: listWidth, height },
      answer: { width: width - listWidth, height: height - panelRows },
      panels: { width: width - listWidth, height: panelRows },
    };
  }
  const listRows = Math.min(diagnoses + frameRows, share(focus === 'list' ? 0.45 : 0.25, listRowsMin));
  const panelRows = focus === 'panels' ? share(0.4, 5) : Math.min(panels, share(0.15, 1));
  return {
    wide,
    list: { width, height: listRows },
    answer: { width, height: height - listRows - panelRows },
    panels: { width, height: panelRows },
  };
}
