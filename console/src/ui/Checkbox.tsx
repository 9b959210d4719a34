/** Checkbox and switch. A switch acts at once; a checkbox is part of a form or of a selection. */
import { Check, Minus } from 'lucide-react';
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import styles from './Input.module.css';

interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  label: ReactNode;
  /** In tables: only for those who listen. */
  hideLabel?: boolean;
  hint?: ReactNode;
  disabled?: boolean;
  tabIndex?: number;
}

export function Checkbox(props: CheckboxProps) {
  const { checked, onChange, label, hideLabel, hint, disabled, tabIndex } = props;
  const id = useId();
  return (
    <span className={styles.check}>
      <RadixCheckbox.Root
        id={id}
        className={styles.box}
        checked={checked}
        disabled={disabled}
        tabIndex={tabIndex}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onCheckedChange={(next) => onChange(next === true)}
      >
        <RadixCheckbox.Indicator>
          {checked === 'indeterminate' ? <Minus size={12} /> : <Check size={12} strokeWidth={3} />}
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : undefined}>
        {label}
        {hint && (
          <span id={`${id}-hint`} className={styles.hint}>
            <br />
            {hint}
          </span>
        )}
      </label>
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
      <label htmlFor={id}>
        {label}
        {hint && (
          <span id={`${id}-hint`} className={styles.hint}>
            <br />
            {hint}
          </span>
        )}
      </label>
    </span>
  );
}
