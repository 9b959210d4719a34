/** The calls on which guardrails did something, newest first. What they found is kept nowhere. */
import { useNavigate } from 'react-router';
import type { Schema } from '@/api/client';
import { useGet, useList } from '@/api/query';
import { useMay } from '@/api/session';
import { Badge, type Column, EmptyState, type Filter, FilterBar, RelativeTime, Table } from '@/ui';
import { oneOf, text, useSearch } from '@/url/search';
import { Two } from '../fleet/parts/Identity';
import { appliedWords } from './words';

type Guarded = Schema<'GuardedRequest'>;

const ACTIONS = [
  'block',
  'redact',
  'restore',
  'flag',
  'log',
  'bypassed',
  'unscanned',
  'refused',
] as const;
const PARAMS = {
  tab: text,
  guardrail: text,
  detector: text,
  action: oneOf(...ACTIONS),
  shadow: oneOf('true', 'false'),
};

const WORDS: Record<(typeof ACTIONS)[number], string> = {
  block: 'Blocked',
  redact: 'Replaced',
  restore: 'Replaced and restored',
  flag: 'Flagged',
  log: 'Noted',
  bypassed: 'Did not look',
  unscanned: 'Did not read binary parts',
  refused: 'Refused, unseen',
};

const SHADOW: Filter = {
  name: 'shadow',
  label: 'Force',
  choices: [
    { value: 'false', label: 'In force' },
    { value: 'true', label: 'In shadow' },
  ],
};

const COLUMNS: readonly Column<Guarded>[] = [
  {
    id: 'what',
    header: 'What came of it',
    width: 'minmax(200px, 2fr)',
    cell: ({ applied }) => {
      const [first, ...more] = applied;
      if (!first) return null;
      const rest = more.length > 0 ? ` and ${more.length} more` : '';
      return (
        <Two
          first={<span className="truncate">{appliedWords(first)}</span>}
          second={`${first.guardrail}${rest}`}
        />
      );
    },
  },
  {
    id: 'phase',
    header: 'In',
    width: '140px',
    from: 640,
    cell: ({ applied }) => (
      <span className="secondary">
        {[...new Set(applied.map(({ phase }) => (phase === 'prompt' ? 'Prompt' : 'Answer')))].join(
          ', ',
        )}
      </span>
    ),
  },
  {
    id: 'places',
    header: 'Text',
    width: 'minmax(120px, 1fr)',
    from: 860,
    about: 'What kind of text it was in.',
    cell: ({ applied }) => (
      <span className="secondary truncate">
        {[...new Set(applied.flatMap(({ places }) => places))].join(', ').replaceAll('_', ' ')}
      </span>
    ),
  },
  {
    id: 'force',
    header: 'Force',
    width: '90px',
    from: 480,
    cell: ({ applied }) =>
      applied.every(({ shadow }) => shadow) ? (
        <Badge>Shadow</Badge>
      ) : (
        <Badge tone="warn">Done</Badge>
      ),
  },
  {
    id: 'when',
    header: 'When',
    width: '90px',
    align: 'end',
    cell: ({ started_at }) => <RelativeTime at={started_at} />,
  },
];

export function Findings() {
  const navigate = useNavigate();
  const [search] = useSearch(PARAMS);
  const sees = useMay('guardrails');
  const guardrails = useGet('/api/v1/guardrails', undefined, { enabled: sees });
  const { guardrail, detector, action, shadow } = search;
  const query = {
    guardrail,
    detector,
    action,
    shadow: shadow === undefined ? undefined : shadow === 'true',
  };
  // Calls announce nothing, so they are asked for.
  const list = useList('/api/v1/guardrails/findings', { params: { query } }, { every: 10_000 });
  const filters: readonly Filter[] = [
    {
      name: 'guardrail',
      label: 'Guardrail',
      choices: (guardrails.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
    },
    {
      name: 'action',
      label: 'Action',
      choices: ACTIONS.map((value) => ({ value, label: WORDS[value] })),
    },
    SHADOW,
  ];
  return (
    <section className="section">
      <FilterBar
        page="findings"
        filters={filters}
        search={{ name: 'detector', label: 'Rule, such as github-pat' }}
      />
      <Table
        label="Findings"
        list={list}
        rowKey={({ request }) => request}
        columns={COLUMNS}
        onOpen={({ request }) => void navigate(`/requests/${request}`)}
        empty={
          <EmptyState title="Nothing was found">
            Here are the calls on which a guardrail found something or could not look. What was
            found is kept nowhere: only which rule it was, where, and what was done.
          </EmptyState>
        }
      />
    </section>
  );
}
