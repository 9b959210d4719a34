/** A secret that is shown once. The dialog closes only by its button, so that no stray key loses it. */
import type { ReactNode } from 'react';
import { Button, CodeBlock, Dialog } from '@/ui';

interface Props {
  title: string;
  about: string;
  secret: string;
  onClose: () => void;
  children?: ReactNode;
}

export function Secret({ title, about, secret, onClose, children }: Props) {
  return (
    <Dialog
      open
      onClose={() => undefined}
      title={title}
      about={about}
      foot={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <CodeBlock label="Secret" text={secret} wrap />
      {children}
    </Dialog>
  );
}
