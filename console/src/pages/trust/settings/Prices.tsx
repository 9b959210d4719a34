/** What models cost: the gateway's own list, and what was set instead. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { Badge, Button, type Column, EmptyState, Input, Field, Table } from '@/ui';
import { Two } from '../../fleet/parts/Identity';
import { PriceDialog } from './PriceDialog';

type Price = Schema<'Price'>;

/** Pixels under which a table says in one column what else has several. */
const NARROW = 620;

const idOf = ({ name }: Price) => name;

export function Prices() {
  const prices = useGet('/api/v1/prices');
  const overrides = useGet('/api/v1/prices/overrides');
  const may = useMay('administer');
  const [word, setWord] = useState('');
  const [editing, setEditing] = useState<Price | 'new' | null>(null);
  const own = new Set((overrides.data?.items ?? []).map(({ name }) => name));
  const back = useAct({
    run: (name: string) =>
      call(http.DELETE('/api/v1/prices/overrides/{name}', { params: { path: { name } } })),
    done: (_, name) => `${name} costs what the gateway’s list says again`,
    topics: ['settings', 'audit'],
  });
  const found = (prices.data?.items ?? []).filter(({ name }) =>
    name.toLowerCase().includes(word.trim().toLowerCase()),
  );
  const columns: readonly Column<Price>[] = [
    {
      id: 'name',
      header: 'Model',
      width: 'minmax(180px, 2fr)',
      from: NARROW,
      cell: ({ name }) => (
        <span className="row">
          <span className="truncate mono">{name}</span>
          {own.has(name) && <Badge title="Set here, instead of the gateway’s own list.">Set</Badge>}
        </span>
      ),
    },
    {
      id: 'name-and-price',
      header: 'Model',
      width: 'minmax(140px, 1fr)',
      until: NARROW,
      cell: ({ name, row }) => (
        <Two
          first={<span className="mono">{name}</span>}
          second={`prompt $${row.input}, answer $${row.output}${own.has(name) ? ', set here' : ''}`}
        />
      ),
    },
    {
      id: 'input',
      header: 'Prompt',
      width: '96px',
      align: 'end',
      from: NARROW,
      about: 'US dollars for a million tokens.',
      cell: ({ row }) => `$${row.input}`,
    },
    {
      id: 'cached',
      header: 'Cached',
      width: '96px',
      align: 'end',
      from: 640,
      cell: ({ row }) => (row.cached == null ? '–' : `$${row.cached}`),
    },
    {
      id: 'output',
      header: 'Answer',
      width: '96px',
      align: 'end',
      from: NARROW,
      cell: ({ row }) => `$${row.output}`,
    },
    {
      id: 'of',
      header: 'As of',
      width: '110px',
      align: 'end',
      from: 800,
      cell: ({ row }) => row.as_of ?? '–',
    },
    {
      id: 'acts',
      header: 'Actions',
      width: 'minmax(84px, 150px)',
      align: 'end',
      cell: (price) =>
        may && (
          <span className="row end">
            <Button small look="quiet" onClick={() => setEditing(price)}>
              Change
            </Button>
            {own.has(price.name) && (
              <Button small look="quiet" onClick={() => back.act(price.name)}>
                Reset
              </Button>
            )}
          </span>
        ),
    },
  ];
  return (
    <section className="section">
      <div className="row">
        <div className="grow">
          <Field label="Search models" hideLabel>
            <Input
              type="search"
              placeholder="Search models"
              value={word}
              onChange={(event) => setWord(event.target.value)}
            />
          </Field>
        </div>
        {may && (
          <Button look="primary" onClick={() => setEditing('new')}>
            Set a price
          </Button>
        )}
      </div>
      <p className="small secondary">
        US dollars for a million tokens. Budgets and the log count by them.
      </p>
      <Table
        label="Prices"
        rows={found}
        rowKey={idOf}
        columns={columns}
        tallUntil={NARROW}
        empty={
          <EmptyState title={prices.isPending ? 'Loading' : 'No price matches'}>
            A model without a price is used and counted as unpriced; budgets refuse it or not, as
            the configuration says.
          </EmptyState>
        }
      />
      {editing && (
        <PriceDialog price={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </section>
  );
}
