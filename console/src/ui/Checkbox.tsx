/** Checkbox and switch. A switch acts at once; a checkbox is part of a form or of a selection. */
import { Check, Minus } from 'lucide-react';
import { Switch as RadixSwitch } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import styles from './Input.module.css';

interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  label: string;
  /** In tables: only for those who listen. */
  hideLabel?: boolean;
  hint?: ReactNode;
  disabled?: boolean;
  tabIndex?: number;
}

export function Checkbox(props: CheckboxProps) {
  const { checked, onChange, label, hideLabel, hint, disabled, tabIndex } = props;
  const id = useId();
  const Mark = checked === 'indeterminate' ? Minus : Check;
  return (
    <span className={styles.check}>
      <input
        id={id}
        type="checkbox"
        className={styles.box}
        checked={checked === true}
        // Only scripts can say so.
        ref={(box) => {
          if (box) box.indeterminate = checked === 'indeterminate';
        }}
        disabled={disabled}
        tabIndex={tabIndex}
        aria-label={hideLabel ? label : undefined}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={({ target }) => onChange(target.checked)}
      />
      {checked && <Mark size={12} strokeWidth={checked === true ? 3 : 2} aria-hidden />}
      {!hideLabel && <Words id={id} label={label} hint={hint} />}
    </span>
  );
}

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
}

export function Switch({ checked, onChange, label, hint, disabled }: SwitchProps) {
  const id = useId();
  return (
    <span className={styles.check}>
      <RadixSwitch.Root
        id={id}
        className={styles.switch}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onCheckedChange={onChange}
      >
        <RadixSwitch.Thumb className={styles.knob} />
      </RadixSwitch.Root>
      <Words id={id} label={label} hint={hint} />
    </span>
  );
}

/** What it says beside it, and below that the hint. */
function Words({ id, label, hint }: { id: string; label: ReactNode; hint?: ReactNode }) {
  return (
    <label htmlFor={id}>
      {label}
      {hint && (
        <span id={`${id}-hint`} className={styles.hint}>
          <br />
          {hint}
        </span>
      )}
    </label>
  );
}
