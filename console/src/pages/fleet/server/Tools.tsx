/** The tools of a server, and which of them may be called by anybody in the fleet. */
import type { Schema } from '@/api/client';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import { EmptyState, StatusDot, Switch } from '@/ui';
import { useDecide } from '../parts/useDecide';
import { TOOL_SOURCE } from '../parts/words';
import styles from '../parts/fleet.module.css';
import { NO_RULES, allowed, asList, withTool } from './toolRules';

interface Props {
  server: Schema<'McpServer'>;
  /** The decision for the fleet, where somebody made one. */
  rule?: Schema<'McpRule'>;
}

export function Tools({ server, rule }: Props) {
  const may = useMay('decide');
  const decide = useDecide();
  const rules = rule?.tools ?? NO_RULES;
  const known = server.tools.map(({ name }) => name);
  // A rule may name what nobody has seen.
  const unseen = [...(rules.allow ?? []), ...rules.deny].filter((name) => !known.includes(name));
  const set = (tools: typeof rules) =>
    decide.act({
      targets: [{ kind: 'mcp_server', item: server.identity }],
      decision: server.decision,
      audience: 'fleet',
      tools,
    });
  const denied = server.decision === 'denied';
  if (known.length === 0 && unseen.length === 0) {
    return (
      <EmptyState title="Its tools are not known yet">
        They are read from a manifest, or when a client asks the server for them. It is never
        started to find out.
      </EmptyState>
    );
  }
  const list = (rules.allow ?? null) !== null;
  const open = known.filter((name) => allowed(rules, name)).length;
  return (
    <div className="section">
      <div className="row">
        <p className="secondary grow">
          {denied
            ? 'The server is denied, so none of its tools can be called. These rules hold once it is approved or pending.'
            : `${count(open)} of ${count(known.length)} known tools may be called.`}
        </p>
        {may && (
          <Switch
            checked={list}
            disabled={decide.pending}
            onChange={(next) => set(asList(rules, [...known, ...unseen], next))}
            label="Only tools allowed here; new ones are refused"
          />
        )}
      </div>
      <div>
        {server.tools.map(({ name, description, source }) => (
          <div key={name} className={styles.tool}>
            <div>
              <code className="strong">{name}</code>
              <div className="small secondary">
                {description ?? 'No description'}
                {source && ` · known ${TOOL_SOURCE[source] ?? source}`}
              </div>
            </div>
            <Rule
              name={name}
              on={allowed(rules, name)}
              may={may}
              pending={decide.pending}
              set={(on) => set(withTool(rules, name, on))}
            />
          </div>
        ))}
        {unseen.map((name) => (
          <div key={name} className={styles.tool}>
            <div>
              <code className="strong">{name}</code>
              <div className="small secondary">Named by the rule; not seen on any device</div>
            </div>
            <Rule
              name={name}
              on={allowed(rules, name)}
              may={may}
              pending={decide.pending}
              set={(on) => set(withTool(rules, name, on))}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

interface RuleProps {
  name: string;
  on: boolean;
  may: boolean;
  pending: boolean;
  set: (on: boolean) => void;
}

function Rule({ name, on, may, pending, set }: RuleProps) {
  if (!may) {
    return on ? (
      <StatusDot of="approved">Allowed</StatusDot>
    ) : (
      <StatusDot of="denied">Refused</StatusDot>
    );
  }
  return (
    <Switch
      checked={on}
      disabled={pending}
      onChange={set}
      label={
        <>
          <span className="sr-only">{name}: </span>
          {on ? 'Allowed' : 'Refused'}
        </>
      }
    />
  );
}
