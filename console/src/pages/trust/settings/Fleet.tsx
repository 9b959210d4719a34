/** How devices behave: check-ins, what holds where nobody has decided, what happens without a gateway. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { Button, Field, Form, Input, Load, Select, TextArea } from '@/ui';
import styles from '../trust.module.css';

type Values = Schema<'EdgeSettings'>;

const DECISIONS = [
  { value: 'approved', label: 'Approved: they may be used' },
  { value: 'pending', label: 'Pending: they go on working until somebody decides' },
  { value: 'denied', label: 'Denied: only what is approved may be used' },
] as const;

export function Fleet() {
  const query = useGet('/api/v1/edge/settings');
  return (
    <Load query={query}>
      {(stored) => <FleetForm key={JSON.stringify(stored)} stored={stored} />}
    </Load>
  );
}

function FleetForm({ stored }: { stored: Values }) {
  const may = useMay('decide');
  const [values, setValues] = useState(stored);
  const change = (part: Partial<Values>) => setValues((old) => ({ ...old, ...part }));
  const put = (body: Values) => call(http.PUT('/api/v1/edge/settings', { body }));
  const save = useAct({
    run: put,
    done: () => 'Settings saved; devices learn of them at once',
    undo: () => put(stored),
    topics: ['settings', 'policy', 'audit'],
    form: true,
  });
  const same = JSON.stringify(values) === JSON.stringify(stored);
  return (
    <Form
      className={styles.narrow}
      onSubmit={() => save.act(values)}
      problem={save.problem}
      shown={['/check_in_seconds', '/never_block']}
    >
      <Field
        label="Check-in interval"
        hint="Seconds, 5 to 86,400. Decisions reach devices at once while they hold a long poll; the interval is what holds where something on the way does not let one through."
        error={save.problem?.field('/check_in_seconds')}
      >
        <Input
          type="number"
          min={5}
          max={86400}
          disabled={!may}
          value={values.check_in_seconds}
          onChange={(event) => change({ check_in_seconds: event.target.valueAsNumber || 0 })}
        />
      </Field>
      <Field label="Apps that nobody has decided about">
        <Select
          options={DECISIONS}
          disabled={!may}
          value={values.default_decision}
          onChange={(default_decision) => change({ default_decision })}
        />
      </Field>
      <Field label="MCP servers that nobody has decided about">
        <Select
          options={DECISIONS}
          disabled={!may}
          value={values.default_mcp_decision}
          onChange={(default_mcp_decision) => change({ default_mcp_decision })}
        />
      </Field>
      <Field
        label="Whose credential goes to the provider"
        hint="Of apps that nobody has decided about."
      >
        <Select
          disabled={!may}
          options={[
            { value: 'pass_through', label: 'The app’s own, as it sent it' },
            { value: 'gateway', label: 'The gateway’s; the app’s is taken off' },
          ]}
          value={values.default_mode}
          onChange={(default_mode) => change({ default_mode })}
        />
      </Field>
      <Field
        label="Apps that accept only their vendor’s certificate"
        hint="They cannot be read. Seen by their refusal of ours."
      >
        <Select
          disabled={!may}
          options={[
            { value: 'bypass', label: 'Let them connect past the gateway' },
            { value: 'block', label: 'Refuse them' },
          ]}
          value={values.default_pinned}
          onChange={(default_pinned) => change({ default_pinned })}
        />
      </Field>
      <Field label="While a device cannot reach the gateway">
        <Select
          disabled={!may}
          options={[
            { value: 'open', label: 'Fail open: AI apps connect directly' },
            { value: 'closed', label: 'Fail closed: AI apps are refused' },
          ]}
          value={values.fail}
          onChange={(fail) => change({ fail })}
        />
      </Field>
      <Field
        label="Hosts that are never refused"
        hint="One a line, such as the identity provider and the device management. The gateway itself never is."
        error={save.problem?.field('/never_block')}
      >
        <TextArea
          rows={4}
          disabled={!may}
          value={values.never_block.join('\n')}
          onChange={(event) => change({ never_block: event.target.value.split('\n') })}
          onBlur={() =>
            change({ never_block: values.never_block.map((host) => host.trim()).filter(Boolean) })
          }
        />
      </Field>
      <div className="row">
        <Button type="submit" look="primary" disabled={!may || same} pending={save.pending}>
          Save
        </Button>
        {!same && <Button onClick={() => setValues(stored)}>Discard</Button>}
      </div>
    </Form>
  );
}
