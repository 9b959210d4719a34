/** All keys at a glance. */
import { Link } from 'react-router';
import { Dialog } from '@/ui/Dialog';
import { Kbd } from '@/ui/Kbd';
import styles from './KeyboardHelp.module.css';
import { MOD } from './mod';
import { PLACES } from './places';

const GROUPS: readonly {
  title: string;
  keys: readonly (readonly [keys: readonly string[], what: string, path?: string])[];
}[] = [
  {
    title: 'Anywhere',
    keys: [
      [[`${MOD}K`], 'Search and commands'],
      [['/'], 'Search in this list'],
      [['?'], 'This help'],
      [['Esc'], 'Close, or forget the selection'],
    ],
  },
  {
    title: 'In lists',
    keys: [
      [['j', '↓'], 'Next row'],
      [['k', '↑'], 'Row before'],
      [['x'], 'Select the row'],
      [['Enter'], 'Open the row'],
    ],
  },
  {
    title: 'Go to',
    keys: PLACES.map(({ key, title, path }) => [['g', key], title, path] as const),
  },
];

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Keyboard" width={640}>
      <div className={styles.groups}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, what, path]) => (
                <div key={what}>
                  <dt>
                    {path ? (
                      <Link to={path} onClick={onClose}>
                        {what}
                      </Link>
                    ) : (
                      what
                    )}
                  </dt>
                  <dd>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
