/** An identity provider: who it is, who we are there, and which groups get which role. */
import { X } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { Button, Checkbox, Copy, Dialog, Field, Form, IconButton, Input, Select } from '@/ui';
import { useTeams } from '../../fleet/parts/useChoices';
import { ROLE_CHOICES, type Role } from './roles';
import styles from '../trust.module.css';

type Provider = Schema<'IdentityProvider'>;
type Rule = Schema<'NewGroupRule'>;

interface Props {
  provider: Provider | null;
  onClose: () => void;
}

export function ProviderDialog({ provider, onClose }: Props) {
  const [issuer, setIssuer] = useState(provider?.issuer ?? '');
  const [name, setName] = useState(provider?.name ?? '');
  const [client_id, setClient] = useState(provider?.client_id ?? '');
  const [secret, setSecret] = useState('');
  const [groups_claim, setClaim] = useState(provider?.groups_claim ?? 'groups');
  const [scopes, setScopes] = useState((provider?.scopes ?? ['profile', 'email']).join(' '));
  const [trusts_email, setTrusts] = useState(provider?.trusts_email ?? false);
  const [rules, setRules] = useState<Rule[]>(provider?.rules ?? [{ group: '', role: 'admin' }]);
  const [others, setOthers] = useState<Role | ''>(provider?.default_role ?? '');
  const shared = {
    name,
    client_id,
    groups_claim,
    scopes: scopes.split(/\s+/).filter(Boolean),
    trusts_email,
    rules: rules.filter(({ group }) => group.trim() !== ''),
    default_role: others || null,
  };
  const given = secret ? { client_secret: secret } : {};
  const save = useAct({
    run: () =>
      provider
        ? call(
            http.PATCH('/api/v1/identity-providers/{id}', {
              params: { path: { id: provider.id } },
              body: { ...shared, ...given },
            }),
          )
        : call(http.POST('/api/v1/identity-providers', { body: { issuer, ...shared, ...given } })),
    done: () => (provider ? `${name} changed` : `${name} added`),
    topics: ['settings', 'audit'],
    form: true,
    then: onClose,
  });
  const field = (pointer: string) => save.problem?.field(pointer);
  return (
    <Dialog
      open
      onClose={onClose}
      width={640}
      title={provider ? `Change ${provider.name}` : 'Add an identity provider'}
      about={
        <>
          Register a web application there with the redirect URI{' '}
          <Copy
            text={provider?.redirect_uri ?? `${window.location.origin}/api/v1/sign-in/callback`}
          />
        </>
      }
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={save.pending} onClick={() => save.act()}>
            {provider ? 'Save' : 'Add provider'}
          </Button>
        </>
      }
    >
      <Form
        onSubmit={() => save.act()}
        problem={save.problem}
        shown={['/name', '/issuer', '/client_id', '/client_secret', '/groups_claim', '/scopes']}
      >
        <Field label="Name" hint="On the button of the sign-in page." error={field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field
          label="Issuer"
          hint="To the letter, as its discovery document says. It never changes."
          error={field('/issuer')}
        >
          <Input
            type="url"
            placeholder="https://example.okta.com"
            disabled={provider !== null}
            value={issuer}
            onChange={(event) => setIssuer(event.target.value)}
          />
        </Field>
        <Field label="Client id" error={field('/client_id')}>
          <Input value={client_id} onChange={(event) => setClient(event.target.value)} />
        </Field>
        <Field
          label="Client secret"
          hint={
            provider?.has_secret
              ? 'Empty: as it is. It cannot be read again.'
              : 'Empty for a public client. It is sealed, and cannot be read again.'
          }
          error={field('/client_secret')}
        >
          <Input
            type="password"
            autoComplete="off"
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
          />
        </Field>
        <Field
          label="Where groups stand among the claims"
          hint="A dot leads into an object: realm_access.roles."
          error={field('/groups_claim')}
        >
          <Input value={groups_claim} onChange={(event) => setClaim(event.target.value)} />
        </Field>
        <Field label="Scopes besides openid" error={field('/scopes')}>
          <Input value={scopes} onChange={(event) => setScopes(event.target.value)} />
        </Field>
        <Rules rules={rules} onChange={setRules} />
        <Field label="People in none of these groups">
          <Select<Role | ''>
            options={[
              { value: '', label: 'May not sign in' },
              ...ROLE_CHOICES.filter(({ value }) => value !== 'team_admin'),
            ]}
            value={others}
            onChange={setOthers}
          />
        </Field>
        <Checkbox
          checked={trusts_email}
          onChange={setTrusts}
          label="Its addresses count without its word that they are verified"
          hint="Only for a provider where nobody can give themselves an address."
        />
      </Form>
    </Dialog>
  );
}

interface RulesProps {
  rules: readonly Rule[];
  onChange: (rules: Rule[]) => void;
}

function Rules({ rules, onChange }: RulesProps) {
  const teams = useTeams();
  const change = (at: number, part: Partial<Rule>) =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)));
  return (
    <fieldset className="section">
      <legend className="strong">Groups and roles</legend>
      <p className="small secondary">The first that fits counts, so the strongest come first.</p>
      {rules.map((rule, at) => (
        // Rules have no id: what is at a place is the rule.
        <div key={at} className={styles.rule}>
          <Field label={`Group ${at + 1}`}>
            <Input
              value={rule.group}
              onChange={(event) => change(at, { group: event.target.value })}
            />
          </Field>
          <Field label="Role">
            <Select
              options={ROLE_CHOICES}
              value={rule.role}
              onChange={(role) => change(at, { role, team: null })}
            />
          </Field>
          {rule.role === 'team_admin' ? (
            <Field label="Team">
              <Select
                options={[{ value: '', label: 'Choose' }, ...teams.choices]}
                value={rule.team ?? ''}
                onChange={(team) => change(at, { team: team || null })}
              />
            </Field>
          ) : (
            <span />
          )}
          <IconButton
            label={`Remove group ${at + 1}`}
            onClick={() => onChange(rules.filter((_, index) => index !== at))}
          >
            <X size={15} />
          </IconButton>
        </div>
      ))}
      <div>
        <Button small onClick={() => onChange([...rules, { group: '', role: 'read_only' }])}>
          Add a group
        </Button>
      </div>
    </fieldset>
  );
}
