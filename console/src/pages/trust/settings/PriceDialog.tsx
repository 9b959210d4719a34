/** Setting what a model costs. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { Button, Dialog, Field, Form, Input, Select } from '@/ui';

type Row = Schema<'PriceRow'>;

const FAMILIES: readonly { value: Row['family']; label: string }[] = [
  { value: 'openai', label: 'OpenAI' },
  { value: 'anthropic', label: 'Anthropic' },
  { value: 'bedrock', label: 'Bedrock' },
  { value: 'gemini', label: 'Gemini' },
];

interface Props {
  price: Schema<'Price'> | null;
  onClose: () => void;
}

export function PriceDialog({ price, onClose }: Props) {
  const [row, setRow] = useState<Row>(
    price?.row ?? ({ family: 'openai', model: '', input: '', output: '' } as Row),
  );
  const change = (part: Partial<Row>) => setRow((old) => ({ ...old, ...part }));
  const put = (body: Row) => call(http.PUT('/api/v1/prices/overrides', { body }));
  const save = useAct({
    run: () => put(row),
    done: () => `Price of ${row.model} set`,
    topics: ['settings', 'audit'],
    form: true,
    then: onClose,
  });
  const usd = (label: string, name: 'input' | 'output' | 'cached', hint?: string) => (
    <Field label={label} hint={hint} error={save.problem?.field(`/${name}`)}>
      <Input
        inputMode="decimal"
        value={String(row[name] ?? '')}
        onChange={(event) => change({ [name]: event.target.value || null })}
      />
    </Field>
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={price ? `What ${price.name} costs` : 'Set a price'}
      about="US dollars for a million tokens. Calls from now on are counted by it; what was logged stays."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={save.pending} onClick={() => save.act()}>
            Set price
          </Button>
        </>
      }
    >
      <Form
        onSubmit={() => save.act()}
        problem={save.problem}
        shown={['/model', '/input', '/output', '/cached', '/family']}
      >
        {!price && (
          <>
            <Field label="Model" error={save.problem?.field('/model')}>
              <Input
                value={row.model}
                onChange={(event) => change({ model: event.target.value })}
              />
            </Field>
            <Field label="Dialect" error={save.problem?.field('/family')}>
              <Select
                options={FAMILIES}
                value={row.family}
                onChange={(family) => change({ family })}
              />
            </Field>
          </>
        )}
        {usd('Prompt', 'input')}
        {usd('Prompt, from a cache', 'cached', 'Empty: as any prompt.')}
        {usd('Answer', 'output')}
      </Form>
    </Dialog>
  );
}
