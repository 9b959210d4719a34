/** A menu of actions at its button. */
import { Check } from 'lucide-react';
import { DropdownMenu as Radix, Slot } from 'radix-ui';
import { type ReactNode, useId, useRef, useState } from 'react';
import { Link } from 'react-router';
import { StandIn } from './StandIn';
import { cx } from './cx';
import styles from './overlay.module.css';

interface Props {
  trigger: ReactNode;
  align?: 'start' | 'center' | 'end';
  children: ReactNode;
}

export function Menu({ trigger, align = 'end', children }: Props) {
  const button = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<boolean | null>(null);
  const id = useId();
  return (
    <>
      <Slot.Root
        id={id}
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open ?? false}
        aria-controls={open ? `${id}-menu` : undefined}
        data-state={open ? 'open' : 'closed'}
        // It has to be there before a key opens it: only then does it know that keys are used.
        onFocus={() => setOpen((now) => now ?? false)}
        onPointerDown={(event) => {
          if (event.button !== 0 || event.ctrlKey) return;
          // The menu takes the focus, so the button must not.
          if (!open) event.preventDefault();
          setOpen(!open);
        }}
        onKeyDown={(event) => {
          if (!['Enter', ' ', 'ArrowDown'].includes(event.key)) return;
          event.preventDefault();
          setOpen(event.key === 'ArrowDown' || !open);
        }}
      >
        {trigger}
      </Slot.Root>
      {open !== null && (
        <Radix.Root open={open} onOpenChange={setOpen} modal={false}>
          <Radix.Trigger asChild>
            <StandIn for={button} />
          </Radix.Trigger>
          <Radix.Portal>
            <Radix.Content
              id={`${id}-menu`}
              aria-labelledby={id}
              className={styles.menu}
              align={align}
              sideOffset={6}
              collisionPadding={8}
            >
              {children}
            </Radix.Content>
          </Radix.Portal>
        </Radix.Root>
      )}
    </>
  );
}

interface ItemProps {
  onSelect: () => void;
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  /** For one of several that is chosen. */
  checked?: boolean;
  children: ReactNode;
}

export function MenuItem({ onSelect, icon, danger, disabled, checked, children }: ItemProps) {
  return (
    <Radix.Item
      className={cx(styles.item, danger && styles.danger)}
      disabled={disabled}
      onSelect={onSelect}
    >
      {icon}
      {children}
      {checked && <Check size={14} className={styles.check} aria-label="chosen" />}
    </Radix.Item>
  );
}

export function MenuLink({
  to,
  icon,
  children,
}: {
  to: string;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Radix.Item asChild>
      <Link className={styles.item} to={to}>
        {icon}
        {children}
      </Link>
    </Radix.Item>
  );
}

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className={styles.label}>{children}</Radix.Label>
);

export const MenuLine = () => <Radix.Separator className={styles.line} />;
