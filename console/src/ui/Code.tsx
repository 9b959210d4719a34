/** Text that is meant to be copied. */
import { Check, Copy as CopyIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './Button';
import { cx } from './cx';
import styles from './text.module.css';

/** A button that copies, and says that it did. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = window.setTimeout(() => setDone(false), 1_500);
    return () => window.clearTimeout(timer);
  }, [done]);
  return (
    <IconButton
      small
      label={done ? 'Copied' : label}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setDone(true))}
    >
      {done ? <Check size={14} /> : <CopyIcon size={14} />}
    </IconButton>
  );
}

/** An id or an address in a line of text, with its copy button. */
export function Copy({ text, shown = text }: { text: string; shown?: string }) {
  return (
    <span className={styles.inline}>
      <code className="truncate" title={text}>
        {shown}
      </code>
      <CopyButton text={text} />
    </span>
  );
}

/** Several lines. `wrap` for prose such as prompts. */
export function CodeBlock({ text, label, wrap }: { text: string; label: string; wrap?: boolean }) {
  return (
    <div className={cx(styles.code, wrap && styles.wrap)}>
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
    </div>
  );
}
