/** Fields and what goes into them. `Field` ties label, hint and error to the control inside it. */
import { type ComponentProps, type ReactNode, createContext, use, useId } from 'react';
import type { ApiProblem } from '@/api/problem';
import styles from './Input.module.css';
import { cx } from './cx';

const FieldContext = createContext<{
  id: string;
  described: string | undefined;
  invalid: boolean;
} | null>(null);

interface FieldProps {
  label: ReactNode;
  /** Unit, range, or what leaving it empty means. */
  hint?: ReactNode;
  error?: string;
  /** The label is only for those who listen. */
  hideLabel?: boolean;
  children: ReactNode;
}

export function Field({ label, hint, error, hideLabel, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : styles.label}>
        {label}
      </label>
      <FieldContext value={{ id, described: described || undefined, invalid: Boolean(error) }}>
        {children}
      </FieldContext>
      {hint && (
        <div id={`${id}-hint`} className={styles.hint}>
          {hint}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

/** The attributes that tie a control to the field around it. */
export function useField() {
  const field = use(FieldContext);
  if (!field) return {};
  return {
    id: field.id,
    'aria-describedby': field.described,
    'aria-invalid': field.invalid || undefined,
  };
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cx(styles.control, className)} {...useField()} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cx(styles.control, className)} {...useField()} {...rest} />;
}

interface SelectProps<T extends string> extends Omit<
  ComponentProps<'select'>,
  'value' | 'onChange'
> {
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** The browser's own select: it works with every keyboard, screen reader and phone. */
export function Select<T extends string>({
  options,
  value,
  onChange,
  className,
  ...rest
}: SelectProps<T>) {
  return (
    <select
      className={cx(styles.control, styles.select, className)}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value);
        if (chosen) onChange(chosen.value);
      }}
      {...useField()}
      {...rest}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

interface FormProps extends Omit<ComponentProps<'form'>, 'onSubmit'> {
  onSubmit: () => void;
  problem?: ApiProblem | null;
  /** Pointers of the fields that show their error themselves; the others are listed here. */
  shown?: readonly string[];
}

/** A form that shows above its fields what the gateway said about none of them. */
export function Form({ onSubmit, problem, shown = [], children, className, ...rest }: FormProps) {
  const others = problem?.others(shown) ?? [];
  const quiet = problem && problem.errors.length > 0 && others.length === 0;
  return (
    <form
      noValidate
      className={cx(styles.form, className)}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onSubmit();
      }}
      {...rest}
    >
      {problem && !quiet && (
        <div className={styles.failed} role="alert">
          <strong>{problem.title}.</strong> {others.length === 0 && problem.detail}
          {others.map((error) => (
            <div key={`${error.pointer ?? error.parameter ?? ''}${error.detail}`}>
              <span className="mono">{error.pointer ?? error.parameter}</span> {error.detail}
            </div>
          ))}
        </div>
      )}
      {children}
    </form>
  );
}
