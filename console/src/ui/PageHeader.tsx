/** The head of a page: its name, one sentence about it, and what can be done here. It names the
 * browser's tab too. */
import { type ReactNode, useEffect } from 'react';
import styles from './states.module.css';

interface Props {
  title: string;
  /** One sentence: what this shows and why it matters. */
  about?: ReactNode;
  /** States beside the title. */
  badges?: ReactNode;
  /** Buttons; the primary one last. */
  actions?: ReactNode;
}

export function PageHeader({ title, about, badges, actions }: Props) {
  useEffect(() => {
    document.title = `${title} · Tidegate`;
  }, [title]);
  return (
    <header className={styles.header}>
      <div>
        <div className={styles.title}>
          <h1>{title}</h1>
          {badges}
        </div>
        {about && <p className={styles.about}>{about}</p>}
      </div>
      {actions && <div className={styles.buttons}>{actions}</div>}
    </header>
  );
}
