/** How a figure compares with the period before. */

export interface Delta {
  /** `+12 %`, `−3 %`, `same as before`, `new`. */
  text: string;
  up: boolean | null;
}

export function delta(now: number, before: number): Delta {
  if (now === before) return { text: 'as before', up: null };
  if (before === 0) return { text: 'none before', up: true };
  const share = (now - before) / before;
  const up = share > 0;
  const sign = up ? '+' : '−';
  const size = Math.abs(share) * 100;
  // From tenfold on a factor says more than a share.
  if (share >= 9) return { text: `${Math.round(now / before)}× before`, up };
  return { text: `${sign}${size < 10 ? size.toFixed(1) : Math.round(size)} %`, up };
}
