/** Light, dark, or as the system says. `public/theme.js` does the same before the first paint. */
import { store, useStored } from './stored';

export type Theme = 'system' | 'light' | 'dark';

export function useTheme(): [Theme, (theme: Theme) => void] {
  const stored = useStored('theme');
  const theme = stored === 'light' || stored === 'dark' ? stored : 'system';
  return [
    theme,
    (next) => {
      const { dataset } = document.documentElement;
      if (next === 'system') delete dataset.theme;
      else dataset.theme = next;
      store('theme', next === 'system' ? null : next);
    },
  ];
}
