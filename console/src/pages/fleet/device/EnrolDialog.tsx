/** Enrolling devices: a token, and what to do with it on the machine. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { Button, CodeBlock, Combobox, Copy, Dialog, Field, Form, Input, Select } from '@/ui';
import { GroupField } from '../parts/GroupField';
import { useTeams } from '../parts/useChoices';

const DAYS = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
] as const;

type Days = (typeof DAYS)[number]['value'];

export function EnrolDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [uses, setUses] = useState('1');
  const [days, setDays] = useState<Days>('7');
  const [team, setTeam] = useState<string | null>(null);
  const [group, setGroup] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const teams = useTeams();
  const create = useAct({
    run: () =>
      call(
        http.POST('/api/v1/enrolment-tokens', {
          body: {
            name: name.trim(),
            max_uses: Number(uses) || 1,
            expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
            ...(team ? { team } : {}),
            ...(group ? { group } : {}),
          },
        }),
      ),
    done: () => null,
    topics: ['settings'],
    form: true,
    then: (made) => setSecret(made.secret),
  });
  if (secret) return <Steps secret={secret} onClose={onClose} />;
  const { problem } = create;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Enrol devices"
      about="A token lets so many machines in until it expires. People can also sign in on a machine that has the agent: tidegate-edge login."
      width={480}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="enrol"
            disabled={name.trim() === ''}
            pending={create.pending}
          >
            Create token
          </Button>
        </>
      }
    >
      <Form
        id="enrol"
        onSubmit={() => create.act()}
        problem={problem}
        shown={['/name', '/max_uses', '/expires_at', '/team', '/group']}
      >
        <Field
          label="Name"
          hint="For the audit: who gets it, or why."
          error={problem?.field('/name')}
        >
          <Input
            value={name}
            maxLength={100}
            placeholder="Berlin laptops, November"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Devices at most" error={problem?.field('/max_uses')}>
          <Input
            inputMode="numeric"
            value={uses}
            onChange={(event) => setUses(event.target.value.replace(/\D/g, ''))}
          />
        </Field>
        <Field label="Expires after" error={problem?.field('/expires_at')}>
          <Select<Days> value={days} onChange={setDays} options={DAYS} />
        </Field>
        <Field
          label="Team"
          hint="Its budgets and limits hold for these devices."
          error={problem?.field('/team')}
        >
          <Combobox
            label="Team"
            none="No team"
            choices={teams.choices}
            value={team}
            onChange={setTeam}
          />
        </Field>
        <GroupField
          hint="These devices join it, and guardrails for it hold for them."
          error={problem?.field('/group')}
          value={group}
          onChange={setGroup}
        />
      </Form>
    </Dialog>
  );
}

function Steps({ secret, onClose }: { secret: string; onClose: () => void }) {
  const config = `[gateway]
url = "${window.location.origin}"
enrolment_token = "file:/etc/tidegate-edge/token"`;
  const commands = `sudo install -m 600 /dev/stdin /etc/tidegate-edge/token <<< '${secret}'
sudo tidegate-edge run
sudo tidegate-edge trust install`;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Now on each machine"
      about="The token is shown this once. Lost, it is made anew."
      width={600}
      foot={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="stack">
        <div>
          <h3>The token</h3>
          <Copy text={secret} />
        </div>
        <div className="section">
          <h3>1. Configure the agent: /etc/tidegate-edge/config.toml</h3>
          <CodeBlock label="Configuration" text={config} wrap />
        </div>
        <div className="section">
          <h3>2. Start it, and trust the organisation’s certificate</h3>
          <CodeBlock label="Commands" text={commands} wrap />
        </div>
        <p className="secondary">
          The device appears in the list by itself, within seconds of its first check-in.
        </p>
      </div>
    </Dialog>
  );
}
