/** Making a budget or changing its cap, with what the cap would have meant for what was spent before. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { Button, Combobox, Dialog, Field, Form, Input, Select } from '@/ui';
import { useScopes } from './useScopes';
import { WhatIf } from './WhatIf';
import { WINDOWS, type Window, microOf, typedOf } from './words';

interface Props {
  stored: Schema<'Budget'> | null;
  onClose: () => void;
}

const LENGTHS = (['1h', '1d', '1w', '1mo'] as const).map((value) => ({
  value,
  label: `Each ${WINDOWS[value]}`,
}));

export function BudgetDialog({ stored, onClose }: Props) {
  const scopes = useScopes();
  const [scope, setScope] = useState<string | null>(stored?.scope ?? null);
  const [window, setWindow] = useState<Window>(stored?.window ?? '1mo');
  const [model, setModel] = useState(stored?.model ?? '');
  const [typed, setTyped] = useState(stored ? typedOf(stored.cap_micro_usd) : '');
  const cap = microOf(typed);
  const [tried, setTried] = useState(false);
  const patch = (id: string, cap_micro_usd: number) =>
    call(http.PATCH('/api/v1/budgets/{id}', { params: { path: { id } }, body: { cap_micro_usd } }));
  const save = useAct({
    run: (cap_micro_usd: number) =>
      stored
        ? patch(stored.id, cap_micro_usd)
        : call(
            http.POST('/api/v1/budgets', {
              body: { scope: scope ?? '', window, cap_micro_usd, model: model || null },
            }),
          ),
    done: () => (stored ? 'Cap changed' : 'Budget created'),
    undo: stored ? () => patch(stored.id, stored.cap_micro_usd) : undefined,
    topics: ['budgets', 'audit'],
    form: true,
    then: onClose,
  });
  const submit = () => {
    setTried(true);
    if (cap !== null) save.act(cap);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      width={560}
      title={stored ? `Cap of ${stored.scope_name ?? 'the organization'}` : 'Create budget'}
      about={stored ? 'What was spent in the present window stays spent.' : undefined}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={save.pending} onClick={submit}>
            {stored ? 'Save' : 'Create budget'}
          </Button>
        </>
      }
    >
      <Form
        onSubmit={submit}
        problem={save.problem}
        shown={['/scope', '/window', '/model', '/cap_micro_usd']}
      >
        {!stored && (
          <>
            <Field label="For" error={save.problem?.field('/scope')}>
              <Combobox label="For" value={scope} onChange={setScope} choices={scopes} />
            </Field>
            <Field label="Window" error={save.problem?.field('/window')}>
              <Select
                options={LENGTHS}
                value={window as (typeof LENGTHS)[number]['value']}
                onChange={setWindow}
              />
            </Field>
            <Field
              label="Models"
              hint="With * as a wildcard; empty: all."
              error={save.problem?.field('/model')}
            >
              <Input value={model} onChange={(event) => setModel(event.target.value)} />
            </Field>
          </>
        )}
        <Field
          label="Cap in US dollars"
          error={
            save.problem?.field('/cap_micro_usd') ??
            (tried && cap === null ? 'An amount such as 250 or 12.50.' : undefined)
          }
        >
          <Input
            inputMode="decimal"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Field>
        {scope && cap !== null && window !== '1m' && (
          <WhatIf scope={scope} window={window} cap={cap} model={model} />
        )}
      </Form>
    </Dialog>
  );
}
