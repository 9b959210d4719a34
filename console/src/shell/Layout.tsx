/** What stands around every page. */
import { Dialog } from 'radix-ui';
import { Suspense, useEffect, useRef, useState } from 'react';
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
  useShortcuts({ openPalette: () => setPalette(true), openHelp: () => setHelp(true) });

  // A new page begins at its top, and the keyboard begins there too.
  useEffect(() => {
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <div className={cx(styles.shell, narrow && styles.narrowNav)}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Nav narrow={narrow} onCollapse={() => store('nav', narrow ? null : 'narrow')} />
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
        <TopBar
          onMenu={() => setDrawer(true)}
          onSearch={() => setPalette(true)}
          onHelp={() => setHelp(true)}
        />
        <main className={styles.main} id="main" ref={main} tabIndex={-1}>
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
