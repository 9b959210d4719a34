/** Buttons, and links that look like them. */
import type { ComponentProps, ReactNode } from 'react';
import { Link, type LinkProps } from 'react-router';
import styles from './Button.module.css';
import { Tooltip } from './Tooltip';
import { cx } from './cx';

interface Look {
  /** `primary` once per view; `dangerFill` only to confirm; `quiet` in rows and bars. */
  look?: 'default' | 'primary' | 'danger' | 'dangerFill' | 'quiet';
  small?: boolean;
}

type ButtonProps = ComponentProps<'button'> & Look & { pending?: boolean };

const classes = ({ look = 'default', small }: Look, more?: string) =>
  cx(styles.button, look !== 'default' && styles[look], small && styles.small, more);

export function Button({
  look,
  small,
  pending,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      className={classes({ look, small }, className)}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {pending && <span className={styles.spin} aria-hidden />}
      {children}
    </button>
  );
}

/** A button of one icon; the label is its tooltip and its name. */
export function IconButton({
  label,
  children,
  look = 'quiet',
  small,
  className,
  ...rest
}: ComponentProps<'button'> & Look & { label: string; children: ReactNode }) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        className={classes({ look, small }, cx(styles.icon, className))}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  );
}

export function ButtonLink({ look, small, className, ...rest }: LinkProps & Look) {
  return <Link className={classes({ look, small }, className as string)} {...rest} />;
}

/** The same for what the gateway serves itself, such as a CSV file. */
export function ButtonAnchor({
  look,
  small,
  className,
  children,
  ...rest
}: ComponentProps<'a'> & Look) {
  return (
    <a className={classes({ look, small }, className)} {...rest}>
      {children}
    </a>
  );
}
