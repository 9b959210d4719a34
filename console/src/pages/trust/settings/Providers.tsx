/** Identity providers that people sign in through (OpenID Connect). */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useGet } from '@/api/query';
import { plural } from '@/format/format';
import { ROLES } from '@/shell/roles';
import { Badge, Button, ConfirmDialog, Copy, EmptyState, KeyValue, Load, StatusBadge } from '@/ui';
import { ProviderDialog } from './ProviderDialog';
import styles from '../trust.module.css';

type Provider = Schema<'IdentityProvider'>;

export function Providers() {
  const providers = useGet('/api/v1/identity-providers');
  const [editing, setEditing] = useState<Provider | 'new' | null>(null);
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">Identity providers</h2>
        <Button look="primary" onClick={() => setEditing('new')}>
          Add provider
        </Button>
      </div>
      <Load query={providers}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="Nobody signs in through a provider yet">
              Any OpenID Connect provider will do: Okta, Microsoft Entra ID, Google, Keycloak.
              Register the gateway there as a web application, then add it here.
            </EmptyState>
          ) : (
            <div className="stack">
              {items.map((provider) => (
                <One key={provider.id} provider={provider} onEdit={() => setEditing(provider)} />
              ))}
            </div>
          )
        }
      </Load>
      {editing && (
        <ProviderDialog
          provider={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </section>
  );
}

function One({ provider, onEdit }: { provider: Provider; onEdit: () => void }) {
  const { id, name, issuer, redirect_uri, rules, default_role, disabled, client_id } = provider;
  const path = { id };
  const [removing, setRemoving] = useState(false);
  const [test, setTest] = useState<Schema<'IdentityProviderTest'> | null>(null);
  const turn = (off: boolean) =>
    call(
      http.PATCH('/api/v1/identity-providers/{id}', { params: { path }, body: { disabled: off } }),
    );
  const disable = useAct({
    run: turn,
    done: (_, off) => `${name} ${off ? 'disabled: the sessions it opened have ended' : 'enabled'}`,
    undo: (_, off) => turn(!off),
    topics: ['settings', 'audit'],
  });
  const remove = useAct({
    run: () => call(http.DELETE('/api/v1/identity-providers/{id}', { params: { path } })),
    done: () => `${name} removed`,
    topics: ['settings', 'accounts', 'audit'],
  });
  const check = useAct({
    run: () => call(http.POST('/api/v1/identity-providers/{id}/test', { params: { path } })),
    done: () => null,
    topics: [],
    then: (found) => setTest(found ?? null),
  });
  return (
    <article className={styles.secret} aria-label={name}>
      <div className="row">
        <h3 className="grow">{name}</h3>
        {disabled && <StatusBadge of="disabled" />}
        <Button small onClick={() => check.act()} pending={check.pending}>
          Test
        </Button>
        <Button small onClick={onEdit}>
          Change
        </Button>
        <Button small onClick={() => disable.act(!disabled)}>
          {disabled ? 'Enable' : 'Disable'}
        </Button>
        <Button small look="danger" onClick={() => setRemoving(true)}>
          Remove
        </Button>
      </div>
      <KeyValue
        rows={[
          ['Issuer', <Copy key="issuer" text={issuer} />],
          ['Client', client_id],
          ['Redirect URI', <Copy key="redirect" text={redirect_uri} />],
          [
            'Roles',
            <span key="roles" className="row">
              {rules.map(({ group, role }) => (
                <Badge key={group} title={ROLES[role].may}>
                  {group} → {ROLES[role].word}
                </Badge>
              ))}
              <span className="secondary">
                {default_role
                  ? `everybody else: ${ROLES[default_role].word}`
                  : 'everybody else may not sign in'}
              </span>
            </span>,
          ],
        ]}
      />
      {test && (
        <div role="status">
          <StatusBadge of={test.usable ? 'healthy' : 'failing'}>
            {test.usable ? 'People can sign in through it' : 'People cannot sign in through it'}
          </StatusBadge>
          {test.found && (
            <p className="secondary">
              {plural(test.found.keys, 'signing key')}, {test.found.algorithms.join(', ')};{' '}
              {test.found.pkce ? 'checks PKCE' : 'does not say that it checks PKCE'};{' '}
              {test.found.names_itself
                ? 'names itself in answers (RFC 9207)'
                : 'does not name itself in answers'}
              .
            </p>
          )}
          {test.notes.map((note) => (
            <p key={note} className="secondary">
              {note}
            </p>
          ))}
        </div>
      )}
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove ${name}?`}
        action="Remove provider"
        danger
        pending={remove.pending}
        onConfirm={() => remove.act()}
      >
        Nobody signs in through it any more, and the sessions it opened end. Accounts that have no
        password of their own cannot sign in until they are linked to another provider.
      </ConfirmDialog>
    </article>
  );
}
