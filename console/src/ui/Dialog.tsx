/** Dialog in the middle, drawer at the right; both keep focus inside and close with Escape. */
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';
import button from './Button.module.css';
import { cx } from './cx';
import styles from './overlay.module.css';

interface Props {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** One sentence under the title that says what this does. */
  about?: ReactNode;
  /** Buttons, the most likely last. */
  foot?: ReactNode;
  width?: number;
  children?: ReactNode;
}

/** Typing begins in the first field; where there is none, the panel itself is read out. */
function begin(event: Event): void {
  event.preventDefault();
  if (!(event.target instanceof HTMLElement)) return;
  const field = event.target.querySelector<HTMLElement>('input, textarea, select');
  (field ?? event.target).focus();
}

function Panel({
  open,
  onClose,
  title,
  about,
  foot,
  width,
  children,
  kind,
}: Props & { kind: string }) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content
          className={styles[kind]}
          onOpenAutoFocus={begin}
          style={width ? ({ '--width': `${width}px` } as CSSProperties) : undefined}
          {...(about ? {} : { 'aria-describedby': undefined })}
        >
          <div className={styles.head}>
            <Radix.Title asChild>
              <h2>{title}</h2>
            </Radix.Title>
            {/* Without a tooltip: Escape would close that first. */}
            <Radix.Close
              aria-label="Close"
              className={cx(button.button, button.quiet, button.icon, button.small)}
            >
              <X size={16} aria-hidden />
            </Radix.Close>
          </div>
          {about && <Radix.Description className={styles.about}>{about}</Radix.Description>}
          {children && <div className={styles.body}>{children}</div>}
          {foot && <div className={styles.foot}>{foot}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const Dialog = (props: Props) => <Panel {...props} kind="dialog" />;

/** A side panel: details beside the list they come from. */
export const Drawer = (props: Props) => <Panel {...props} kind="drawer" />;
