/** Shows the toasts. Once, in the shell. */
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './Button';
import styles from './Toasts.module.css';
import { cx } from './cx';
import { type Toast, toast, useToasts } from './toasts';

export function Toasts() {
  const shown = useToasts();
  return (
    <section className={styles.region} aria-label="Messages" aria-live="polite">
      {shown.map((one) => (
        <One key={one.id} of={one} />
      ))}
    </section>
  );
}

function One({ of }: { of: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = window.setTimeout(() => toast.close(of.id), of.lasts);
    return () => window.clearTimeout(timer);
  }, [held, of]);
  const { action } = of;
  const Icon = of.kind === 'done' ? CircleCheck : CircleAlert;
  return (
    <div
      className={cx(styles.toast, of.kind === 'problem' && styles.problem)}
      role={of.kind === 'problem' ? 'alert' : undefined}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} aria-hidden />
      <div className={styles.text}>
        <div className="strong">{of.text}</div>
        {of.detail && <div className="secondary">{of.detail}</div>}
      </div>
      {action && (
        <Button
          small
          onClick={() => {
            toast.close(of.id);
            void action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" small onClick={() => toast.close(of.id)}>
        <X size={14} />
      </IconButton>
    </div>
  );
}
