/** Who changed what, when, from what to what; and whether the record is as it was written. */
import { ShieldCheck, ShieldX } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { useList } from '@/api/query';
import { count, plural } from '@/format/format';
import {
  Button,
  CodeBlock,
  type Column,
  Copy,
  Drawer,
  EmptyState,
  type Filter,
  FilterBar,
  KeyValue,
  PageHeader,
  RelativeTime,
  Table,
  cx,
} from '@/ui';
import { href, text, useSearch } from '@/url/search';
import type { Schema } from '@/api/client';
import { Two } from '../fleet/parts/Identity';
import { actorWord, sentence } from '../overview/changeWords';
import { middle } from '../fleet/parts/words';
import styles from './trust.module.css';

type Entry = Schema<'AuditEntry'>;

const PARAMS = { q: text, actor: text, action: text, target: text, from: text, to: text };

const FILTERS: readonly Filter[] = [
  {
    name: 'action',
    label: 'Subject',
    choices: [
      { value: 'edge_app.', label: 'Decisions about apps' },
      { value: 'edge_mcp.', label: 'Decisions about MCP servers' },
      { value: 'device.', label: 'Devices' },
      { value: 'access_request.', label: 'Access requests' },
      { value: 'key.', label: 'Keys' },
      { value: 'budget.', label: 'Budgets' },
      { value: 'limit.', label: 'Limits' },
      { value: 'user.', label: 'Users' },
      { value: 'team.', label: 'Teams' },
      { value: 'account.', label: 'Accounts' },
      { value: 'session.', label: 'Sign-ins' },
      { value: 'token.', label: 'API tokens' },
      { value: 'identity_provider.', label: 'Identity providers' },
      { value: 'edge_settings.', label: 'Fleet settings' },
    ],
  },
  { name: 'actor', label: 'Who (id)', example: 'acc_…, cli or system' },
  {
    name: 'target',
    label: 'What (id or name)',
    example: 'npm:@modelcontextprotocol/server-memory',
  },
  { name: 'from', label: 'From', example: '2026-11-26T00:00:00Z' },
  { name: 'to', label: 'Before', example: '2026-11-27T00:00:00Z' },
];

const COLUMNS: readonly Column<Entry>[] = [
  {
    id: 'seq',
    header: 'No.',
    width: '64px',
    align: 'end',
    from: 900,
    cell: ({ seq }) => count(seq),
  },
  { id: 'at', header: 'When', width: '92px', cell: ({ at }) => <RelativeTime at={at} /> },
  {
    id: 'who',
    header: 'Who',
    width: 'minmax(120px, 1fr)',
    from: 620,
    cell: ({ actor, actor_name }) => (
      <span className="truncate" title={actor}>
        {actor_name ?? actorWord(actor)}
      </span>
    ),
  },
  {
    id: 'what',
    header: 'Did',
    width: 'minmax(200px, 2.4fr)',
    from: 620,
    cell: (entry) => {
      const { did, what } = sentence(entry);
      return (
        <span className="truncate" title={`${did} ${what}`}>
          {did} <span className="strong">{middle(what, 48)}</span>
        </span>
      );
    },
  },
  {
    id: 'what-and-who',
    header: 'Did',
    width: 'minmax(160px, 1fr)',
    until: 620,
    cell: (entry) => {
      const { did, what, who } = sentence(entry);
      return (
        <Two
          first={
            <>
              {did} <span className="strong">{middle(what, 28)}</span>
            </>
          }
          second={who}
        />
      );
    },
  },
  {
    id: 'action',
    header: 'Action',
    width: '190px',
    from: 1000,
    cell: ({ action }) => <span className="mono secondary">{action}</span>,
  },
];

const idOf = ({ id }: Entry) => id;

export default function Audit() {
  const [search] = useSearch(PARAMS);
  const [open, setOpen] = useState<Entry | null>(null);
  const list = useList('/api/v1/audit', { params: { query: search } });
  return (
    <>
      <PageHeader
        title="Audit"
        about="Every change, by whom, from what to what. Each entry seals the one before it, so that a changed or missing one shows."
        actions={<Verify />}
      />
      <FilterBar
        page="audit"
        filters={FILTERS}
        search={{ name: 'q', label: 'Search action, target and details' }}
      />
      <Table
        fill
        label="Audit log"
        list={list}
        rowKey={idOf}
        columns={COLUMNS}
        onOpen={setOpen}
        tallUntil={620}
        csv={href('/api/v1/audit', search)}
        empty={
          <EmptyState title="No entry matches these filters">
            Changes of keys, budgets, decisions, accounts and settings are written here as they are
            made, with the account or token that made them.
          </EmptyState>
        }
      />
      {open && <Detail entry={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Detail({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const { seq, at, actor, actor_name, action, target, target_name, detail, hash } = entry;
  return (
    <Drawer open onClose={onClose} title={`Entry ${count(seq)}`} about={action}>
      <KeyValue
        rows={[
          ['When', <RelativeTime key="at" at={at} />],
          ['Who', actor_name ?? actor],
          ['Id of who', actor_name ? <Copy key="actor" text={actor} /> : null],
          ['What', target_name ?? target],
          ['Id of what', target_name ? <Copy key="target" text={target} /> : null],
          ['Seal', <Copy key="hash" text={hash} shown={middle(hash, 24)} />],
        ]}
      />
      <section className="section">
        <h3>Details</h3>
        <CodeBlock label="Details" text={JSON.stringify(detail, null, 2)} wrap />
      </section>
    </Drawer>
  );
}

/** Checks the whole chain, and says what came of it beside the button. */
function Verify() {
  const [verdict, setVerdict] = useState<Schema<'AuditVerdict'> | null>(null);
  const verify = useAct({
    run: () => call(http.GET('/api/v1/audit/verify')),
    done: () => null,
    topics: [],
    then: (found) => setVerdict(found ?? null),
  });
  return (
    <>
      {verdict && (
        <span role="status" className={cx(styles.verdict, verdict.intact ? styles.ok : styles.bad)}>
          {verdict.intact ? (
            <ShieldCheck size={15} aria-hidden />
          ) : (
            <ShieldX size={15} aria-hidden />
          )}
          {verdict.intact
            ? `Intact: ${plural(verdict.entries ?? 0, 'entry', 'entries')} checked`
            : `Broken at entry ${count(verdict.broken_at ?? 0)}: it was changed, or one before it is missing`}
        </span>
      )}
      <Button onClick={() => verify.act()} pending={verify.pending}>
        Verify the chain
      </Button>
    </>
  );
}
