/** Asks before something that reaches other people's machines or cannot be undone. What can be taken
 * back with one click needs no question: do it, and offer Undo in the toast. */
import { type ReactNode, useState } from 'react';
import { plural } from '@/format/format';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field, Input } from './Input';
import styles from './overlay.module.css';

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, and what will not. */
  children: ReactNode;
  /** The verb on the button: `Deny app`. */
  action: string;
  danger?: boolean;
  /** How many devices this reaches; it is said first. */
  devices?: number;
  /** Has to be typed. Only for what nobody can take back. */
  word?: string;
  pending?: boolean;
  onConfirm: () => void;
}

export function ConfirmDialog(props: Props) {
  const { open, onClose, title, children, action, danger, devices, word, pending, onConfirm } =
    props;
  const [typed, setTyped] = useState('');
  const ready = word === undefined || typed.trim() === word;
  const close = () => {
    setTyped('');
    onClose();
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      width={440}
      foot={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            look={danger ? 'dangerFill' : 'primary'}
            disabled={!ready}
            pending={pending}
            onClick={onConfirm}
          >
            {action}
          </Button>
        </>
      }
    >
      {devices !== undefined && (
        <p className={styles.touched}>
          <strong>{devices === 0 ? 'No device' : plural(devices, 'device')}</strong>
          <span className="secondary">{devices === 1 ? 'is' : 'are'} affected right now.</span>
        </p>
      )}
      <div className="secondary">{children}</div>
      {word !== undefined && (
        <Field label={`Type ${word} to confirm`}>
          <Input
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
          />
        </Field>
      )}
    </Dialog>
  );
}
