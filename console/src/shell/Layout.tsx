/** What stands around every page. */
import { Dialog } from 'radix-ui';
import { Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Outlet, useLocation, useNavigation } from 'react-router';
import overlay from '@/ui/overlay.module.css';
import { cx } from '@/ui/cx';
import styles from './Layout.module.css';
import { Nav } from './Nav';
import { TopBar } from './TopBar';
import { store, useStored } from './stored';
import { usePart } from './usePart';
import { useShortcuts } from './useShortcuts';

const loadPalette = async () => (await import('./Palette')).Palette;
const loadHelp = async () => (await import('./KeyboardHelp')).KeyboardHelp;

const widen = () => store('nav', null);
const collapse = () => store('nav', 'narrow');

/** Once what is being drawn is on the screen. */
function afterPaint(then: () => void): () => void {
  let timer: number | undefined;
  const frame = requestAnimationFrame(() => {
    timer = window.setTimeout(then);
  });
  return () => {
    cancelAnimationFrame(frame);
    window.clearTimeout(timer);
  };
}

export function Layout() {
  const narrow = useStored('nav') === 'narrow';
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const drawPalette = usePart(loadPalette, palette);
  const drawHelp = usePart(loadHelp, help);
  const { pathname } = useLocation();
  const navigation = useNavigation();
  const main = useRef<HTMLElement>(null);
  const openDrawer = useCallback(() => setDrawer(true), []);
  const openPalette = useCallback(() => setPalette(true), []);
  const openHelp = useCallback(() => setHelp(true), []);
  useShortcuts({ openPalette, openHelp });

  // A new page begins at its top, and the keyboard begins there too. Both ask where things are: of a page that nobody
  // scrolled the one need not be asked, and the other can wait until it is on the screen.
  const scrolled = useRef(false);
  useLayoutEffect(() => {
    if (scrolled.current) main.current?.scrollTo(0, 0);
    scrolled.current = false;
  }, [pathname]);
  useEffect(() => afterPaint(() => main.current?.focus({ preventScroll: true })), [pathname]);

  return (
    <div className={cx(styles.shell, narrow && styles.narrowNav)}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Nav narrow={narrow} onCollapse={narrow ? widen : collapse} />
      <Dialog.Root open={drawer} onOpenChange={setDrawer}>
        <Dialog.Portal>
          <Dialog.Overlay className={overlay.scrim} />
          <Dialog.Content className={styles.drawerNav} aria-describedby={undefined}>
            <Dialog.Title className="sr-only">Navigation</Dialog.Title>
            <Nav narrow={false} onFollow={() => setDrawer(false)} />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      <div className={styles.side}>
        <TopBar onMenu={openDrawer} onSearch={openPalette} onHelp={openHelp} />
        <main
          className={styles.main}
          id="main"
          ref={main}
          tabIndex={-1}
          onScroll={() => {
            scrolled.current = true;
          }}
        >
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {navigation.state === 'loading' && (
        <div className={styles.progress} role="progressbar" aria-label="Loading page" />
      )}
      {palette && drawPalette?.({ onClose: () => setPalette(false), onHelp: () => setHelp(true) })}
      {help && drawHelp?.({ onClose: () => setHelp(false) })}
    </div>
  );
}
