/** A key, as it is printed on it. */
import styles from './text.module.css';

export const Kbd = ({ children }: { children: string }) => (
  <kbd className={styles.kbd}>{children}</kbd>
);
