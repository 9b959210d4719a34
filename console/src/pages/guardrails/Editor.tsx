/** Making a guardrail or changing it, with a box to try it on a text before anybody meets it. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { Button, Checkbox, Drawer, Field, Form, Input, Select, TextArea } from '@/ui';
import { DetectFields } from './DetectFields';
import { ScopeFields } from './ScopeFields';
import { TryBox } from './TryBox';
import { type Action, BLANK, type Definition, EVERYBODY, type Guardrail } from './words';

interface Props {
  stored: Guardrail | null;
  may: boolean;
  onRemove: (guardrail: Guardrail) => void;
  onClose: () => void;
}

type Force = 'shadow' | 'on' | 'off';
type Doing = 'log' | 'flag' | 'name' | 'mask' | 'hash' | 'restore' | 'block';

const FORCES: readonly { value: Force; label: string }[] = [
  { value: 'shadow', label: 'In shadow: only note what would happen' },
  { value: 'on', label: 'In force' },
  { value: 'off', label: 'Off' },
];

const DOINGS: readonly { value: Doing; label: string }[] = [
  { value: 'log', label: 'Note it in the log' },
  { value: 'flag', label: 'Flag it' },
  { value: 'name', label: 'Replace it by the rule’s name' },
  { value: 'mask', label: 'Replace it by stars' },
  { value: 'hash', label: 'Replace it by a hash' },
  { value: 'restore', label: 'Replace it, and restore it in the answer' },
  { value: 'block', label: 'Block the call or the answer' },
];

const actionOf = (doing: Doing): Action => {
  switch (doing) {
    case 'name':
    case 'mask':
    case 'hash':
      return { do: 'redact', with: doing };
    default:
      return { do: doing };
  }
};

const doingOf = (action: Action): Doing =>
  action.do === 'redact' ? (action.with ?? 'name') : action.do;

export function Editor({ stored, may, onRemove, onClose }: Props) {
  const [name, setName] = useState(stored?.name ?? '');
  const [definition, setDefinition] = useState<Definition>(stored?.definition ?? BLANK);
  const [enabled, setEnabled] = useState(stored?.enabled ?? true);
  const change = (more: Partial<Definition>) => setDefinition({ ...definition, ...more });
  const force: Force = enabled ? (definition.shadow ? 'shadow' : 'on') : 'off';
  const patch = (id: string, body: Schema<'GuardrailChange'>) =>
    call(http.PATCH('/api/v1/guardrails/{id}', { params: { path: { id } }, body }));
  const save = useAct({
    run: () =>
      stored
        ? patch(stored.id, { name, enabled, definition })
        : call(http.POST('/api/v1/guardrails', { body: { name, enabled, definition } })),
    done: () => (stored ? `${name} changed` : `${name} created`),
    undo: stored
      ? () =>
          patch(stored.id, {
            name: stored.name,
            enabled: stored.enabled,
            definition: stored.definition,
          })
      : undefined,
    topics: ['guardrails', 'audit'],
    form: true,
    then: onClose,
  });
  const error = (pointer: string) => save.problem?.field(pointer);
  return (
    <Drawer
      open
      onClose={onClose}
      width={640}
      title={stored ? stored.name : 'Create guardrail'}
      about="It is in force on every gateway within a second of saving."
      foot={
        may && (
          <>
            {stored && (
              <Button look="quiet" onClick={() => onRemove(stored)}>
                Remove
              </Button>
            )}
            <span className="grow" />
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" pending={save.pending} onClick={() => save.act()}>
              {stored ? 'Save' : 'Create guardrail'}
            </Button>
          </>
        )
      }
    >
      <Form
        onSubmit={() => save.act()}
        problem={save.problem}
        shown={['/name', '/definition/condition', '/definition/sample']}
      >
        <fieldset disabled={!may} className="stack">
          <Field
            label="Name"
            hint="Whoever is refused by it reads this name."
            error={error('/name')}
          >
            <Input value={name} maxLength={64} onChange={(event) => setName(event.target.value)} />
          </Field>
          <DetectFields detect={definition.detect} onChange={(detect) => change({ detect })} />
          <Field label="When something is found">
            <Select
              options={DOINGS}
              value={doingOf(definition.action)}
              onChange={(doing) => change({ action: actionOf(doing) })}
            />
          </Field>
          <div className="row">
            <Checkbox
              label="Look at prompts"
              checked={definition.prompts ?? true}
              onChange={(prompts) => change({ prompts })}
            />
            <Checkbox
              label="Look at answers"
              checked={definition.answers ?? true}
              onChange={(answers) => change({ answers })}
            />
          </div>
          <ScopeFields
            scope={definition.scope ?? EVERYBODY}
            onChange={(scope) => change({ scope })}
          />
          <Field
            label="Condition"
            hint="A CEL expression, such as call.relayed && call.app != 'cursor'. Empty: always."
            error={error('/definition/condition')}
          >
            <TextArea
              className="mono"
              rows={2}
              value={definition.condition ?? ''}
              onChange={(event) => change({ condition: event.target.value })}
            />
          </Field>
          <Field label="On how many of a hundred calls" error={error('/definition/sample')}>
            <Input
              inputMode="numeric"
              value={String(definition.sample ?? 100)}
              onChange={(event) => change({ sample: Number(event.target.value) || 0 })}
            />
          </Field>
          <Field label="When it cannot look">
            <Select
              options={[
                { value: 'closed', label: 'Refuse the call' },
                { value: 'open', label: 'Let it pass, and note that nobody looked' },
              ]}
              value={definition.on_failure ?? 'closed'}
              onChange={(on_failure) => change({ on_failure })}
            />
          </Field>
          <Field label="State">
            <Select
              options={FORCES}
              value={force}
              onChange={(next) => {
                setEnabled(next !== 'off');
                if (next !== 'off') change({ shadow: next === 'shadow' });
              }}
            />
          </Field>
        </fieldset>
      </Form>
      {may && <TryBox definition={definition} />}
    </Drawer>
  );
}
