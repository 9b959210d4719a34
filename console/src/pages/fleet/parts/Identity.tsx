/** What a server or an app is, whatever people call it. */
import type { ReactNode } from 'react';
import styles from './fleet.module.css';
import { identityParts } from './words';

/** So many characters of the end always stay: they tell what it is, the beginning whose. */
const TAIL = 12;

/** Takes the room there is; what is too long loses its middle. */
export function Identity({ of }: { of: string }) {
  const { kind, name } = identityParts(of);
  const cut = name.length > 2 * TAIL ? name.length - TAIL : 0;
  return (
    <span className={styles.identity} title={of}>
      {kind && <span className={styles.kind}>{kind}</span>}
      <span className={styles.name}>
        {cut > 0 && <span className={styles.head}>{name.slice(0, cut)}</span>}
        <span className={cut > 0 ? styles.tail : 'truncate'}>{name.slice(cut)}</span>
      </span>
    </span>
  );
}

/** A name over a smaller second line. */
export function Two({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <span className={styles.two}>
      <span>{first}</span>
      <span className={styles.second}>{second}</span>
    </span>
  );
}
