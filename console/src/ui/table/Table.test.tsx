import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { expectAccessible, show } from '@/test/show';
import { Button, type Column, EmptyState, Table } from '@/ui';

interface Row {
  id: string;
  many: number;
}

const COLUMNS: Column<Row>[] = [
  { id: 'name', header: 'Name', cell: ({ id }) => id, sort: 'name' },
  { id: 'many', header: 'Many', align: 'end', cell: ({ many }) => many },
];
const ROWS: Row[] = ['alpha', 'beta', 'gamma'].map((id, many) => ({ id, many }));

function Sample({ rows = ROWS }: { rows?: Row[] }) {
  const [keys, set] = useState<ReadonlySet<string>>(new Set());
  return (
    <Table
      fill
      label="Things"
      rows={rows}
      rowKey={({ id }) => id}
      columns={COLUMNS}
      href={({ id }) => `/things/${id}`}
      selection={{ keys, set }}
      bulk={<Button small>Deny</Button>}
      empty={<EmptyState title="No things yet" />}
    />
  );
}

const address = () => screen.getByTestId('address').textContent;

test('keys move, select, open and forget', async () => {
  const user = userEvent.setup();
  show(<Sample />);
  await user.keyboard('jjx');
  expect(screen.getByText('1 selected')).toBeTruthy();
  const row = screen.getByText('beta').closest('[role=row]');
  expect(row?.getAttribute('aria-selected')).toBe('true');
  await user.keyboard('kx');
  expect(screen.getByText('2 selected')).toBeTruthy();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('toolbar')).toBeNull();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(address()).toBe('/things/alpha'));
});

test('the head selects all, and a row is a link', async () => {
  const user = userEvent.setup();
  show(<Sample />);
  await user.click(screen.getByLabelText('Select all rows read so far'));
  expect(screen.getByText('3 selected')).toBeTruthy();
  const link = within(screen.getByRole('grid')).getByRole('link', { name: 'gamma' });
  expect(link.getAttribute('href')).toBe('/things/gamma');
  await expectAccessible();
});

test('nothing to show says so', () => {
  show(<Sample rows={[]} />);
  expect(screen.getByText('No things yet')).toBeTruthy();
  expect(screen.queryByRole('grid')).toBeNull();
});
