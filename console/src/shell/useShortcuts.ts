/** Keys that work on every page. */
import { useEffect, useEffectEvent } from 'react';
import { useNavigate } from 'react-router';
import { typing } from '@/ui/table/useRows';
import { PLACES } from './places';

interface Shortcuts {
  openPalette: () => void;
  openHelp: () => void;
}

/** Milliseconds in which the letter after `g` has to come. */
const PAIR = 1_200;

export function useShortcuts({ openPalette, openHelp }: Shortcuts): void {
  const navigate = useNavigate();
  const palette = useEffectEvent(openPalette);
  const help = useEffectEvent(openHelp);
  const go = useEffectEvent((path: string) => void navigate(path));
  useEffect(() => {
    let pressed = 0;
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        palette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
      if (event.key === '?') {
        event.preventDefault();
        help();
        return;
      }
      const place = PLACES.find(({ key }) => key === event.key);
      const paired = event.timeStamp - pressed < PAIR && pressed > 0;
      pressed = event.key === 'g' ? event.timeStamp : 0;
      if (!paired || !place) return;
      event.preventDefault();
      event.stopPropagation();
      go(place.path);
    };
    // Before the tables see it: the `k` of `g k` moves no row.
    document.addEventListener('keydown', listen, { capture: true });
    return () => document.removeEventListener('keydown', listen, { capture: true });
  }, []);
}
