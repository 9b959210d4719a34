/** Tabs whose choice is in the address (`?tab=`), so that a link leads to the right one. */
import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { count } from '@/format/format';
import styles from './Tabs.module.css';

export interface Tab {
  id: string;
  title: string;
  count?: number;
  /** Built only while it is shown. */
  body: () => ReactNode;
}

/** Where there are more tabs than fit, the one that is shown is in sight. */
const reveal = (tab: HTMLButtonElement | null) => {
  const list = tab?.parentElement;
  if (tab && list && list.scrollWidth > list.clientWidth) list.scrollLeft = tab.offsetLeft - 48;
};

export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const [params, setParams] = useSearchParams();
  const first = tabs[0]?.id ?? '';
  const wanted = params.get('tab');
  const current = tabs.some((tab) => tab.id === wanted) ? (wanted ?? first) : first;
  const choose = (id: string) =>
    // The other parameters belong to the tab that is left.
    setParams(id === first ? {} : { tab: id }, { replace: true });
  return (
    <Radix.Root value={current} onValueChange={choose}>
      <Radix.List className={styles.list} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className={styles.tab}
            ref={tab.id === current ? reveal : undefined}
          >
            {tab.title}
            {tab.count !== undefined && <span className={styles.count}>{count(tab.count)}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className={styles.panel}>
          {tab.body()}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
