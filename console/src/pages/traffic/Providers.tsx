/** The providers of the configuration, whether they answer, and what they serve. The worked example
 * of a list with a side panel: a page is its columns, its filters and its words. */
import { type Schema } from '@/api/client';
import { useList } from '@/api/query';
import { plural } from '@/format/format';
import {
  Badge,
  type Column,
  EmptyState,
  type Filter,
  FilterBar,
  PageHeader,
  RelativeTime,
  StatusDot,
  Table,
} from '@/ui';
import { oneOf, text, useSearch } from '@/url/search';
import { ProviderPanel } from './ProviderPanel';

type Provider = Schema<'Provider'>;

const PARAMS = {
  q: text,
  health: oneOf('healthy', 'failing', 'unknown'),
  provider: text,
};

const FILTERS: readonly Filter[] = [
  {
    name: 'health',
    label: 'Health',
    choices: [
      { value: 'healthy', label: 'Healthy' },
      { value: 'failing', label: 'Failing' },
      { value: 'unknown', label: 'Not called yet' },
    ],
  },
];

const COLUMNS: readonly Column<Provider>[] = [
  { id: 'name', header: 'Provider', width: 'minmax(120px, 1fr)', cell: ({ name }) => name },
  {
    id: 'health',
    header: 'Health',
    width: '130px',
    about: 'How the last call from this node ended.',
    cell: ({ health }) => <StatusDot of={health.state} />,
  },
  {
    id: 'dialect',
    header: 'Dialect',
    width: '110px',
    from: 560,
    about: 'Which API it speaks.',
    cell: ({ dialect }) => dialect,
  },
  {
    id: 'base',
    header: 'Base URL',
    width: 'minmax(180px, 2fr)',
    from: 760,
    cell: ({ base_url }) => <span className="mono secondary">{base_url}</span>,
  },
  {
    id: 'models',
    header: 'Models',
    width: '120px',
    from: 900,
    cell: ({ models, model_patterns }) =>
      models.length + model_patterns.length === 0
        ? 'All'
        : plural(models.length + model_patterns.length, 'name'),
  },
  {
    id: 'credential',
    header: 'Credential',
    width: '110px',
    from: 640,
    cell: ({ has_credential }) =>
      has_credential ? <span className="secondary">Set</span> : <Badge tone="warn">None</Badge>,
  },
  {
    id: 'success',
    header: 'Last success',
    width: '110px',
    align: 'end',
    from: 480,
    cell: ({ health }) => <RelativeTime at={health.last_success_at} />,
  },
];

export default function Providers() {
  const [search, setSearch] = useSearch(PARAMS);
  // Calls announce nothing, so their outcome is asked for.
  const list = useList('/api/v1/providers', undefined, { every: 15_000 });
  const word = search.q?.toLowerCase();
  const rows = list.items.filter(
    ({ name, base_url, health }) =>
      (!word || name.toLowerCase().includes(word) || base_url.toLowerCase().includes(word)) &&
      (!search.health || health.state === search.health),
  );
  return (
    <>
      <PageHeader
        title="Providers"
        about="Where calls go. Providers come from the gateway’s configuration; their credentials never leave it."
      />
      <FilterBar
        page="providers"
        filters={FILTERS}
        search={{ name: 'q', label: 'Search name or URL' }}
      />
      <Table
        fill
        label="Providers"
        list={{ ...list, items: rows }}
        rowKey={({ name }) => name}
        columns={COLUMNS}
        onOpen={({ name }) => setSearch({ provider: name })}
        empty={
          list.items.length > 0 ? (
            <EmptyState title="No provider matches these filters" />
          ) : (
            <EmptyState title="No provider yet">
              Add a <code>[[providers]]</code> table to the gateway’s configuration with its name,
              dialect, base URL and where its key is, and start the gateway again.
            </EmptyState>
          )
        }
      />
      {search.provider && (
        <ProviderPanel name={search.provider} onClose={() => setSearch({ provider: null })} />
      )}
    </>
  );
}
