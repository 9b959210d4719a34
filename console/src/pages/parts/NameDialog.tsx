/** Asks for the name of something that has nothing else: to create it, or to rename it. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import type { Topic } from '@/api/topics';
import { Button, Dialog, Field, Form, Input } from '@/ui';

interface Props {
  /** What it is, as in `Create team`. */
  what: string;
  /** Its name so far; null: it is to be created. */
  before: string | null;
  put: (name: string) => Promise<unknown>;
  topics: readonly Topic[];
  placeholder?: string;
  maxLength?: number;
  onClose: () => void;
}

export function NameDialog({ what, before, put, topics, placeholder, maxLength, onClose }: Props) {
  const [name, setName] = useState(before ?? '');
  const create = before === null;
  const save = useAct({
    run: () => put(name),
    done: () => (create ? `${name} created` : `Renamed to ${name}`),
    undo: create ? undefined : () => put(before),
    topics,
    form: true,
    then: onClose,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={create ? `Create ${what}` : `Rename ${before}`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="name" pending={save.pending}>
            {create ? `Create ${what}` : 'Rename'}
          </Button>
        </>
      }
    >
      <Form id="name" onSubmit={() => save.act()} problem={save.problem} shown={['/name']}>
        <Field label="Name" error={save.problem?.field('/name')}>
          <Input
            value={name}
            maxLength={maxLength}
            placeholder={placeholder}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </Form>
    </Dialog>
  );
}
